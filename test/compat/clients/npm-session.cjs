// A short session of npm's zookeeper, which is the C client: what it sees goes to standard output, one line each.
// Run by clients.test.ts: node npm-session.cjs <path of the package> host:port. At "RESTART" the server is restarted.

const [, , packagePath, server] = process.argv;
const ZooKeeper = require(packagePath).Promise;
const say = (text) => process.stdout.write(`${text}\n`);
const show = (s) =>
  `${s.version} ${s.cversion} ${s.aversion} ${s.dataLength} ${s.numChildren} ${s.ephemeralOwner !== "0"}`;

const tell = async (what, promise) => {
  try {
    say(`${what}: ${await promise}`);
  } catch (error) {
    say(`${what}: ${error.message ?? error}`);
  }
};

const connected = (client) =>
  new Promise((resolve) => client.once("connect", () => resolve(undefined)));

async function main() {
  const options = {
    connect: server,
    timeout: 12000,
    debug_level: 0,
    host_order_deterministic: true,
  };
  const client = new ZooKeeper({ ...options, data_as_buffer: false });
  const ready = connected(client);
  client.init(options);
  await ready;
  const { ZOO_EPHEMERAL, ZOO_SEQUENCE } = ZooKeeper.constants ?? require(packagePath).constants;

  await tell("create", client.create("/a", "1", 0));
  await tell("create again", client.create("/a", "1", 0));
  await tell("sequential", client.create("/a/s-", "", ZOO_SEQUENCE));
  await tell("ephemeral", client.create("/e", "", ZOO_EPHEMERAL));
  await tell(
    "get",
    client.get("/a", false).then(([stat, data]) => `${data} ${show(stat)}`),
  );
  const changed = new Promise((resolve) => {
    client.w_get("/a", (type, state, path) => resolve(`${type} ${state} ${path}`)).catch(() => {});
  });
  await tell("set", client.set("/a", "22", 0).then(show));
  say(`event ${await changed}`);
  await tell("set with a wrong version", client.set("/a", "x", 7));
  await tell("exists not", client.exists("/nowhere", false));
  await tell("exists", client.exists("/e", false).then(show));
  await tell(
    "children",
    client.get_children("/a", false).then((list) => list.join(",")),
  );
  await tell(
    "children with stat",
    client.get_children2("/a", false).then(([list, stat]) => `${list} ${show(stat)}`),
  );
  await tell(
    "acl",
    client.get_acl("/a").then(([acl]) => JSON.stringify(acl)),
  );
  await tell("not empty", client.delete_("/a", -1));

  // What is asked before it has come back may be answered with the loss of the connection.
  const again = connected(client);
  say("RESTART");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  await again;
  await tell("ephemeral of the session", client.exists("/e", false).then(show));
  await tell("set after the restart", client.set("/a", "333", -1).then(show));
  await tell("delete", client.delete_("/a/s-0000000000", -1));
  client.close();
  say("END");
  process.exit(0);
}

main().catch((error) => {
  say(`failed: ${error.stack ?? error}`);
  process.exit(1);
});
