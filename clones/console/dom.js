/** Elements, made and filled. Whatever comes from the service goes in as text. */
import { ago, absolute, clockTime } from "./time.js";

/** @param {Record<string, unknown>} attributes `onclick` and such are listeners; false and undefined leave one out */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, String(value));
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** What a template holds. */
export function copyOf(templateId) {
  return document.getElementById(templateId).content.firstElementChild.cloneNode(true);
}

/** The one element of this part below `root`. */
export function part(root, name) {
  return root.querySelector(`[data-part="${name}"]`);
}

/** Sets it only where it differs: screen readers and selections aren't disturbed for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A link that leads to a site and nowhere else: no other schemes, and the site learns nothing of this page. */
export function siteLink(url, text, attributes = {}) {
  const isSite = /^https?:\/\//i.test(url);
  if (!isSite) return element("span", attributes, text);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...attributes }, text);
}

/** `3 min ago`, with the exact time at hand; {@link refreshTimes} keeps it true. */
export function timeAgo(iso) {
  const time = new Date(iso);
  return element("time", { datetime: iso, title: absolute(time), "data-ago": iso });
}

/** The hour of a line of a log. */
export function timeOf(iso) {
  return element("time", { datetime: iso, title: absolute(new Date(iso)) }, clockTime(new Date(iso)));
}

export function refreshTimes(now) {
  for (const node of document.querySelectorAll("time[data-ago]")) setText(node, ago(Date.parse(node.dataset.ago), now));
}

/** A button that copies; it says so in its own words for a moment. */
export function copyButton(label, textOf) {
  const button = element("button", { type: "button", class: "quiet", "aria-label": `Copy ${label}` }, "Copy");
  button.addEventListener("click", () => {
    void copy(textOf()).then((isDone) => {
      setText(button, isDone ? "Copied" : "Can't copy");
      say(isDone ? `Copied ${label}.` : `Your browser doesn't let the page copy ${label}.`, true);
      setTimeout(() => setText(button, "Copy"), 1800);
    });
  });
  return button;
}

/** Clipboards are for secure pages alone. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Tells what happened: to be read on the page, and by screen readers in their own time.
 *
 * @param {boolean} quietly for screen readers alone
 */
export function say(text, quietly = false) {
  setText(document.getElementById("announcer"), text);
  if (quietly) return;
  const notice = document.getElementById("notice");
  setText(notice, text);
  clearTimeout(fading);
  fading = setTimeout(() => setText(notice, ""), NOTICE);
}

/** Milliseconds that a notice stays: what it says, the lists say too. */
const NOTICE = 6000;
let fading;
