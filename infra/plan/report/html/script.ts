/** All the page runs: opening what is closed where a link, a button or the printer asks for it. */
export const SCRIPT = `
const setAll = (root, open) => root.querySelectorAll("details").forEach((each) => (each.open = open));
document.addEventListener("click", ({ target }) => {
  const { open, close } = target.dataset ?? {};
  if (open || close) setAll(document.getElementById(open ?? close), Boolean(open));
});
const reveal = () => {
  const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let each = goal; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  goal?.scrollIntoView();
};
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => setAll(document, true));
reveal();
`;
