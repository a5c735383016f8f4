// An authority and its certificates, made anew for a test by openssl and keytool, in every format that a server reads.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const STORE_PASSWORD = "storepass";

export type StoreFormat = "pem" | "p12" | "jks";

export class Authority {
  readonly directory: string;

  /** `name`: of its certificate. */
  constructor(name = "ca") {
    this.directory = mkdtempSync(join(tmpdir(), "zooid-certificates-"));
    this.#openssl(
      `req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=${name}`,
    );
    writeFileSync(this.file("password"), `${STORE_PASSWORD}\n`);
    this.#keytool("-importcert -alias ca -file ca.pem -storetype JKS -keystore trust.jks");
    this.#keytool("-importcert -alias ca -file ca.pem -storetype PKCS12 -keystore trust.p12");
    writeFileSync(this.file("trust.pem"), readFileSync(this.file("ca.pem")));
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** The certificates that are trusted. */
  trust(format: StoreFormat): string {
    return this.file(`trust.${format}`);
  }

  /** A key and its certificate, for these names and addresses: `DNS:localhost,IP:127.0.0.1`. */
  issue(
    name: string,
    subject = `/O=Zooid/CN=${name}`,
    names = "DNS:localhost,IP:127.0.0.1",
  ): Record<StoreFormat | "key" | "certificate", string> {
    const [key, csr, certificate] = [`${name}.key`, `${name}.csr`, `${name}.crt`];
    this.#openssl(`req -newkey rsa:2048 -nodes -keyout ${key} -out ${csr} -subj ${subject}`);
    writeFileSync(this.file(`${name}.ext`), `subjectAltName=${names}`);
    this.#openssl(
      `x509 -req -in ${csr} -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile ${name}.ext -out ${certificate}`,
    );
    const pem = [key, certificate, "ca.pem"].map((file) => readFileSync(this.file(file), "utf8"));
    writeFileSync(this.file(`${name}.pem`), pem.join(""));
    this.#openssl(
      `pkcs12 -export -inkey ${key} -in ${certificate} -certfile ca.pem -name ${name} -passout pass:${STORE_PASSWORD} -out ${name}.p12`,
    );
    this.#keytool(
      `-importkeystore -srckeystore ${name}.p12 -srcstoretype PKCS12 -srcstorepass ${STORE_PASSWORD} -destkeystore ${name}.jks -deststoretype JKS -deststorepass ${STORE_PASSWORD}`,
    );
    return {
      pem: this.file(`${name}.pem`),
      p12: this.file(`${name}.p12`),
      jks: this.file(`${name}.jks`),
      key: this.file(key),
      certificate: this.file(certificate),
    };
  }

  /** The lines of zoo.cfg for these, `prefix` being ssl. or ssl.quorum. */
  settings(prefix: string, keyStore: string, format: StoreFormat): Record<string, string> {
    const isPem = format === "pem";
    return {
      [`${prefix}keyStore.location`]: keyStore,
      [`${prefix}trustStore.location`]: this.trust(format),
      ...(isPem
        ? {}
        : {
            [`${prefix}keyStore.password`]: STORE_PASSWORD,
            [`${prefix}trustStore.passwordPath`]: this.file("password"),
          }),
    };
  }

  discard(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #openssl(line: string): void {
    this.#run("openssl", line);
  }

  #keytool(line: string): void {
    const password = line.startsWith("-importcert") ? ` -storepass ${STORE_PASSWORD}` : "";
    this.#run("keytool", `${line} -noprompt${password}`);
  }

  #run(program: string, line: string): void {
    execFileSync(program, line.split(" "), { cwd: this.directory, stdio: "pipe" });
  }
}
