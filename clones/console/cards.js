/** Lists of cards that are brought up to date in place: what somebody reads, opens or points at stays where it is. */

/**
 * @param {HTMLElement} list
 * @param {Map<string, { node: HTMLElement, update: (item: object) => void }>} cards by id; kept by the caller
 * @param {object[]} items as they are to stand
 * @param {(item: object) => { node: HTMLElement, update: (item: object) => void }} make
 * @param {HTMLElement} refuge gets the focus of a card that goes
 */
export function arrange(list, cards, items, idOf, make, refuge) {
  const ids = new Set(items.map(idOf));
  for (const [id, { node }] of cards) {
    if (ids.has(id)) continue;
    const hadFocus = node.contains(document.activeElement);
    node.remove();
    cards.delete(id);
    if (hadFocus) refuge.focus();
  }
  let place = list.firstElementChild;
  for (const item of items) {
    const id = idOf(item);
    const card = cards.get(id) ?? make(item);
    cards.set(id, card);
    card.update(item);
    if (card.node === place) place = place.nextElementSibling;
    else list.insertBefore(card.node, place);
  }
}

export function setBadge(node, { word, tone }) {
  if (node.textContent !== word) node.textContent = word;
  node.dataset.tone = tone;
}
