/** Frames around whole columns, with their heads above the boxes. */
import { Boxes, STEP } from "./boxes";
import type { Band } from "./graph";

export interface Frame {
  readonly band: Band;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Between a frame and its boxes: less than a label's distance, so that no label stands on the frame. */
const PADDING = STEP - 2;
/** Of a title, and of a line below it. */
export const HEAD_LINE = 16;

/** Height that the heads of all bands take above the boxes. */
export function headOf(bands: readonly Band[]): number {
  if (bands.length === 0) return 0;
  const outer = bands.some((band) => band.outer === true) ? HEAD_LINE + STEP : 0;
  return innerHead(bands) + outer;
}

function innerHead(bands: readonly Band[]): number {
  const lines = bands.filter((band) => band.outer !== true).map((band) => band.lines.length);
  return STEP * 2 + HEAD_LINE * (1 + Math.max(0, ...lines));
}

export function framesOf(bands: readonly Band[], { columns, height }: Boxes): Frame[] {
  return bands.map((band) => {
    const [first, last] = [columns[band.from], columns[band.to]];
    const padding = band.outer === true ? PADDING * 2 : PADDING;
    const top = band.outer === true ? headOf(bands) : innerHead(bands);
    const [left, right] = [first?.x ?? 0, (last?.x ?? 0) + (last?.width ?? 0)];
    const x = left - padding;
    return { band, x, y: -top, width: right + padding - x, height: height + padding + top };
  });
}
