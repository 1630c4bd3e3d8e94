/** Kubernetes' quantities, as numbers that can be added and compared. */

const FACTORS: Record<string, number> = {
  "": 1,
  m: 1e-3,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * Cores or bytes of a quantity such as `500m`, `2` or `4Gi`.
 *
 * @throws {RangeError} if the text is no quantity of the kinds used here
 */
export function parseQuantity(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  if (digits === undefined) throw new RangeError(`"${text}" is no quantity`);
  return Number(digits) * (FACTORS[unit ?? ""] ?? Number.NaN);
}

/** Cores as Kubernetes writes them: `1500m`, or `2` where they are whole. */
export function formatCpu(cores: number): string {
  const thousandths = Math.round(cores * 1000);
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}

/** Bytes in the largest binary unit that keeps them whole: `4Gi`, `1536Mi`. */
export function formatBytes(size: number): string {
  const unit = (["Ti", "Gi", "Mi", "Ki"] as const).find((candidate) => size % (FACTORS[candidate] ?? 1) === 0) ?? "";
  return `${size / (FACTORS[unit] ?? 1)}${unit}`;
}
