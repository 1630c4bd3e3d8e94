/** Puts a site back as it was before a restore: with its credentials once more, and its name typed. */
import { call, newIdempotencyKey } from "./api.js";
import { part, setText } from "./dom.js";
import { onSubmit, openDialog, valueOf } from "./forms.js";
import { absolute } from "./time.js";
import { hostOf, putBackUntil } from "./words.js";

/** @param {(jobId: string, restore: object) => Promise<void>} accepted @returns what opens it for a restore's job */
export function rollbackDialog(accepted) {
  const box = document.getElementById("put-back");
  const form = box.querySelector("form");
  const typed = form.querySelector("#put-back-typed");
  let restore;
  let key;
  const host = () => hostOf(restore.result.target_url);
  const allow = () => {
    part(form, "confirm").disabled = typed.value.trim().toLowerCase() !== host();
  };
  typed.addEventListener("input", allow);
  // The same as before is one job, however often its answer is lost; anything else is another request.
  form.addEventListener("input", () => (key = newIdempotencyKey()));
  onSubmit(form, async () => {
    if (part(form, "confirm").disabled) return;
    const password = form.querySelector("#put-back-password").value;
    const target = {
      username: valueOf(form, "put-back-username"),
      password: password === "" ? undefined : password,
      api_key: valueOf(form, "put-back-api-key"),
    };
    const path = `/api/v2/jobs/${restore.job_id}/rollback`;
    const headers = { "idempotency-key": key };
    const { job_id: jobId } = await call(path, { method: "POST", body: { target }, headers });
    box.close();
    await accepted(jobId, restore);
  });
  return (job) => {
    restore = job;
    key = newIdempotencyKey();
    openDialog(box);
    for (const name of ["title-host", "host", "button-host"]) setText(part(form, name), host());
    setText(part(form, "since"), absolute(new Date(job.completed_at)));
    setText(part(form, "until"), absolute(new Date(putBackUntil(job))));
    allow();
    form.querySelector("#put-back-username").focus();
  };
}
