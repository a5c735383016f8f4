// A Stat as clients see it, as it was when its image was taken: in a reply's own bytes, so that no number has to be made of
// any of them. Java: StatPersisted copied into Stat (DataNode.copyStat).

import type { JuteWriter } from "../jute/writer.js";
import { Pieces } from "./pieces.js";

export const STAT_BYTES = 68;

const pieces = new Pieces(STAT_BYTES);

export class StatImage {
  readonly #view: DataView;
  readonly #start: number;

  /** Of what stands there. */
  constructor(source: DataView, at: number) {
    pieces.take();
    const { view, start } = pieces;
    for (let i = 0; i < STAT_BYTES; i += 4) view.setInt32(start + i, source.getInt32(at + i));
    this.#view = view;
    this.#start = start;
  }

  writeTo(out: JuteWriter): void {
    out.words(this.#view, this.#start, STAT_BYTES);
  }
}
