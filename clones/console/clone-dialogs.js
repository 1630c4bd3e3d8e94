/** Dialogs that make, extend and delete clones. */
import { call, newIdempotencyKey } from "./api.js";
import { part, setText } from "./dom.js";
import { onSubmit, openDialog, valueOf } from "./forms.js";
import { absolute, duration } from "./time.js";

const dialog = (id) => document.getElementById(id);

/** A number of some unit, in minutes; nothing if it is empty. */
function minutesOf(form, id) {
  const text = form.querySelector(`#${id}`).value;
  return text === "" ? undefined : Number(text) * Number(form.querySelector(`#${id}-unit`).value);
}

/** The same body gets the same key, so that asking again after a lost answer makes one job. */
function idempotent() {
  let last = { text: "", key: "" };
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== last.text) last = { text, key: newIdempotencyKey() };
    return { method: "POST", body, headers: { "idempotency-key": last.key } };
  };
}

/**
 * @param {(jobId: string, wish: object) => Promise<void>} accepted gets what was asked for, without its secrets
 * @returns what opens it, filled with a wish of before
 */
export function createDialog(accepted) {
  const box = dialog("create");
  const form = box.querySelector("form");
  let options = idempotent();
  onSubmit(form, async () => {
    const wish = {
      source_url: valueOf(form, "source-url") ?? "",
      customer_id: valueOf(form, "customer-id") ?? "",
      ttl_minutes: minutesOf(form, "life"),
      anonymize: form.querySelector("#anonymize").checked,
    };
    const access = {
      source_username: valueOf(form, "source-username"),
      source_password: form.querySelector("#source-password").value || undefined,
      source_api_key: valueOf(form, "source-api-key"),
    };
    const { job_id: jobId } = await call("/api/v2/clone", options({ ...wish, ...access }));
    box.close();
    await accepted(jobId, wish);
  });
  return (wish = {}) => {
    options = idempotent();
    openDialog(box);
    form.querySelector("#source-access").open = true;
    form.querySelector("#source-url").value = wish.source_url ?? "";
    form.querySelector("#customer-id").value = wish.customer_id ?? "";
    form.querySelector("#anonymize").checked = wish.anonymize === true;
    if (wish.ttl_minutes !== undefined) form.querySelector("#life").value = wish.ttl_minutes;
  };
}

/** A week, the longest life: the API has it in minutes from the clone's creation. */
const LONGEST = 10_080;

/** @param {(clone: object) => Promise<void>} extended @returns what opens it for a clone */
export function extendDialog(extended) {
  const box = dialog("extend");
  const form = box.querySelector("form");
  let clone;
  const lifeOf = () => {
    const lives = (Date.parse(clone.expires_at) - Date.parse(clone.created_at)) / 60_000;
    return Math.ceil(lives + (minutesOf(form, "longer") ?? 0));
  };
  const tell = () => {
    const minutes = lifeOf();
    const until = new Date(Date.parse(clone.created_at) + minutes * 60_000);
    const isTooLong = !(minutes <= LONGEST);
    setText(
      part(form, "then"),
      isTooLong
        ? `A clone lives ${duration(LONGEST)} at most, counted from when it was made.`
        : `Then it ends at ${absolute(until)}, ${duration(minutes)} after it was made.`,
    );
  };
  form.addEventListener("input", tell);
  onSubmit(form, async () => {
    const path = `/api/v2/clones/${clone.clone_id}/extend`;
    const longer = await call(path, { method: "POST", body: { ttl_minutes: lifeOf() } });
    box.close();
    await extended(longer);
  });
  return (which) => {
    clone = which;
    openDialog(box);
    setText(part(form, "name"), clone.customer_id);
    setText(part(form, "end"), absolute(new Date(clone.expires_at)));
    tell();
  };
}

/** @param {(jobId: string, clone: object) => Promise<void>} accepted @returns what opens it for a clone */
export function deleteDialog(accepted) {
  const box = dialog("delete");
  const form = box.querySelector("form");
  let clone;
  onSubmit(form, async () => {
    const { job_id: jobId } = await call(`/api/v2/delete/${clone.clone_id}`, { method: "DELETE" });
    box.close();
    await accepted(jobId, clone);
  });
  return (which) => {
    clone = which;
    openDialog(box);
    setText(part(form, "customer"), clone.customer_id);
    setText(part(form, "name"), clone.clone_id);
    setText(part(form, "button-name"), clone.clone_id);
    setText(part(form, "url"), clone.clone_url ?? "");
  };
}
