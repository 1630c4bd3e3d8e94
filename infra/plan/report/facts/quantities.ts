/** Kubernetes' quantities in every form the API takes, as numbers, and back in the form people read. */

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

export const GIB = 2 ** 30;

/** Cores, bytes or pieces of `quantity`; NaN if it is none, so that no sum with it looks right. */
export function numberOf(quantity: string | number): number {
  const [, digits, unit = ""] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(quantity)) ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * (FACTORS[unit] ?? Number.NaN);
}

/** `250m` or `2` for cores, `512Mi` or `1.5Ti` for bytes, and the number itself for anything counted. */
export function quantityText(resource: string, value: number): string {
  if (/(^|\.)(memory|storage|ephemeral-storage)$/.test(resource)) return bytesText(value);
  if (/(^|\.)cpu$/.test(resource)) return coresText(value);
  return rounded(value);
}

export function coresText(cores: number): string {
  return Math.abs(cores) < 1 && cores !== 0 ? `${rounded(cores * 1000)}m` : rounded(cores);
}

export function bytesText(bytes: number): string {
  const units = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"] as const;
  const unit = units.find((candidate) => Math.abs(bytes) >= (FACTORS[candidate] ?? Number.POSITIVE_INFINITY)) ?? "";
  return `${rounded(bytes / (FACTORS[unit] ?? 1))}${unit}`;
}

function rounded(value: number): string {
  return String(Number(value.toFixed(2)));
}
