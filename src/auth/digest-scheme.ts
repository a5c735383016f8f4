// The scheme `digest`: `user:password` in clear at the door, `user:base64(sha1(user:password))` everywhere else. Java:
// DigestAuthenticationProvider.
//
// Whoever gives the password whose digest is the configured superDigest is `super`, too, whom no ACL holds up.

import { javaSplit } from "../java-text.js";
import { decodeUtf8 } from "../jute/utf8.js";
import { createHash } from "../platform/pure-node.js";
import { ErrorCode } from "../wire/error-codes.js";
import type { Id } from "../wire/records.js";
import { equalInConstantTime } from "./constant-time.js";
import type { AuthenticatingClient, AuthenticationOutcome, AuthScheme } from "./scheme.js";

export const SUPER_SCHEME = "super";

export class DigestScheme implements AuthScheme {
  readonly name = "digest";
  readonly identifiesCreators = true;
  readonly #algorithm: string;
  readonly #superDigest: string | undefined;

  /** Throws RangeError for an algorithm that there is not: Java does not start then, either. */
  constructor(settings: { readonly algorithm: string; readonly superDigest: string | undefined }) {
    this.#algorithm = nativeName(settings.algorithm);
    this.#superDigest = settings.superDigest;
    try {
      createHash(this.#algorithm);
    } catch {
      throw new RangeError(
        `don't support this ACL digest algorithm: ${settings.algorithm} in the current environment`,
      );
    }
  }

  isValid(expression: string): boolean {
    return javaSplit(expression, ":").length === 2;
  }

  matches(identity: string, expression: string): boolean {
    return equalInConstantTime(identity, expression);
  }

  /** Looked up by the engine's hash, which is seeded anew in each process: how long that takes tells nothing of the digests. */
  amongMany(identities: readonly string[]): (expression: string) => boolean {
    const all = new Set(identities);
    return (expression) => all.has(expression);
  }

  userName(identity: string): string {
    return javaSplit(identity, ":")[0] ?? "";
  }

  authenticate(_client: AuthenticatingClient, data: Buffer | null): AuthenticationOutcome {
    if (data === null) {
      const reason = "there are no authentication data";
      return { ok: false, error: ErrorCode.authFailed, silent: false, reason };
    }
    const digest = this.generateDigest(decodeUtf8(data, 0, data.length));
    const identities: Id[] = [];
    if (this.#superDigest !== undefined && equalInConstantTime(digest, this.#superDigest)) {
      identities.push({ scheme: SUPER_SCHEME, id: "" });
    }
    identities.push({ scheme: this.name, id: digest });
    return { ok: true, identities };
  }

  /** `user:password` to what ACLs say of it. */
  generateDigest(userAndPassword: string): string {
    const colon = userAndPassword.indexOf(":");
    const user = colon < 0 ? userAndPassword : userAndPassword.slice(0, colon);
    const hash = createHash(this.#algorithm).update(userAndPassword, "utf8").digest("base64");
    return `${user}:${hash}`;
  }
}

/** Java's name of an algorithm to OpenSSL's. */
function nativeName(algorithm: string): string {
  const name = algorithm.toLowerCase();
  if (name === "sha") return "sha1";
  if (name.startsWith("sha3-")) return name;
  return name.replace("sha-", "sha").replace("/", "-");
}
