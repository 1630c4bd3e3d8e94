/** What this tab knows of the jobs it asked for: the API tells neither source nor target. Never a secret. */

const PLACE = "clones.jobs";

/** Jobs remembered; the oldest go. */
const MOST = 200;

export class Memory {
  #jobs = new Map(JSON.parse(sessionStorage.getItem(PLACE) ?? "[]"));

  /** `{ customer?, wish?, preview?, url?, scopes? }` */
  of(jobId) {
    return this.#jobs.get(jobId) ?? {};
  }

  keep(jobId, about) {
    this.#jobs.set(jobId, { ...this.of(jobId), ...about });
    const entries = [...this.#jobs].slice(-MOST);
    this.#jobs = new Map(entries);
    sessionStorage.setItem(PLACE, JSON.stringify(entries));
  }

  forget() {
    this.#jobs.clear();
    sessionStorage.removeItem(PLACE);
  }
}
