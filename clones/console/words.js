/** States and kinds in the words of people. Colours only repeat what the words say. */

export const CLONE_STATES = {
  creating: { word: "Being made", tone: "busy" },
  ready: { word: "Ready", tone: "good" },
  ending: { word: "Ending", tone: "quiet" },
};

const JOB_STATES = {
  pending: { word: "Waiting", tone: "busy" },
  running: { word: "Running", tone: "busy" },
  completed: { word: "Done", tone: "good" },
  failed: { word: "Failed", tone: "bad" },
  cancelled: { word: "Cancelled", tone: "quiet" },
};

/** One that was asked to stop, and hasn't yet. */
const STOPPING = { word: "Stopping", tone: "quiet" };

export function jobState({ status, cancel_requested: isCancelled }) {
  const isUnderWay = status === "pending" || status === "running";
  return isCancelled && isUnderWay ? STOPPING : (JOB_STATES[status] ?? { word: status, tone: "quiet" });
}

/** `Clone`, `Restore`, `Preview of a restore`, `Rollback of a restore`, `Deletion`, `Copy of a database`. */
export function jobKind({ type, result, rollback_of: restore }, isPreview = false) {
  if (restore !== undefined) return "Rollback of a restore";
  if (type === "restore" && (isPreview || result?.dry_run === true)) return "Preview of a restore";
  return { clone: "Clone", restore: "Restore", delete: "Deletion", copy: "Copy of a database" }[type] ?? type;
}

/** Milliseconds for which a site that was restored keeps what it had. */
const KEPT = 86_400_000;

/** Until when a restore can be put back, in milliseconds since 1970. */
export function putBackUntil({ completed_at: end }) {
  return Date.parse(end) + KEPT;
}

/** @param {object[]} jobs those that are known: one that puts it back, or has, stands in the way */
export function canPutBack(job, jobs, now) {
  const { job_id: id, type, status, result, rollback_of: restore } = job;
  const isRestored = type === "restore" && status === "completed" && restore === undefined && result?.dry_run === false;
  if (!isRestored || typeof result.target_url !== "string" || now > putBackUntil(job)) return false;
  const isLost = (other) => other.status === "failed" || other.status === "cancelled";
  return jobs.every((other) => other.rollback_of !== id || isLost(other));
}

/** `www.example.com` of an address; what is none stays as it is. */
export function hostOf(url) {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).host : url.toLowerCase();
}

/** A clone whose site is still being copied serves already, and one whose deletion waits doesn't know of it yet. */
export function withJobs(clones, underWay) {
  const made = new Set(underWay.filter(({ type }) => type === "clone").map(({ job_id: id }) => id));
  const ended = new Set(underWay.filter(({ type }) => type === "delete").map(({ clone_id: id }) => id));
  return clones.map((clone) => {
    if (ended.has(clone.clone_id)) return { ...clone, status: "ending" };
    return made.has(clone.job_id) ? { ...clone, status: "creating" } : clone;
  });
}

/** What of a site is brought back; users are left out unless somebody asks for them. */
export const SCOPES = [
  { name: "content", label: "Content", hint: "posts, pages, comments, tables of plugins" },
  { name: "uploads", label: "Uploads", hint: "images and other media" },
  { name: "plugins", label: "Plugins", hint: "their files, and which are on" },
  { name: "themes", label: "Themes", hint: "their files, and which is on" },
  { name: "options", label: "Options", hint: "settings of WordPress and of plugins" },
  { name: "users", label: "Users", hint: "replace the site’s own, passwords included", isRisky: true },
];

export function scopeLabel(name) {
  return SCOPES.find((scope) => scope.name === name)?.label ?? name;
}

/** `content`, `content and uploads`, `content, uploads and themes`. */
export function listed(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `1 conflict.`, `3 conflicts.` */
export function counted(count, one) {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** What a preview found: figures by scope in the order of {@link SCOPES}, then what a newer service may add. */
export function changesOf(result) {
  const given = Object.entries(result?.changes ?? {});
  const order = SCOPES.map(({ name }) => name);
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return given
    .map(([name, count]) => ({ name, label: scopeLabel(name), count: Number(count) || 0 }))
    .sort((one, other) => place(one.name) - place(other.name));
}
