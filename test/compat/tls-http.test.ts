// HTTP commands and metrics over TLS: by curl's side of Node, with the members' keys, beside Java's AdminServer.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request } from "node:https";
import { Authority, type Issued } from "./certificates.js";
import { until } from "./ensemble-world.js";
import { peerTest, type ServerKind } from "./peers.js";
import { freePort, type RunningServer, startServer } from "./server-process.js";

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly strict: string | undefined;
}

interface Question {
  readonly port: number;
  readonly path: string;
  readonly authority?: Authority;
  readonly keys?: Issued;
  readonly authorization?: string;
}

/** Plain without an authority. */
function ask({ port, path, authority, keys, authorization }: Question): Promise<Answer> {
  const options = {
    host: "127.0.0.1",
    port,
    path,
    agent: false as const,
    timeout: 60_000,
    headers: authorization === undefined ? {} : { authorization },
  };
  return new Promise((resolve, reject) => {
    const secure = {
      ca: authority && readFileSync(authority.trust("pem")),
      ...(keys && { key: readFileSync(keys.key), cert: readFileSync(keys.certificate) }),
    };
    const asked =
      authority === undefined ? plainRequest(options) : request({ ...options, ...secure });
    asked.once("error", reject);
    asked.once("timeout", () => asked.destroy(new Error("no answer")));
    asked.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          strict: response.headers["strict-transport-security"],
        }),
      );
    });
    asked.end();
  });
}

async function withAdmin(
  kind: ServerKind,
  cfg: Readonly<Record<string, string | number>>,
  run: (world: { authority: Authority; port: number; server: RunningServer }) => Promise<void>,
): Promise<void> {
  const authority = new Authority();
  const port = await freePort();
  const server = await startServer(kind, {
    cfg: {
      "admin.enableServer": "true",
      "admin.serverAddress": "127.0.0.1",
      "admin.serverPort": port,
      ...authority.settings("ssl.quorum.", authority.issue("server"), "jks"),
      ...cfg,
    },
  });
  try {
    await run({ authority, port, server });
  } finally {
    await server.discard();
    authority.discard();
  }
}

for (const kind of ["java39", "zooid"] as const) {
  peerTest(
    `HTTP commands of ${kind} are for TLS and plain with admin.portUnification, and for TLS alone with admin.forceHttps`,
    [kind, "openssl", "keytool"],
    async () => {
      const path = "/commands/ruok";
      await withAdmin(kind, { "admin.portUnification": "true" }, async ({ authority, port }) => {
        const secure = await ask({ port, path, authority });
        assert.equal(secure.status, 200);
        assert.match(secure.body, /"command" : "ruok"/);
        assert.equal(secure.strict, "max-age=86400; includeSubDomains");
        const plain = await ask({ port, path });
        assert.equal(plain.status, 200);
        assert.equal(plain.strict, undefined);
      });
      await withAdmin(kind, { "admin.forceHttps": "true" }, async ({ authority, port }) => {
        assert.equal((await ask({ port, path, authority })).status, 200);
        const plain = await ask({ port, path }).catch(() => undefined);
        assert.notEqual(plain?.status, 200);
      });
    },
  );

  peerTest(
    `Who may take a snapshot over HTTP, x509 says on ${kind}`,
    [kind, "openssl", "keytool"],
    () =>
      withAdmin(
        kind,
        {
          "admin.forceHttps": "true",
          "admin.needClientAuth": "true",
          "authProvider.x509": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
        },
        async ({ authority, port }) => {
          const keys = authority.issue("operator");
          const path = "/commands/snapshot?streaming=false";
          await assert.rejects(ask({ port, path, authority }));
          const unsaid = await ask({ port, path, authority, keys });
          assert.equal(unsaid.status, 401);
          if (kind === "java39") return; // it also wants ssl.trustStore of the client port for this
          const said = await ask({ port, path, authority, keys, authorization: "x509" });
          assert.equal(said.status, 200, said.body);
          const other = await ask({ port, path, authority, keys, authorization: "digest a:b" });
          assert.notEqual(other.status, 401, "the root is open to all");
        },
      ),
  );
}

peerTest(
  "Metrics for Prometheus are served over TLS on httpsPort",
  ["zooid", "openssl", "keytool"],
  async () => {
    const authority = new Authority();
    const port = await freePort();
    const keys = authority.issue("server");
    const server = await startServer("zooid", {
      cfg: {
        "metricsProvider.className":
          "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
        "metricsProvider.httpHost": "127.0.0.1",
        "metricsProvider.httpPort": -1,
        "metricsProvider.httpsPort": port,
        "metricsProvider.ssl.keyStore.location": keys.pem,
        "metricsProvider.ssl.keyStore.type": "PEM",
        "metricsProvider.ssl.trustStore.location": authority.trust("pem"),
        "metricsProvider.ssl.trustStore.type": "PEM",
      },
    });
    try {
      const answer = await ask({ port, path: "/metrics", authority, keys });
      assert.match(answer.body, /^znode_count 5/m);
      await assert.rejects(ask({ port, path: "/metrics", authority }));
      await assert.rejects(ask({ port, path: "/metrics" }));
    } finally {
      await server.discard();
      authority.discard();
    }
  },
);

peerTest(
  "A server whose HTTP port has no keys goes on without HTTP commands",
  ["zooid"],
  async () => {
    const server = await startServer("zooid", {
      cfg: { "admin.enableServer": "true", "admin.forceHttps": "true" },
    });
    try {
      await until("it says so", () => /Unable to start JettyAdminServer/.test(server.log()));
    } finally {
      await server.discard();
    }
  },
);
