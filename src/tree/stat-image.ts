// A Stat as clients see it, as it was when its image was taken: in a reply's own bytes, so that no number has to be made of
// any of them. Java: StatPersisted copied into Stat (DataNode.copyStat).

import type { JuteWriter } from "../jute/writer.js";

export const STAT_BYTES = 68;

/** So many lie in one piece of memory: an ArrayBuffer for each would cost more than all else. */
const CHUNK = 128;
let chunk = new DataView(new ArrayBuffer(0));
let used = 0;

export class StatImage {
  readonly #view: DataView;
  readonly #start: number;

  /** Of what stands there. */
  constructor(source: DataView, at: number) {
    if (used === chunk.byteLength) {
      chunk = new DataView(new ArrayBuffer(CHUNK * STAT_BYTES));
      used = 0;
    }
    const view = chunk;
    const start = used;
    used += STAT_BYTES;
    for (let i = 0; i < STAT_BYTES; i += 4) view.setInt32(start + i, source.getInt32(at + i));
    this.#view = view;
    this.#start = start;
  }

  writeTo(out: JuteWriter): void {
    out.words(this.#view, this.#start, STAT_BYTES);
  }
}
