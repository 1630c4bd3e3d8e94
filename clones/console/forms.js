/** Forms that say what is wrong where it is wrong, in the API's words, and dialogs around them. */
import { Problem } from "./api.js";
import { element } from "./dom.js";

/** The value of a field, or nothing if it is empty: the API has defaults of its own. */
export function valueOf(form, id) {
  const value = form.querySelector(`#${id}`).value.trim();
  return value === "" ? undefined : value;
}

export function clearProblem(form) {
  const box = form.querySelector(".problem");
  box.hidden = true;
  box.replaceChildren();
  for (const message of form.querySelectorAll(".field .error")) message.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    describe(input, (ids) => ids.filter((id) => !id.endsWith("-error")));
  }
}

/** Each of its errors at the field that it names, the rest above the form; the first wrong field gets the focus. */
export function showProblem(form, error) {
  clearProblem(form);
  const { title, detail, code, errors, instance } = asProblem(error);
  const elsewhere = errors.filter((one) => !showAtField(form, one));
  const first = form.querySelector("[aria-invalid]");
  if (elsewhere.length > 0 || errors.length === 0 || first === null) {
    const sentences = elsewhere.map(({ reason, remedy }) => sentence(reason, remedy));
    const box = form.querySelector(".problem");
    const request = instance === "" ? undefined : element("span", { class: "small muted mono" }, ` ${instance}`);
    box.replaceChildren(
      element("strong", {}, `${title}. `),
      sentences.length > 0 ? sentences.join(" ") : detail,
      code === "" ? "" : element("span", { class: "small mono" }, ` ${code}`),
      request ?? "",
    );
    box.hidden = false;
  }
  first?.focus();
}

/** @returns whether the form has such a field */
function showAtField(form, { path, reason, remedy }) {
  // scopes.0 is a matter of scopes.
  const field = form.querySelector(`.field[data-path="${CSS.escape(path)}"]`) ?? fieldOf(form, path.split(".")[0]);
  const input = field?.querySelector("input, select");
  if (!input) return false;
  const id = `${input.id}-error`;
  document.getElementById(id)?.remove();
  field.append(element("p", { class: "error", id }, sentence(reason, remedy)));
  input.setAttribute("aria-invalid", "true");
  describe(input, (ids) => [...ids, id]);
  for (let outer = field.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  return true;
}

function fieldOf(form, path) {
  return form.querySelector(`.field[data-path="${CSS.escape(path)}"]`);
}

function describe(input, change) {
  const ids = change((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (ids.length > 0) input.setAttribute("aria-describedby", ids.join(" "));
  else input.removeAttribute("aria-describedby");
}

function sentence(reason, remedy) {
  return [reason, remedy]
    .filter(Boolean)
    .map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`)
    .join(" ");
}

function asProblem(error) {
  if (error instanceof Problem) return error;
  return new Problem({ title: "The page failed", detail: String(error?.message ?? error) });
}

/** Problems outside of a form: one sentence. */
export function wordsOf(error) {
  const { title, errors, detail } = asProblem(error);
  const [first] = errors;
  return first === undefined ? `${title}. ${detail}` : sentence(first.reason, first.remedy);
}

/**
 * Runs `work` at each submission, one at a time; what it throws is shown in the form.
 *
 * @param {(event: SubmitEvent) => Promise<void>} work
 */
export function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    clearProblem(form);
    void work(event)
      .catch((error) => showProblem(form, error))
      .finally(() => form.removeAttribute("aria-busy"));
  });
}

/** Opens it empty, and forgets at its end whatever was typed: passwords above all. */
export function openDialog(dialog) {
  const form = dialog.querySelector("form");
  form.reset();
  clearProblem(form);
  dialog.showModal();
}

/** Once for each dialog of the page. */
export function prepareDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    for (const button of dialog.querySelectorAll("[data-close]")) {
      button.addEventListener("click", () => dialog.close());
    }
    dialog.addEventListener("close", () => dialog.querySelector("form").reset());
  }
}
