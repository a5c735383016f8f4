import { UncaughtError } from "../shell/cli-error.js";
import { javaIntOrDie } from "../shell/java-numbers.js";
import { flag, valued } from "../shell/option-parser.js";
import type { Command } from "./command.js";
import { printStat } from "./stat-text.js";

export const set: Command = {
  name: "set",
  usage: "path data [-s] [-v version] [-b]",
  options: {
    options: [
      flag("s", "Print znode stats additionally"),
      valued("v", "Set with an expected version"),
      flag("b", "Supply data in base64 format"),
    ],
  },
  hasOptionTable: true,
  leastWords: 3,
  async run(context, parsed) {
    const [, path, text] = parsed.args;
    const data = parsed.has("b") ? decodeBase64(text!) : Buffer.from(text!);
    const version = parsed.value("v");
    const stat = await context.zk.setData(
      path!,
      data,
      version === undefined ? -1 : javaIntOrDie(version),
    );
    if (parsed.has("s")) printStat(context, stat);
  },
};

/** Node reads anything as base64; Java's decoder (RFC 4648, padding may be left out) does not. */
function decodeBase64(text: string): Buffer {
  const bad = /[^A-Za-z0-9+/=]/.exec(text);
  if (bad !== null) {
    throw illegal(`Illegal base64 character ${(bad[0].charCodeAt(0) & 0xff).toString(16)}`);
  }
  const digits = text.replace(/=+$/, "");
  const padding = text.length - digits.length;
  const rest = digits.length % 4;
  const end = digits.indexOf("=");
  if (end >= 0) throw illegal(`Input byte array has incorrect ending byte at ${end + 1}`);
  if (text.length === 1) {
    throw illegal("Input byte[] should at least have 2 bytes for base64 bytes");
  }
  if (padding > 0 && rest + padding !== 4) {
    throw illegal("Input byte array has wrong 4-byte ending unit");
  }
  if (rest === 1) throw illegal("Last unit does not have enough valid bits");
  return Buffer.from(digits, "base64");
}

function illegal(message: string): UncaughtError {
  return new UncaughtError("java.lang.IllegalArgumentException", message);
}
