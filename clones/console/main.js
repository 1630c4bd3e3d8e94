/** The console: logs in, keeps the lists true, and joins lists and dialogs. */
import { call, forgetKey, keepKey, keyOfSession, Problem, request, serverNow, watchKey } from "./api.js";
import { createDialog, deleteDialog, extendDialog } from "./clone-dialogs.js";
import { CloneList } from "./clone-list.js";
import { refreshTimes, say, setText } from "./dom.js";
import { backoff, EventReader, isOver, stepOf } from "./events.js";
import { follow, pause } from "./follow.js";
import { onSubmit, prepareDialogs, showProblem, wordsOf } from "./forms.js";
import { JobList } from "./job-list.js";
import { Memory } from "./memory.js";
import { RestoreDialog } from "./restore-dialog.js";
import { absolute } from "./time.js";
import { jobKind, jobState, withJobs } from "./words.js";

/** Milliseconds between two looks at the lists: what others do shows up, streams tell the rest at once. */
const LOOK = 5000;

const byId = (id) => document.getElementById(id);
const memory = new Memory();
const shown = { clonePages: 1, jobPages: 1 };
/** Ends with the session. */
let session = new AbortController();
let wake = () => undefined;
const followed = new Set();

const clones = new CloneList({
  extend: extendDialog(async (clone) => {
    say(`The clone of ${clone.customer_id} lives until ${absolute(new Date(clone.expires_at))}.`);
    await refresh();
  }),
  restore: (clone) => restoring.open(clone),
  remove: deleteDialog(async (jobId, clone) => await begun(jobId, { customer: clone.customer_id })),
});

const jobs = new JobList({
  cancel: async (job) => {
    await call(`/api/v2/jobs/${job.job_id}/cancel`, { method: "POST" });
    say("Asked it to stop; what it made is taken back.");
    await refresh();
  },
  canRepeat: (job) => {
    const { wish, url } = memory.of(job.job_id);
    const isLost = job.status === "failed" || job.status === "cancelled";
    return isLost && (wish !== undefined || (url !== undefined && clones.find(job.clone_id) !== undefined));
  },
  again: (job) => {
    const about = memory.of(job.job_id);
    if (about.wish !== undefined) create(about.wish);
    else restoring.open(clones.find(job.clone_id), about);
  },
  readLog: async ({ job_id: jobId }) => {
    const response = await request(`/api/v2/jobs/${jobId}/events`, { signal: session.signal });
    jobs.tell(jobId, new EventReader().read(await response.text()).map(stepOf));
  },
  subjectOf: (job) =>
    memory.of(job.job_id).customer ?? clones.find(job.clone_id)?.customer_id ?? job.clone_id ?? undefined,
  isPreview: (job) => memory.of(job.job_id).preview === true,
});

const create = createDialog(async (jobId, wish) => await begun(jobId, { customer: wish.customer_id, wish }));
const restoring = new RestoreDialog(async (jobId, about) => await begun(jobId, about));

/** A job was accepted: it shows at once, whatever the lists' rhythm. */
async function begun(jobId, about) {
  memory.keep(jobId, about);
  await refresh().catch(() => wake());
  if (document.querySelector("dialog[open]") === null) jobs.focus(jobId);
}

async function refresh() {
  const { signal } = session;
  const [ofClones, ofJobs] = await Promise.all([
    pagesOf("/api/v2/clones?limit=100", "clones", shown.clonePages, signal),
    pagesOf("/api/v2/jobs?limit=20", "jobs", shown.jobPages, signal),
  ]);
  signal.throwIfAborted();
  for (const { job_id: jobId, customer_id: customer } of ofClones.items) {
    if (jobId !== null && memory.of(jobId).customer === undefined) memory.keep(jobId, { customer });
  }
  jobs.update(ofJobs.items, ofJobs.more);
  clones.update(withJobs(ofClones.items, jobs.underWay()), ofClones.more);
  refreshTimes(serverNow());
  for (const job of jobs.underWay()) void followOne(job, signal);
}

async function pagesOf(path, field, count, signal) {
  const items = [];
  let cursor = null;
  for (let page = 0; page < count; page += 1) {
    const more = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await call(`${path}${more}`, { signal });
    items.push(...answer[field]);
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return { items, more: cursor !== null };
}

async function followOne({ job_id: jobId }, signal) {
  if (followed.has(jobId)) return;
  followed.add(jobId);
  try {
    const job = await follow(jobId, {
      signal,
      onJob: (told) => jobs.put(told),
      onSteps: (steps) => {
        const told = jobs.tell(jobId, steps);
        if (told !== undefined && !isOver(told.status)) say(`${titleOf(told)}: ${told.status_message ?? ""}`, true);
      },
    });
    jobs.put(job);
    say(`${titleOf(job)}: ${jobState(job).word.toLowerCase()}.`);
    await refresh();
  } catch {
    // The lists' own rhythm goes on with it.
  } finally {
    followed.delete(jobId);
  }
}

function titleOf(job) {
  const { customer, preview } = memory.of(job.job_id);
  return `${jobKind(job, preview)} of ${customer ?? job.clone_id ?? job.job_id}`;
}

/** As long as the session lasts; while nobody looks, nothing is asked. */
async function keepTrue(signal) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (!document.hidden) await refresh();
      failures = 0;
      tellContact("");
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      tellContact(`${wordsOf(error)} It is tried again by itself; what you see may be old.`);
      if (error instanceof Problem && error.retryAfter > 0) await pause(error.retryAfter * 1000, signal).catch(() => 0);
    }
    const woken = new Promise((resolve) => (wake = resolve));
    const rested = pause(failures === 0 ? LOOK : backoff(failures, Math.random()), signal).catch(() => undefined);
    await Promise.race([woken, rested]);
  }
}

function tellContact(text) {
  setText(byId("contact"), text);
  byId("contact").hidden = text === "";
}

function show(isIn) {
  byId("app").hidden = !isIn;
  byId("login").hidden = isIn;
  byId("log-out").hidden = !isIn;
  byId("key-name").hidden = !isIn;
  // lw_<id>_<secret>: the id alone, as `keys list` shows it.
  setText(byId("key-name"), isIn ? `key ${/^lw_([0-9a-f]+)_/.exec(keyOfSession())?.[1] ?? ""}` : "");
}

function logIn() {
  session = new AbortController();
  show(true);
  void keepTrue(session.signal);
}

/** Leaves nothing of the tenant behind in the page. */
function logOut(problem) {
  session.abort(new DOMException("logged out", "AbortError"));
  forgetKey();
  memory.forget();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  Object.assign(shown, { clonePages: 1, jobPages: 1 });
  clones.clear();
  jobs.clear();
  tellContact("");
  say("");
  show(false);
  byId("login-form").reset();
  byId("key").focus();
  if (problem !== undefined) showProblem(byId("login-form"), problem);
}

onSubmit(byId("login-form"), async () => {
  const key = byId("key").value.trim();
  // What can be no header is no key; the API would never hear of it.
  if (!/^[!-~]{8,256}$/.test(key)) {
    const remedy = "Paste the whole of it: lw_, its id, and what follows";
    const error = { path: "Authorization", code: "", reason: "That is no API key", remedy };
    throw new Problem({ title: "No API key", errors: [error] });
  }
  await call("/api/v2/clones?limit=1", { key });
  keepKey(key);
  byId("login-form").reset();
  logIn();
  byId("clones-title").focus();
});

byId("log-out").addEventListener("click", () => logOut());
byId("new-clone").addEventListener("click", () => create());
byId("first-clone").addEventListener("click", () => create());
for (const [button, pages] of [
  ["clones-more", "clonePages"],
  ["jobs-more", "jobPages"],
]) {
  byId(button).addEventListener("click", () => {
    shown[pages] += 1;
    wake();
  });
}
document.addEventListener("visibilitychange", () => wake());
window.addEventListener("online", () => wake());
watchKey((problem) => logOut(problem));
prepareDialogs();
setInterval(() => {
  if (document.hidden || byId("app").hidden) return;
  clones.tick();
  refreshTimes(serverNow());
}, 1000);

if (keyOfSession() === undefined) {
  show(false);
  byId("key").focus();
} else logIn();
