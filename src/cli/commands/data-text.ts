// Data as it is shown: as text, in base64, or as a dump of its bytes. Java: PlainOutputFormatter, Base64OutputFormatter,
// HexDumpOutputFormatter (whose picture is netty's).

export function hexDump(data: Buffer): string {
  if (data.length === 0) return "";
  const head =
    "         +-------------------------------------------------+\n" +
    "         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |\n" +
    "+--------+-------------------------------------------------+----------------+";
  const foot = "+--------+-------------------------------------------------+----------------+";
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = data.subarray(at, at + 16);
    const bytes = Array.from(row, (byte) => ` ${byte.toString(16).padStart(2, "0")}`).join("");
    const text = Array.from(row, (byte) =>
      byte <= 0x1f || byte >= 0x7f ? "." : String.fromCharCode(byte),
    ).join("");
    rows.push(`|${at.toString(16).padStart(8, "0")}|${bytes.padEnd(48)} |${text.padEnd(16)}|`);
  }
  return [head, ...rows, foot].join("\n");
}
