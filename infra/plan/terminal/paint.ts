/** Colours for a terminal, and none for a file, a pipe, or someone who set NO_COLOR. */
import { styleText } from "node:util";

type Style = (text: string) => string;

export interface Paint {
  readonly title: Style;
  /** What a reader may pass over. */
  readonly soft: Style;
  /** What a reader must not pass over. */
  readonly mark: Style;
  readonly danger: Style;
}

const same: Style = (text) => text;

export const PLAIN: Paint = { title: same, soft: same, mark: same, danger: same };

export const COLOURED: Paint = {
  title: style("bold"),
  soft: style("dim"),
  mark: style("yellow"),
  danger: style(["bold", "red"]),
};

function style(format: Parameters<typeof styleText>[0]): Style {
  // Whether the stream takes colours was asked already.
  return (text) => styleText(format, text, { validateStream: false });
}

/** The stream knows of NO_COLOR, FORCE_COLOR and TERM. */
export function paintFor({
  isTTY,
  hasColors,
}: Pick<NodeJS.WriteStream, "isTTY"> & { hasColors?: () => boolean }): Paint {
  return isTTY && hasColors?.() === true ? COLOURED : PLAIN;
}
