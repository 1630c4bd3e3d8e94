/** Clones that live: where they are, how to get in, when they end, and what can be done with them. */
import { call, serverNow } from "./api.js";
import { arrange, setBadge } from "./cards.js";
import { copyButton, copyOf, element, part, setText, siteLink, timeAgo } from "./dom.js";
import { wordsOf } from "./forms.js";
import { absolute, countdown, nearness } from "./time.js";
import { CLONE_STATES } from "./words.js";

/** From so many on, a filter helps more than it is in the way. */
const MANY = 6;

const byId = (id) => document.getElementById(id);
const newestFirst = (one, other) =>
  other.created_at.localeCompare(one.created_at) || other.clone_id.localeCompare(one.clone_id);

export class CloneList {
  #cards = new Map();
  #clones = [];

  /** @param {{ extend: Function, restore: Function, remove: Function }} actions each gets the clone */
  constructor(actions) {
    this.actions = actions;
    byId("filter").addEventListener("input", () => this.#show());
  }

  /** @param {boolean} more whether the service has more than these */
  update(clones, more) {
    this.#clones = [...clones].sort(newestFirst);
    byId("clones-more").hidden = !more;
    setText(byId("clones-count"), clones.length === 0 ? "" : `${clones.length}${more ? "+" : ""}`);
    const hasMany = clones.length >= MANY || byId("filter").value !== "";
    byId("filter-field").hidden = !hasMany;
    this.#show();
  }

  clear() {
    byId("filter").value = "";
    this.update([], false);
    byId("clones-empty").hidden = true;
  }

  /** Each second. */
  tick() {
    for (const { tick } of this.#cards.values()) tick();
  }

  find(cloneId) {
    return this.#clones.find(({ clone_id: id }) => id === cloneId);
  }

  #show() {
    const wanted = byId("filter").value.trim().toLowerCase();
    const fits = ({ customer_id, clone_id, clone_url }) =>
      `${customer_id} ${clone_id} ${clone_url ?? ""}`.toLowerCase().includes(wanted);
    const shown = this.#clones.filter(fits);
    const make = () => new CloneCard(this.actions);
    arrange(byId("clones"), this.#cards, shown, ({ clone_id: id }) => id, make, byId("clones-title"));
    byId("clones-empty").hidden = this.#clones.length > 0;
    byId("clones-none").hidden = shown.length > 0 || this.#clones.length === 0;
    this.tick();
  }
}

class CloneCard {
  constructor(actions) {
    this.node = copyOf("clone-card");
    for (const [name, action] of Object.entries(actions)) {
      part(this.node, name).addEventListener("click", () => action(this.clone));
    }
    const access = part(this.node, "access");
    access.addEventListener("toggle", () => void this.#showAccess(access.open));
    this.tick = () => this.#tick();
  }

  update(clone) {
    const isNew = this.clone === undefined;
    const isElsewhere = this.clone?.clone_url !== clone.clone_url;
    this.clone = clone;
    const { clone_id: id, customer_id: customer, clone_url: url, status, status_message: message } = clone;
    if (isNew) {
      setText(part(this.node, "customer"), customer);
      setText(part(this.node, "id"), id);
      part(this.node, "made").append(timeAgo(clone.created_at));
      for (const name of ["extend", "restore", "remove"]) {
        const button = part(this.node, name);
        button.setAttribute("aria-label", `${button.textContent.replace("…", "")} the clone of ${customer}`);
      }
    }
    if (isNew || isElsewhere) this.#showAddress(url);
    setBadge(part(this.node, "badge"), CLONE_STATES[status] ?? { word: status, tone: "quiet" });
    setText(part(this.node, "message"), message ?? "");
    part(this.node, "message").hidden = message === null;
    part(this.node, "buttons").hidden = status === "ending";
    part(this.node, "restore").hidden = status !== "ready";
    part(this.node, "access").hidden = status !== "ready" || clone.job_id === null;
  }

  #tick() {
    const now = serverNow();
    const [start, end] = [Date.parse(this.clone.created_at), Date.parse(this.clone.expires_at)];
    const time = part(this.node, "end");
    const near = nearness(end, now);
    setText(part(this.node, "end-label"), near === "over" ? "has" : "ends in");
    setText(time, countdown(end, now));
    if (time.dateTime !== this.clone.expires_at) {
      time.dateTime = this.clone.expires_at;
      time.title = absolute(new Date(end));
    }
    this.node.dataset.near = near;
    part(this.node, "life").value = Math.max(0, Math.min(1, (end - now) / Math.max(1, end - start)));
  }

  #showAddress(url) {
    const address = part(this.node, "address");
    if (url === null) address.replaceChildren(element("span", { class: "muted" }, "It has no address yet"));
    else
      address.replaceChildren(
        siteLink(url, shown(url)),
        copyButton("the clone’s URL", () => url),
      );
  }

  /** Asked for when somebody looks, and gone when it is closed: passwords don't lie about. */
  async #showAccess(isOpen) {
    const body = part(this.node, "access-body");
    body.replaceChildren();
    if (!isOpen) return;
    body.append(element("p", { class: "muted" }, "Asking…"));
    try {
      const job = await call(`/api/v2/job-status/${this.clone.job_id}`);
      if (part(this.node, "access").open) body.replaceChildren(...accessOf(job));
    } catch (error) {
      body.replaceChildren(element("p", { class: "box bad", role: "alert" }, wordsOf(error)));
    }
  }
}

function accessOf({ username, password, login_url: loginUrl, clone_url: url }) {
  const once =
    loginUrl &&
    element(
      "p",
      {},
      siteLink(loginUrl, "Log in without a password", { class: "button" }),
      element("span", { class: "muted small" }, " The link works once, and for some minutes only."),
    );
  if (username === undefined) {
    const why = "This service shows no passwords of clones. Whoever runs it can say why, and change it.";
    return [once, element("p", { class: "muted" }, why)].filter(Boolean);
  }
  const admin = url && `${url.replace(/\/+$/, "")}/wp-admin/`;
  const rows = [
    admin &&
      row(
        "Admin",
        siteLink(admin, shown(admin)),
        copyButton("the admin’s URL", () => admin),
      ),
    row(
      "User",
      element("span", { class: "mono" }, username),
      copyButton("the user’s name", () => username),
    ),
    row("Password", ...passwordOf(password)),
  ];
  return [once, element("dl", {}, ...rows.filter(Boolean))].filter(Boolean);
}

function row(term, ...values) {
  return element("div", {}, element("dt", {}, term), element("dd", {}, ...values));
}

function passwordOf(password) {
  const hidden = "•".repeat(12);
  const text = element("span", { class: "mono" }, hidden);
  const show = element("button", { type: "button", class: "quiet", "aria-pressed": "false" }, "Show");
  show.setAttribute("aria-label", "Show the password");
  show.addEventListener("click", () => {
    const isShown = show.getAttribute("aria-pressed") === "true";
    show.setAttribute("aria-pressed", String(!isShown));
    setText(show, isShown ? "Show" : "Hide");
    setText(text, isShown ? hidden : password);
  });
  return [text, show, copyButton("the password", () => password)];
}

/** Without what everybody knows of a URL. */
function shown(url) {
  return url.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
