// The client's side of SASL DIGEST-MD5, as Java's mechanism speaks it (com.sun.security.sasl.digest.DigestMD5Client).
//
// As ZooKeeper makes it, the user's name is the authorization id as well, and is sent as such. The exchange is complete when
// the server has proven that it knows the password, too.

import { timingSafeEqual } from "../../platform/pure-node.js";
import { type Directives, parseDirectives, quoted } from "./digest-directives.js";
import { DIGEST_CHALLENGE_MAX_BYTES, digestResponse } from "./digest-md5.js";
import { failedBy, SaslError, type SaslExchange, type SaslOutcome } from "./sasl.js";

export interface DigestClientOptions {
  readonly protocol: string;
  readonly serverName: string;
  readonly userName: string;
  readonly password: string;
  /** Random and printable: base64 of DIGEST_NONCE_BYTES. */
  readonly cnonce: string;
}

const KNOWN = [
  "realm",
  "qop",
  "algorithm",
  "nonce",
  "maxbuf",
  "charset",
  "cipher",
  "rspauth",
  "auth-param",
];

const VIOLATION = "DIGEST-MD5: digest-challenge format violation";

export class DigestMd5Client implements SaslExchange {
  readonly #options: DigestClientOptions;
  /** What the server has to answer; undefined before its challenge. */
  #expected: string | undefined;
  #isOver = false;

  constructor(options: DigestClientOptions) {
    this.#options = options;
  }

  evaluate(token: Buffer, done: (outcome: SaslOutcome) => void): void {
    done(this.#evaluate(token));
  }

  dispose(): void {
    this.#isOver = true;
  }

  #evaluate(token: Buffer): SaslOutcome {
    try {
      if (this.#isOver) throw new SaslError("DIGEST-MD5: Client at illegal state");
      if (token.length > DIGEST_CHALLENGE_MAX_BYTES) {
        throw new SaslError(
          `DIGEST-MD5: Invalid digest-challenge length. Got:  ${token.length} Expected < ${DIGEST_CHALLENGE_MAX_BYTES}`,
        );
      }
      const given = parseDirectives(token, KNOWN);
      if (this.#expected === undefined) return this.#respond(given);
      this.#isOver = true;
      return this.#complete(given, this.#expected);
    } catch (error) {
      this.#isOver = true;
      return failedBy(error);
    }
  }

  #respond(given: Directives): SaslOutcome {
    const { protocol, serverName, userName, password, cnonce } = this.#options;
    const nonce = this.#checkChallenge(given);
    const realm = given.get("realm")?.toString("utf8") ?? "";
    const digestUri = `${protocol}/${serverName}`;
    const input = {
      digestUri,
      userName,
      realm,
      password,
      nonce,
      cnonce: Buffer.from(cnonce, "latin1"),
      authorizationId: Buffer.from(userName, "utf8"),
    };
    const response = digestResponse({ ...input, method: "AUTHENTICATE" });
    this.#expected = digestResponse({ ...input, method: "" });
    const parts: (string | Buffer)[] = [];
    if (given.has("charset")) parts.push("charset=utf-8,");
    parts.push("username=", quoted(userName));
    if (realm !== "") parts.push(",realm=", quoted(realm));
    parts.push(",nonce=", quoted(nonce), ",nc=00000001,cnonce=", quoted(cnonce));
    parts.push(`,digest-uri="${digestUri}",maxbuf=65536,response=${response},qop=auth`);
    parts.push(",authzid=", quoted(userName));
    return {
      kind: "challenge",
      token: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
    };
  }

  /** Returns the server's nonce. */
  #checkChallenge(given: Directives): Buffer {
    const text = (key: string) => given.get(key)?.toString("utf8");
    const charset = text("charset");
    if (charset !== undefined && charset !== "utf-8") {
      throw new SaslError(`${VIOLATION}. Unrecognised charset value: ${charset}`);
    }
    const algorithm = text("algorithm");
    if (algorithm === undefined) throw new SaslError(`${VIOLATION}: algorithm directive missing`);
    if (algorithm !== "md5-sess") {
      throw new SaslError(`${VIOLATION}. Invalid value for 'algorithm' directive: ${algorithm}`);
    }
    const nonce = given.get("nonce");
    if (nonce === undefined) throw new SaslError(`${VIOLATION}: nonce directive missing`);
    const offered = (text("qop") ?? "auth").split(/[, \t\n]+/);
    if (!offered.includes("auth")) {
      throw new SaslError("DIGEST-MD5: No common protection layer between client and server");
    }
    return nonce;
  }

  #complete(given: Directives, expected: string): SaslOutcome {
    const proof = given.get("rspauth");
    if (proof === undefined) {
      throw new SaslError(
        "DIGEST-MD5: Authenication failed. Expecting 'rspauth' authentication success message",
      );
    }
    const wanted = Buffer.from(expected);
    if (proof.length !== wanted.length || !timingSafeEqual(proof, wanted)) {
      throw new SaslError("DIGEST-MD5: Server's rspauth value does not match what client expects");
    }
    return { kind: "complete", token: null, authorizationId: this.#options.userName };
  }
}
