/** Jobs, newest first: how far they are, what they said, why they failed. */
import { arrange, setBadge } from "./cards.js";
import { copyOf, element, part, setText, timeAgo, timeOf } from "./dom.js";
import { isOver, linesOf, mergeSteps, newer, withStep } from "./events.js";
import { wordsOf } from "./forms.js";
import { jobKind, jobState } from "./words.js";

const byId = (id) => document.getElementById(id);
const newestFirst = (one, other) =>
  other.created_at.localeCompare(one.created_at) || other.job_id.localeCompare(one.job_id);

export class JobList {
  #cards = new Map();
  #jobs = new Map();
  #steps = new Map();

  /**
   * @param {object} tools `cancel(job)`, `again(job)`, `canRepeat(job)`, `readLog(job)`, `subjectOf(job)`, and
   * `isPreview(job)`
   */
  constructor(tools) {
    this.tools = tools;
  }

  update(jobs, more) {
    const known = this.#jobs;
    this.#jobs = new Map(jobs.map((job) => [job.job_id, newer(known.get(job.job_id), job)]));
    byId("jobs-more").hidden = !more;
    byId("jobs-empty").hidden = jobs.length > 0;
    const make = () => new JobCard(this.tools, (id) => this.#steps.get(id) ?? []);
    const sorted = [...this.#jobs.values()].sort(newestFirst);
    arrange(byId("jobs"), this.#cards, sorted, ({ job_id: id }) => id, make, byId("jobs-title"));
  }

  clear() {
    this.#steps.clear();
    this.update([], false);
    byId("jobs-empty").hidden = true;
  }

  /** Those that aren't over. */
  underWay() {
    return [...this.#jobs.values()].filter(({ status }) => !isOver(status));
  }

  /** What a stream told of one. @returns the job now */
  tell(jobId, steps) {
    this.#steps.set(jobId, mergeSteps(this.#steps.get(jobId) ?? [], steps));
    const job = this.#jobs.get(jobId);
    if (job === undefined) return undefined;
    const told = steps.reduce(withStep, job);
    this.put(told);
    return told;
  }

  /** One job anew. */
  put(job) {
    const told = newer(this.#jobs.get(job.job_id), job);
    if (!this.#jobs.has(job.job_id)) return;
    this.#jobs.set(job.job_id, told);
    this.#cards.get(job.job_id)?.update(told);
  }

  /** So that whoever asked for it sees it begin. */
  focus(jobId) {
    const node = this.#cards.get(jobId)?.node;
    node?.focus({ preventScroll: true });
    node?.scrollIntoView({ block: "nearest" });
  }
}

class JobCard {
  constructor(tools, stepsOf) {
    this.tools = tools;
    this.stepsOf = stepsOf;
    this.node = copyOf("job-card");
    part(this.node, "cancel").addEventListener("click", () => void this.#cancel());
    part(this.node, "again").addEventListener("click", () => tools.again(this.job));
    part(this.node, "log").addEventListener("toggle", () => void this.#openLog());
  }

  update(job) {
    const { tools, node } = this;
    if (this.job === undefined) {
      part(node, "when").append(timeAgo(job.created_at));
      setText(part(node, "id"), job.job_id);
    }
    this.job = job;
    const subject = tools.subjectOf(job);
    const title = `${jobKind(job, tools.isPreview(job))}${subject === undefined ? "" : ` of ${subject}`}`;
    setText(part(node, "title"), title);
    setBadge(part(node, "badge"), jobState(job));
    node.dataset.status = job.status;
    const isUnderWay = !isOver(job.status);
    const bar = part(node, "progress");
    bar.hidden = !isUnderWay;
    bar.value = job.progress;
    bar.setAttribute("aria-label", `Progress: ${title}`);
    setText(part(node, "message"), messageOf(job));
    this.#showError(job.status === "completed" ? null : job.error, job.error_code);
    this.#showButtons(isUnderWay && !job.cancel_requested, tools.canRepeat(job));
    this.#showLines();
  }

  #showError(error, code) {
    const box = part(this.node, "error");
    box.hidden = error === null;
    // The sentence begins with its code, and looks better without it.
    const text = error === null ? "" : error.replace(new RegExp(`^${code ?? ""} `), "");
    if (box.dataset.text === text) return;
    box.dataset.text = text;
    box.replaceChildren(text, code === null ? "" : element("span", { class: "small mono code" }, code));
  }

  #showButtons(canCancel, canRepeat) {
    part(this.node, "cancel").hidden = !canCancel;
    part(this.node, "again").hidden = !canRepeat;
    part(this.node, "buttons").hidden = !canCancel && !canRepeat;
  }

  #showLines() {
    const log = part(this.node, "lines");
    const lines = linesOf(this.stepsOf(this.job.job_id));
    const texts = lines.map(({ text, progress, status }) => `${progress}|${status}|${text}`);
    if (log.dataset.lines === texts.join("\n")) return;
    log.dataset.lines = texts.join("\n");
    const itemOf = ({ text, progress, at }) =>
      element("li", {}, timeOf(at), element("span", {}, text), element("span", { class: "number" }, `${progress} %`));
    log.replaceChildren(...lines.map(itemOf));
  }

  async #openLog() {
    const state = part(this.node, "log-state");
    if (!part(this.node, "log").open || !isOver(this.job.status) || this.hasLog === true) return;
    setText(state, "Reading the log…");
    try {
      await this.tools.readLog(this.job);
      this.hasLog = true;
      setText(state, "");
    } catch (error) {
      setText(state, wordsOf(error));
    }
    this.#showLines();
  }

  async #cancel() {
    const button = part(this.node, "cancel");
    button.disabled = true;
    try {
      await this.tools.cancel(this.job);
      this.node.focus();
    } catch (error) {
      this.#showError(wordsOf(error), error.code ?? null);
    } finally {
      button.disabled = false;
    }
  }
}

function messageOf({ status, status_message: message, result }) {
  if (status === "pending" && message === null) return "Waits for a worker";
  if (status === "completed" && result?.conflicts?.length > 0) return `${message} · conflicts were found`;
  if ((status === "failed" || status === "cancelled") && message) return `Ended at: ${message}`;
  return message ?? "";
}
