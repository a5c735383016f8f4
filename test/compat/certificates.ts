// An authority and its certificates, made anew for a test by openssl and keytool, in every format that a server reads.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const STORE_PASSWORD = "storepass";

const NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1";

export type StoreFormat = "pem" | "p12" | "jks";

export interface Issued {
  readonly pem: string;
  readonly key: string;
  readonly certificate: string;
  /** Made when it is asked for: each costs a Java process. */
  readonly p12: string;
  readonly jks: string;
}

export class Authority {
  readonly directory: string;
  readonly #issued = new Map<string, Issued>();

  /** `name`: of its certificate. */
  constructor(name = "ca") {
    this.directory = mkdtempSync(join(tmpdir(), "zooid-certificates-"));
    this.#openssl(
      `req -x509 ${NEW_KEY} -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=${name}`,
    );
    writeFileSync(this.file("password"), `${STORE_PASSWORD}\n`);
    writeFileSync(this.file("trust.pem"), readFileSync(this.file("ca.pem")));
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** The certificates that are trusted. */
  trust(format: StoreFormat): string {
    const path = this.file(`trust.${format}`);
    if (!existsSync(path)) {
      const type = format === "jks" ? "JKS" : "PKCS12";
      this.#keytool(
        `-importcert -alias ca -file ca.pem -storetype ${type} -keystore ${path} -storepass ${STORE_PASSWORD}`,
      );
    }
    return path;
  }

  /** A key and its certificate, for these names and addresses: `DNS:localhost,IP:127.0.0.1`. The same for the same name. */
  issue(
    name: string,
    subject = `/O=Zooid/CN=${name}`,
    names = "DNS:localhost,IP:127.0.0.1",
    listUrl?: string,
  ): Issued {
    const known = this.#issued.get(name);
    if (known !== undefined) return known;
    const [key, csr, certificate] = [`${name}.key`, `${name}.csr`, `${name}.crt`];
    this.#openssl(`req ${NEW_KEY} -nodes -keyout ${key} -out ${csr} -subj ${subject}`);
    const lists = listUrl === undefined ? "" : `\ncrlDistributionPoints=URI:${listUrl}`;
    writeFileSync(this.file(`${name}.ext`), `subjectAltName=${names}${lists}`);
    this.#openssl(
      `x509 -req -in ${csr} -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile ${name}.ext -out ${certificate}`,
    );
    const pem = [key, certificate, "ca.pem"].map((file) => readFileSync(this.file(file), "utf8"));
    writeFileSync(this.file(`${name}.pem`), pem.join(""));
    const [p12, jks] = [() => this.#pkcs12(name), () => this.#jks(name)];
    const issued = {
      pem: this.file(`${name}.pem`),
      key: this.file(key),
      certificate: this.file(certificate),
      get p12() {
        return p12();
      },
      get jks() {
        return jks();
      },
    };
    this.#issued.set(name, issued);
    return issued;
  }

  #pkcs12(name: string): string {
    const path = this.file(`${name}.p12`);
    if (!existsSync(path)) {
      this.#openssl(
        `pkcs12 -export -inkey ${name}.key -in ${name}.crt -certfile ca.pem -name ${name} -passout pass:${STORE_PASSWORD} -out ${path}`,
      );
    }
    return path;
  }

  #jks(name: string): string {
    const path = this.file(`${name}.jks`);
    if (!existsSync(path)) {
      this.#keytool(
        `-importkeystore -srckeystore ${this.#pkcs12(name)} -srcstoretype PKCS12 -srcstorepass ${STORE_PASSWORD} -destkeystore ${path} -deststoretype JKS -deststorepass ${STORE_PASSWORD}`,
      );
    }
    return path;
  }

  /** The lines of zoo.cfg for these, `prefix` being ssl. or ssl.quorum. */
  settings(prefix: string, keys: Issued, format: StoreFormat): Record<string, string> {
    return {
      [`${prefix}keyStore.location`]: keys[format],
      [`${prefix}trustStore.location`]: this.trust(format),
      ...(format !== "pem" && {
        [`${prefix}keyStore.password`]: STORE_PASSWORD,
        [`${prefix}trustStore.passwordPath`]: this.file("password"),
      }),
    };
  }

  /** Publishes a list of these, valid for so many seconds; the file's path. */
  revoke(names: readonly string[], file = "revoked.crl", seconds = 3600): string {
    const settings = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n";
    writeFileSync(this.file("ca.cnf"), settings);
    writeFileSync(this.file("index.txt"), "");
    const ca = "ca -config ca.cnf -keyfile ca.key -cert ca.pem";
    for (const name of names) this.#openssl(`${ca} -revoke ${name}.crt`);
    this.#openssl(`${ca} -gencrl -crlsec ${seconds} -out ${file}`);
    return this.file(file);
  }

  discard(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #openssl(line: string): void {
    this.#run("openssl", line);
  }

  #keytool(line: string): void {
    this.#run("keytool", `${line} -noprompt`);
  }

  #run(program: string, line: string): void {
    execFileSync(program, line.split(" "), { cwd: this.directory, stdio: "pipe" });
  }
}
