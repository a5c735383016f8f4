// The server's side of SASL DIGEST-MD5, as Java's mechanism speaks it (com.sun.security.sasl.digest.DigestMD5Server).
//
//   client ─ anything, usually nothing ─▶ server
//          ◀─ realm, nonce, charset, algorithm ─
//          ─ user name, nonces, response ─▶      the password is right
//          ◀─ rspauth ─                          the server knew it, too
//
// Nonces are given from outside, so that this is a pure machine. Whether the user exists and whether the password was right
// take the same time to find out, and look the same from outside.

import { timingSafeEqual } from "../../platform/pure-node.js";
import { type Directives, parseDirectives, quoted } from "./digest-directives.js";
import { DIGEST_RESPONSE_MAX_BYTES, type DigestInput, digestResponse } from "./digest-md5.js";
import { failedBy, SaslError, type SaslExchange, type SaslOutcome } from "./sasl.js";

/** Whom a server knows, and as whom they may act. */
export interface DigestUsers {
  passwordOf(userName: string): string | undefined;
  /** The identity that the client gets. Throws SaslError where it may not act as what it asks for. */
  authorize(authenticationId: string, authorizationId: string): string;
}

export interface DigestServerOptions {
  /** The service: zookeeper, zookeeper-quorum. */
  readonly protocol: string;
  /** Also the realm. */
  readonly serverName: string;
  readonly users: DigestUsers;
  /** Random and printable: base64 of DIGEST_NONCE_BYTES. */
  readonly nonce: string;
}

/** Java looks for the nonce's count under this name; clients send it as `nc`, which is passed over. */
const KNOWN = [
  "username",
  "realm",
  "nonce",
  "cnonce",
  "nonce-count",
  "qop",
  "digest-uri",
  "response",
  "maxbuf",
  "charset",
  "cipher",
  "authzid",
  "auth-param",
];

const VIOLATION = "DIGEST-MD5: digest response format violation.";

export class DigestMd5Server implements SaslExchange {
  readonly #options: DigestServerOptions;
  readonly #nonce: Buffer;
  #step: "first" | "response" | "over" = "first";

  constructor(options: DigestServerOptions) {
    this.#options = options;
    this.#nonce = Buffer.from(options.nonce, "latin1");
  }

  evaluate(token: Buffer, done: (outcome: SaslOutcome) => void): void {
    done(this.#evaluate(token));
  }

  dispose(): void {
    this.#step = "over";
  }

  #evaluate(token: Buffer): SaslOutcome {
    try {
      if (token.length > DIGEST_RESPONSE_MAX_BYTES) {
        throw new SaslError(
          `DIGEST-MD5: Invalid digest response length. Got:  ${token.length} Expected < ${DIGEST_RESPONSE_MAX_BYTES}`,
        );
      }
      if (this.#step === "over") throw new SaslError("DIGEST-MD5: Server at illegal state");
      if (this.#step === "first") {
        this.#step = "response";
        return { kind: "challenge", token: this.#challenge() };
      }
      this.#step = "over";
      return this.#verify(parseDirectives(token, KNOWN));
    } catch (error) {
      return failedBy(error);
    }
  }

  #challenge(): Buffer {
    const realm = quoted(this.#options.serverName);
    const parts = ["realm=", realm, ",nonce=", quoted(this.#nonce)];
    parts.push(",charset=utf-8,algorithm=md5-sess");
    return Buffer.concat(parts.map((part) => Buffer.from(part)));
  }

  #verify(given: Directives): SaslOutcome {
    const { users, protocol, serverName } = this.#options;
    const text = (key: string) => given.get(key)?.toString("utf8");
    this.#checkCharset(text("charset"), text("maxbuf"));
    const userName = text("username");
    if (userName === undefined) throw new SaslError(`${VIOLATION} Missing username.`);
    if (userName === "") throw new SaslError("The user name is empty", true);
    this.#checkNonces(given);
    const qop = text("qop") ?? "auth";
    if (qop === "auth-int" || qop === "auth-conf") {
      throw new SaslError(`DIGEST-MD5: server does not support  qop: ${qop}`);
    }
    if (qop !== "auth") throw new SaslError(`${VIOLATION} Invalid QOP: ${qop}`);
    const digestUri = text("digest-uri");
    const ownUri = `${protocol}/${serverName}`;
    if (digestUri?.toLowerCase() !== ownUri) {
      throw new SaslError(
        `${VIOLATION} Mismatched URI: ${digestUri ?? null}; expecting: ${ownUri}`,
      );
    }
    const response = given.get("response");
    if (response === undefined) throw new SaslError(`${VIOLATION} Missing response.`);

    const password = users.passwordOf(userName);
    const input: DigestInput = {
      method: "AUTHENTICATE",
      digestUri,
      userName,
      realm: serverName,
      // Nobody's password, so that an unknown user costs as much time as a known one.
      password: password ?? this.#options.nonce,
      nonce: this.#nonce,
      cnonce: given.get("cnonce")!,
      authorizationId: given.get("authzid"),
    };
    const isRight = isSameSecret(response, Buffer.from(digestResponse(input)));
    if (password === undefined) {
      throw new SaslError(
        `DIGEST-MD5: cannot acquire password for ${userName} in realm : ${serverName}`,
      );
    }
    if (!isRight) throw new SaslError(`${VIOLATION} Mismatched response.`);
    const authorizationId = users.authorize(userName, text("authzid") ?? userName);
    const token = Buffer.from(`rspauth=${digestResponse({ ...input, method: "" })}`);
    return { kind: "complete", token, authorizationId };
  }

  #checkCharset(charset: string | undefined, maxbuf: string | undefined): void {
    if (charset !== undefined && charset !== "utf-8") {
      throw new SaslError(`${VIOLATION} Incompatible charset value: ${charset}`);
    }
    if (maxbuf !== undefined && !/^[+-]?\d{1,10}$/.test(maxbuf)) {
      throw new SaslError(`For input string: "${maxbuf}"`, true);
    }
  }

  #checkNonces(given: Directives): void {
    const realm = given.get("realm")?.toString("utf8") ?? "";
    if (realm !== this.#options.serverName) {
      throw new SaslError(`${VIOLATION} Nonexistent realm: ${realm}`);
    }
    const nonce = given.get("nonce");
    if (nonce === undefined) throw new SaslError(`${VIOLATION} Missing nonce.`);
    if (!nonce.equals(this.#nonce)) throw new SaslError(`${VIOLATION} Mismatched nonce.`);
    if (!given.has("cnonce")) throw new SaslError(`${VIOLATION} Missing cnonce.`);
    const count = given.get("nonce-count")?.toString("utf8");
    if (count !== undefined && !/^[+-]?[0-9a-fA-F]{1,8}$/.test(count)) {
      throw new SaslError(`For input string: "${count}"`, true);
    }
    if (count !== undefined && Number.parseInt(count, 16) !== 1) {
      throw new SaslError(`${VIOLATION} Nonce count does not match: ${count}`);
    }
  }
}

/** The time tells nothing of how much was right; that the lengths differ may be seen: ours is always 32. */
function isSameSecret(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
