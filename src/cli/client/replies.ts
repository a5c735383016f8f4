// The bodies of replies, as the program gets them. A frame's bytes are gone after the call that hands it over, so data is
// copied here.

import type { JuteReader } from "../../jute/reader.js";
import {
  readGetChildren2Response,
  readGetChildrenResponse,
  readStat,
  type Stat,
} from "../../wire/records.js";

export interface DataAndStat {
  readonly data: Buffer | null;
  readonly stat: Stat;
}

export interface ChildrenAndStat {
  readonly children: string[];
  readonly stat: Stat;
}

export function readNothing(_reader: JuteReader): void {}

export function readDataAndStat(reader: JuteReader): DataAndStat {
  const data = reader.buffer();
  return { data: data === null ? null : Buffer.from(data), stat: readStat(reader) };
}

export function readChildren(reader: JuteReader): string[] {
  return (readGetChildrenResponse(reader).children ?? []) as string[];
}

export function readChildrenAndStat(reader: JuteReader): ChildrenAndStat {
  const { children, stat } = readGetChildren2Response(reader);
  return { children: (children ?? []) as string[], stat };
}
