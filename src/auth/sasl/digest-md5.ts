// What both sides of DIGEST-MD5 compute: the response that proves the password without showing it. RFC 2831 section 2.1.2.1.

import { createHash } from "../../platform/pure-node.js";

/** Java's: longer messages are refused. */
export const DIGEST_RESPONSE_MAX_BYTES = 4096;
export const DIGEST_CHALLENGE_MAX_BYTES = 2048;

/** Random bytes of a nonce: Java's number. */
export const DIGEST_NONCE_BYTES = 30;

export interface DigestInput {
  /** AUTHENTICATE from the client; empty in the server's answer, which proves that it knows the password, too. */
  readonly method: "AUTHENTICATE" | "";
  readonly digestUri: string;
  readonly userName: string;
  readonly realm: string;
  readonly password: string;
  readonly nonce: Buffer;
  readonly cnonce: Buffer;
  readonly authorizationId: Buffer | undefined;
}

/** 32 hexadecimal digits. The quality of protection is always "auth", the count always 1: there is no second time. */
export function digestResponse(input: DigestInput): string {
  const { userName, realm, password, nonce, cnonce, authorizationId, method, digestUri } = input;
  const colon = Buffer.from(":");
  const secret = md5(
    latinOrUtf8(userName),
    colon,
    latinOrUtf8(realm),
    colon,
    latinOrUtf8(password),
  );
  const session = [secret, colon, nonce, colon, cnonce];
  if (authorizationId !== undefined) session.push(colon, authorizationId);
  const a1 = md5(...session).toString("hex");
  const a2 = md5(Buffer.from(`${method}:${digestUri}`, "utf8")).toString("hex");
  const start = Buffer.from(`${a1}:`);
  const end = Buffer.from(`:00000001:`);
  return md5(start, nonce, end, cnonce, Buffer.from(`:auth:${a2}`)).toString("hex");
}

function md5(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Names and passwords count as ISO-8859-1 where all of their characters are in it, whatever the charset. */
function latinOrUtf8(text: string): Buffer {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) return Buffer.from(text, "utf8");
  }
  return Buffer.from(text, "latin1");
}
