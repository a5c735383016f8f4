// What a server answered, as text that is the same for the same bytes, whoever sent them and when.
//
// Nothing is decoded but the reply header: an answer is its bytes, with printable runs shown as text. Only what must
// differ from run to run is replaced, and found by its value, not by its place: session ids, their passwords, and times
// between the start of the run and now. So every other byte counts, zxids included.

/** The connections' sessions by name, in order of appearance. */
export class Masks {
  readonly #fromMs: number;
  readonly #values: { bytes: Buffer; token: string }[] = [];

  constructor(fromMs: number) {
    this.#fromMs = fromMs;
  }

  addSession(name: string, sessionId: bigint, password: Buffer): void {
    const id = Buffer.alloc(8);
    id.writeBigInt64BE(sessionId);
    if (this.#values.some((value) => value.bytes.equals(id))) return;
    this.#values.push({ bytes: id, token: `<session ${name}>` });
    if (password.length > 0) {
      this.#values.push({ bytes: Buffer.from(password), token: `<password ${name}>` });
    }
  }

  /** What stands for the bytes from `position` on, and how many they are; undefined when they are what they are. */
  at(bytes: Buffer, position: number): { token: string; length: number } | undefined {
    for (const { bytes: value, token } of this.#values) {
      if (bytes.subarray(position, position + value.length).equals(value)) {
        return { token, length: value.length };
      }
    }
    if (bytes.length - position < 8 || bytes[position] !== 0) return undefined;
    const asTime = Number(bytes.readBigInt64BE(position));
    if (asTime < this.#fromMs || asTime > Date.now() + 1000) return undefined;
    // A session id may be made of the time: what looks like one may be the first bytes of that.
    for (let later = position + 1; later < position + 8; later++) {
      if (this.#values.some(({ bytes: v }) => bytes.subarray(later, later + v.length).equals(v)))
        return undefined;
    }
    return { token: "<time>", length: 8 };
  }

  text(text: string): string {
    let masked = text;
    for (const { bytes, token } of this.#values) {
      if (bytes.length !== 8) continue;
      masked = masked.replaceAll(`0x${bytes.readBigUInt64BE().toString(16)}`, token);
    }
    return masked;
  }
}

const printable = (value: number | undefined) =>
  value !== undefined && value >= 0x20 && value < 0x7f && value !== 0x22;

/** Hex in groups of four bytes, printable runs of three and more as "text", masked values as <what they are>. */
export function show(bytes: Buffer, masks: Masks): string {
  const parts: string[] = [];
  let hex = "";
  let i = 0;
  const flush = () => {
    if (hex !== "") parts.push(hex);
    hex = "";
  };
  while (i < bytes.length) {
    const mask = masks.at(bytes, i);
    let end = i;
    while (printable(bytes[end])) end++;
    if (mask !== undefined || end - i >= 3) {
      flush();
      parts.push(mask?.token ?? `"${bytes.toString("latin1", i, end)}"`);
      i = mask === undefined ? end : i + mask.length;
      continue;
    }
    hex += bytes.toString("hex", i, i + 1);
    i++;
    if (hex.length === 8) flush();
  }
  flush();
  return shorten(parts).join(" ");
}

/** Long runs of the same part (64 kB of zeros) are counted. */
function shorten(parts: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < parts.length; ) {
    let end = i + 1;
    while (parts[end] === parts[i]) end++;
    const part = parts[i]!;
    const text = part.length > 200 ? `${part.slice(0, 80)}…(${part.length})` : part;
    if (end - i > 3) out.push(`${text}×${end - i}`);
    else for (let k = i; k < end; k++) out.push(text);
    i = end;
  }
  return out;
}

/** A reply or event: header decoded, body shown. */
export function showReply(frame: Buffer, masks: Masks): string {
  if (frame.length < 16) return `< short frame: ${show(frame, masks)}`;
  const xid = frame.readInt32BE(0);
  const zxid = frame.readBigInt64BE(4);
  const error = frame.readInt32BE(12);
  const body = show(frame.subarray(16), masks);
  return `< xid=${xid} zxid=${zxid} err=${error}${body === "" ? "" : ` | ${body}`}`;
}

/** Sorts each run of lines that match. */
export function sortRuns(lines: readonly string[], pattern: RegExp): string[] {
  const out: string[] = [];
  let run: string[] = [];
  for (const line of [...lines, undefined]) {
    if (line !== undefined && pattern.test(line)) {
      run.push(line);
      continue;
    }
    out.push(...run.sort());
    run = [];
    if (line !== undefined) out.push(line);
  }
  return out;
}

/** A list of children or ephemerals as it stands at `start`: Java keeps a hash set and does not promise an order. */
export function sortNames(frame: Buffer, start: number): Buffer {
  const names: Buffer[] = [];
  const count = frame.length >= start + 4 ? frame.readInt32BE(start) : 0;
  let position = start + 4;
  for (let i = 0; i < count; i++) {
    const length = frame.readInt32BE(position);
    names.push(frame.subarray(position, position + 4 + length));
    position += 4 + length;
  }
  if (names.length < 2) return frame;
  const compare = (a: Buffer, b: Buffer) => Buffer.compare(a.subarray(4), b.subarray(4));
  return Buffer.concat([
    frame.subarray(0, start + 4),
    ...names.sort(compare),
    frame.subarray(position),
  ]);
}
