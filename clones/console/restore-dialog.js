/** Brings a clone's changes to a site: target and scopes, a preview, then a confirmation of just that. */
import { call, newIdempotencyKey, Problem } from "./api.js";
import { element, part, setText } from "./dom.js";
import { follow } from "./follow.js";
import { onSubmit, openDialog, valueOf } from "./forms.js";
import { changesOf, counted, listed, scopeLabel, SCOPES } from "./words.js";

/** What gets the focus in each. */
const STEPS = { target: "#target-url", comparing: '[data-part="stop"]', confirm: '[data-part="verdict"]' };

/** Conflicts shown one by one; all of them count. */
const SHOWN = 100;

export class RestoreDialog {
  #box = document.getElementById("restore");
  #form = this.#box.querySelector("form");
  #watching = new AbortController();
  #step = "target";

  /** @param {(jobId: string, about: object) => Promise<void>} accepted told of the preview's job and of the restore's */
  constructor(accepted) {
    this.accepted = accepted;
    part(this.#form, "scopes").append(...SCOPES.flatMap(scopeChoice));
    onSubmit(this.#form, async () => await (this.#step === "confirm" ? this.#restore() : this.#preview()));
    part(this.#form, "back").addEventListener("click", () => this.#show("target"));
    part(this.#form, "stop").addEventListener("click", () => void this.#stop());
    this.#form.querySelector("#typed").addEventListener("input", () => this.#allow());
    this.#box.addEventListener("close", () => {
      this.#watching.abort();
      this.#wish = undefined;
    });
  }

  #clone;
  /** With the target's password, as long as the dialog is open. */
  #wish;
  #jobId;

  /** @param {object} about `url` and `scopes` of an earlier one */
  open(clone, about = {}) {
    this.#clone = clone;
    openDialog(this.#box);
    setText(part(this.#form, "name"), clone.customer_id);
    if (about.url !== undefined) this.#form.querySelector("#target-url").value = about.url;
    if (about.scopes !== undefined) {
      for (const box of this.#scopeBoxes()) box.checked = about.scopes.includes(box.value);
    }
    this.#show("target");
    this.#form.querySelector("#target-url").focus();
  }

  #show(step) {
    this.#step = step;
    for (const name of Object.keys(STEPS)) this.#form.querySelector(`[data-step="${name}"]`).hidden = name !== step;
    // Whoever had the focus on what is hidden now would be thrown out of the dialog.
    if (document.activeElement?.closest("[hidden]") !== null) this.#form.querySelector(STEPS[step]).focus();
  }

  #scopeBoxes() {
    return [...this.#form.querySelectorAll('[data-path="scopes"] input')];
  }

  async #preview() {
    const scopes = this.#scopeBoxes().flatMap((box) => (box.checked ? [box.value] : []));
    this.#wish = {
      source: { clone_id: this.#clone.clone_id },
      target: {
        url: valueOf(this.#form, "target-url") ?? "",
        username: valueOf(this.#form, "target-username") ?? "",
        password: this.#form.querySelector("#target-password").value,
      },
      scopes,
    };
    const jobId = await this.#submit({ ...this.#wish, dry_run: true });
    this.#jobId = jobId;
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    this.#compare("Waiting for a worker", 0);
    try {
      await this.accepted(jobId, { preview: true, customer: this.#clone.customer_id });
      const job = await follow(jobId, {
        signal,
        onSteps: (steps) => this.#compare(steps.at(-1).message, steps.at(-1).progress),
        onJob: ({ status_message: message, progress }) => this.#compare(message, progress),
      });
      if (job.status === "completed") this.#confirm(job.result);
      else this.#giveUp(job);
    } catch (error) {
      // Closed meanwhile: the preview changes nothing, and its job shows in the list.
      if (signal.aborted) return;
      this.#show("target");
      throw error;
    }
  }

  #compare(message, progress) {
    this.#show("comparing");
    setText(part(this.#form, "comparing-message"), message ?? "Comparing");
    part(this.#form, "comparing-progress").value = progress;
  }

  async #stop() {
    this.#watching.abort();
    this.#show("target");
    await call(`/api/v2/jobs/${this.#jobId}/cancel`, { method: "POST" }).catch(() => undefined);
  }

  #giveUp({ error, error_code: code, status }) {
    this.#show("target");
    const title = status === "cancelled" ? "The preview was cancelled" : "The preview failed";
    const detail = (error ?? "").replace(new RegExp(`^${code ?? ""} `), "");
    throw new Problem({ title, detail, code: code ?? "" });
  }

  #confirm(result) {
    this.#show("confirm");
    const changes = changesOf(result);
    const conflicts = result?.conflicts ?? [];
    const sum = changes.reduce((total, { count }) => total + count, 0);
    const host = hostOf(this.#wish.target.url);
    const verdict = part(this.#form, "verdict");
    setText(
      verdict,
      sum === 0 ? `Nothing would change on ${host}` : `${counted(sum, "change")} would be made to ${host}`,
    );
    const rows = changes.map(({ label, count }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, label),
        element("td", { class: "number" }, count === 0 ? "none" : String(count)),
      ),
    );
    part(this.#form, "changes")
      .querySelector("tbody")
      .replaceChildren(...rows);
    part(this.#form, "changes").hidden = rows.length === 0;
    this.#showConflicts(conflicts, host);
    const scopes = listed(this.#wish.scopes.map((scope) => scopeLabel(scope).toLowerCase()));
    setText(part(this.#form, "scope-list"), `It brings back ${scopes}.`);
    setText(part(this.#form, "confirm"), `${conflicts.length > 0 ? "Overwrite" : "Restore to"} ${host}`);
    this.#force = conflicts.length > 0;
    this.#hasChanges = sum > 0 || conflicts.length > 0 || rows.length === 0;
    this.#allow();
    verdict.focus();
  }

  #force = false;
  #hasChanges = false;

  #showConflicts(conflicts, host) {
    part(this.#form, "conflicts").hidden = conflicts.length === 0;
    setText(part(this.#form, "conflict-count"), `${counted(conflicts.length, "conflict")}.`);
    setText(part(this.#form, "host"), host);
    this.#form.querySelector("#typed").value = "";
    const named = conflicts.slice(0, SHOWN).map((one) => element("li", {}, textOf(one)));
    const rest = conflicts.length > SHOWN ? [element("li", {}, `and ${conflicts.length - SHOWN} more`)] : [];
    this.#form.querySelector(".conflicts").replaceChildren(...named, ...rest);
  }

  /** Overwriting somebody's work takes more than one key. */
  #allow() {
    const typed = this.#form.querySelector("#typed").value.trim().toLowerCase();
    const mayForce = !this.#force || typed === hostOf(this.#wish?.target.url ?? "");
    const button = part(this.#form, "confirm");
    button.disabled = !(this.#hasChanges && mayForce);
    button.classList.toggle("danger", this.#force);
    button.classList.toggle("solid", this.#force);
    button.classList.toggle("primary", !this.#force);
  }

  async #restore() {
    if (part(this.#form, "confirm").disabled) return;
    const { customer_id: customer } = this.#clone;
    const { target, scopes } = this.#wish;
    const jobId = await this.#submit({ ...this.#wish, dry_run: false, force: this.#force });
    this.#box.close();
    await this.accepted(jobId, { preview: false, customer, url: target.url, scopes });
  }

  async #submit(body) {
    const headers = { "idempotency-key": newIdempotencyKey() };
    try {
      const { job_id: jobId } = await call("/api/v2/restore", { method: "POST", body, headers });
      return jobId;
    } catch (error) {
      // Its fields are on the first page.
      this.#show("target");
      throw error;
    }
  }
}

function scopeChoice({ name, label, hint, isRisky = false }) {
  const id = `scope-${name}`;
  const box = element("input", {
    type: "checkbox",
    id,
    value: name,
    checked: !isRisky,
    "aria-describedby": `${id}-hint`,
  });
  return element(
    "div",
    { class: "check" },
    box,
    element("label", { for: id }, label),
    element("span", { class: `hint${isRisky ? " risky" : ""}`, id: `${id}-hint` }, hint),
  );
}

function hostOf(url) {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).host : url.toLowerCase();
}

function textOf(conflict) {
  return typeof conflict === "string" ? conflict : JSON.stringify(conflict);
}
