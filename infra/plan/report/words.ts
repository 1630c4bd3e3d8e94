/** `1 object`, `2 objects`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `a, b and c`, each once. */
export function inList(items: readonly string[], last = "and"): string {
  const unique = [...new Set(items)];
  return unique.length < 2 ? unique.join("") : `${unique.slice(0, -1).join(", ")} ${last} ${unique.at(-1) ?? ""}`;
}
