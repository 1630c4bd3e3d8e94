/** All the page runs: opening what is closed where a link, a button or the printer asks for it, and searching a tree. */
export const SCRIPT = `
const setAll = (root, open) => root.querySelectorAll("details").forEach((each) => (each.open = open));
document.addEventListener("click", ({ target }) => {
  const { open, close } = target.dataset ?? {};
  if (open || close) setAll(document.getElementById(open ?? close), Boolean(open));
});
document.addEventListener("input", ({ target }) => {
  if (target.dataset.search) search(target, document.getElementById(target.dataset.search));
});
const search = (field, tree) => {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const items = [...tree.querySelectorAll("li")];
  const own = (item) => (item.querySelector(":scope > details > summary") ?? item).textContent.toLowerCase();
  const found = new Set(items.filter((item) => words.every((word) => own(item).includes(word))));
  for (const item of items) {
    const within = item.querySelectorAll("li");
    const leads = [...within].some((each) => found.has(each));
    const belongs = item.closest("ul").closest("li");
    const shown = found.has(item) || leads || (belongs !== null && !belongs.hidden && belongs.dataset.whole === "true");
    item.hidden = !shown;
    item.dataset.whole = shown && (found.has(item) || belongs?.dataset.whole === "true") && !leads;
    const details = item.querySelector(":scope > details");
    if (details) details.open = words.length > 0 && leads;
  }
  field.parentElement.querySelector("output").textContent = words.length === 0 ? "" : found.size + " found";
};
const reveal = () => {
  const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let each = goal; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  goal?.scrollIntoView();
};
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => setAll(document, true));
reveal();
`;
