#!/usr/bin/env python3
"""Captures what a real Java ZooKeeper answers and logs for one fixed session of requests.

    capture.py OUT.jsonl --classpath CP [--port P] [-Dname=value ...] [--old]

Starts a standalone server on an empty directory, sends every request of SCENARIO one after the other over raw sockets,
stops the server and pairs every request with its reply and with the record it left in the transaction log.

One line of JSON per step:
    {"settings": {...}}                                                  first line: what the server was started with
    {"step", "session", "identities", "cxid", "type", "request", "reply", "events", "txn"}
`request` is the body after RequestHeader, `reply` the whole frame after its length, `events` the notifications that came
before the reply, `txn` the log record (TxnHeader, txn, TxnDigest), all in hex. Session ids and zxids are Java's.
--old leaves out what servers before 3.9.2 answer differently.
"""
import argparse, base64, hashlib, json, os, shutil, socket, struct, subprocess, sys, tempfile, time

ANYONE = [(31, "world", "anyone")]


def i32(v): return struct.pack(">i", v)
def i64(v): return struct.pack(">q", v)
def boolean(v): return b"\1" if v else b"\0"
def buf(b): return i32(-1) if b is None else i32(len(b)) + b
def ustr(s): return buf(None if s is None else s.encode())
def vec(items): return i32(-1) if items is None else i32(len(items)) + b"".join(items)
def acls(list_): return vec(None if list_ is None else [i32(p) + ustr(s) + ustr(i) for p, s, i in list_])


def create(path, data=b"", acl=ANYONE, flags=0): return ustr(path) + buf(data) + acls(acl) + i32(flags)
def create_ttl(path, data, ttl, flags=5, acl=ANYONE): return create(path, data, acl, flags) + i64(ttl)
def delete(path, version=-1): return ustr(path) + i32(version)
def set_data(path, data, version=-1): return ustr(path) + buf(data) + i32(version)
def set_acl(path, acl, version=-1): return ustr(path) + acls(acl) + i32(version)
def watching(path, watch=False): return ustr(path) + boolean(watch)
def only(path): return ustr(path)
def typed(path, n): return ustr(path) + i32(n)
def multi(*ops):
    return b"".join(i32(t) + b"\0" + i32(-1) + body for t, body in ops) + i32(-1) + b"\1" + i32(-1)
def set_watches(zxid, *lists): return i64(zxid) + b"".join(vec([ustr(p) for p in l]) for l in lists)


CREATE, DELETE, EXISTS, GET, SET, GETACL, SETACL, CHILDREN, SYNC = 1, 2, 3, 4, 5, 6, 7, 8, 9
CHILDREN2, CHECK, MULTI, CREATE2, RECONFIG, CHECKW, REMOVEW = 12, 13, 14, 15, 16, 17, 18
CONTAINER, TTL, MULTIREAD, AUTH, SETW, EPHEMERALS, COUNT, SETW2, ADDW, WHOAMI = 19, 21, 22, 100, 101, 103, 104, 105, 106, 107
CREATE_SESSION, CLOSE = -10, -11
WRITES = {1, 2, 5, 7, 14, 15, 16, 19, 20, 21, -10, -11}


def digest_id(user, password):
    return user + ":" + base64.b64encode(hashlib.sha1(f"{user}:{password}".encode()).digest()).decode()


BOB = digest_id("bob", "secret")
BOB_ONLY = [(31, "digest", BOB)]
READ_ONLY = [(1, "world", "anyone")]

# (connection, opcode, body); connections are opened when first named, "!auth" and "!close" are not requests of a table.
SCENARIO = [
    # -- create, all modes
    ("a", CREATE, create("/a", b"one")),
    ("a", CREATE, create("/a", b"again")),
    ("a", CREATE, create("/null", None)),
    ("a", CREATE2, create("/a/b", b"\0\xff")),
    ("a", CREATE2, create("/a/eph", b"e", flags=1)),
    ("a", CREATE, create("/a/s-", b"", flags=2)),
    ("a", CREATE, create("/a/es-", b"", flags=3)),
    ("a", CREATE2, create("/a/", b"", flags=2)),
    ("a", CONTAINER, create("/c", b"", flags=4)),
    ("a", CREATE2, create("/c/child", b"x")),
    ("a", TTL, create_ttl("/t", b"ttl", 86400000)),
    ("a", TTL, create_ttl("/t/s-", b"ttl", 1099511627775, flags=6)),
    ("a", TTL, create_ttl("/t0", b"ttl", 0)),
    ("a", TTL, create_ttl("/tbig", b"ttl", 1099511627776)),
    ("a", CREATE, create("/tflag", b"ttl", flags=5)),
    ("a", CREATE, create("/flag", b"", flags=7)),
    ("a", CREATE, create("/flag4", b"", flags=4)),
    ("a", CONTAINER, create("/cflag0", b"", flags=0)),
    ("a", CONTAINER, create("/cflag2-", b"", flags=2)),
    ("a", CREATE, create("", b"")),
    ("a", CREATE, create(None, b"")),
    ("a", CREATE, create("a", b"")),
    ("a", CREATE, create("/", b"")),
    ("a", CREATE, create("//x", b"")),
    ("a", CREATE, create("/x/", b"")),
    ("a", CREATE, create("/missing/x", b"")),
    ("a", CREATE, create("/missing//x", b"")),
    ("a", CREATE, create("/..", b"")),
    ("a", CREATE, create("/.a", b"dot")),
    ("a", CREATE, create("/a\u0001", b"")),
    ("a", CREATE, create("/a/eph/x", b"")),
    ("a", CREATE, create("/\u00e9\u4e16", b"utf")),
    ("a", CREATE, create("/acl", b"", acl=[])),
    ("a", CREATE, create("/acl", b"", acl=None)),
    ("a", CREATE, create("/acl", b"", acl=[(31, "auth", "")])),
    ("a", CREATE, create("/acl", b"", acl=[(31, "nonsense", "x")])),
    ("a", CREATE, create("/acl", b"", acl=[(31, "digest", "nocolon")])),
    ("a", CREATE, create("/acl", b"", acl=[(31, "world", "someone")])),
    ("a", CREATE, create("/acl", b"", acl=[(31, "ip", "127.0.0.1/8"), (31, "ip", "127.0.0.1/8"), (1, "world", "anyone")])),
    ("a", CREATE, create("/zookeeper/x", b"")),
    ("a", CREATE, create("/zookeeper/x/y", b"")),
    ("a", DELETE, delete("/zookeeper/x/y")),
    # -- reads
    ("a", EXISTS, watching("/a")),
    ("a", EXISTS, watching("/nothing")),
    ("a", EXISTS, watching("")),
    ("a", EXISTS, watching(None)),
    ("a", EXISTS, watching("/\0")),
    ("a", GET, watching("/a")),
    ("a", GET, watching("/null")),
    ("a", GET, watching("/t")),
    ("a", GET, watching("/c")),
    ("a", GET, watching("/a/eph")),
    ("a", GET, watching("/")),
    ("a", GET, watching(None)),
    ("a", GET, watching("/zookeeper/config")),
    ("a", CHILDREN, watching("/c")),
    ("a", CHILDREN, watching("/null")),
    ("a", CHILDREN2, watching("/c")),
    ("a", CHILDREN2, watching("/nothing")),
    ("a", COUNT, only("/")),
    ("a", COUNT, only("")),
    ("a", COUNT, only("/a")),
    ("a", COUNT, only("/nothing")),
    ("a", SYNC, only("/a")),
    ("a", SYNC, only(None)),
    ("a", WHOAMI, b""),
    ("a", EPHEMERALS, only("/a/eph")),
    ("a", EPHEMERALS, only("/nothing")),
    ("a", GETACL, only("/acl")),
    ("a", GETACL, only("/nothing")),
    # -- setData
    ("a", SET, set_data("/a", b"two")),
    ("a", SET, set_data("/a", b"three", 1)),
    ("a", SET, set_data("/a", b"four", 1)),
    ("a", SET, set_data("/a", None)),
    ("a", SET, set_data("/a", b"")),
    ("a", SET, set_data("/", b"root")),
    ("a", SET, set_data("", b"root")),
    ("a", SET, set_data("/nothing", b"")),
    ("a", SET, set_data("/a/", b"")),
    ("a", SET, set_data(None, b"")),
    ("a", SET, set_data("/zookeeper/config", b"")),
    ("a", GET, watching("/")),
    # -- ACLs, with a second client that has authenticated
    ("b", "auth", ("digest", b"bob:secret")),
    ("b", WHOAMI, b""),
    ("b", CREATE, create("/bob", b"mine", acl=[(31, "auth", "")])),
    ("b", CREATE, create("/bob/child", b"mine", acl=BOB_ONLY)),
    ("b", CREATE, create("/shown", b"mine", acl=BOB_ONLY + READ_ONLY)),
    ("b", GETACL, only("/bob")),
    ("b", GETACL, only("/shown")),
    ("a", GETACL, only("/shown")),
    ("a", GETACL, only("/bob")),
    ("a", EXISTS, watching("/bob", True)),
    ("a", GET, watching("/bob")),
    ("a", CHILDREN, watching("/bob")),
    ("a", CHILDREN2, watching("/bob")),
    ("a", COUNT, only("/bob")),
    ("a", SET, set_data("/bob", b"")),
    ("a", SET, set_data("/bob", b"", 77)),
    ("a", SETACL, set_acl("/bob", ANYONE)),
    ("a", SETACL, set_acl("/bob", [])),
    ("a", SETACL, set_acl("/nothing", [])),
    ("a", SETACL, set_acl("/nothing", ANYONE)),
    ("a", SETACL, set_acl("/x/", ANYONE)),
    ("a", CREATE, create("/bob/x", b"")),
    ("a", CREATE, create("/bob/child", b"")),
    ("a", DELETE, delete("/bob/child")),
    ("a", DELETE, delete("/bob/nothing")),
    ("b", SETACL, set_acl("/bob", BOB_ONLY + [(1, "world", "anyone")], 0)),
    ("b", SETACL, set_acl("/bob", BOB_ONLY, 0)),
    ("b", SETACL, set_acl("/", ANYONE)),
    ("a", GETACL, only("/bob")),
    ("b", GETACL, only("/")),
    # -- delete
    ("a", DELETE, delete("/a")),
    ("a", DELETE, delete("/null", 3)),
    ("a", DELETE, delete("/null", 0)),
    ("a", DELETE, delete("/null")),
    ("a", DELETE, delete("/")),
    ("a", DELETE, delete("/zookeeper")),
    ("a", DELETE, delete("/zookeeper/quota")),
    ("a", DELETE, delete("/zookeeper/config")),
    ("a", DELETE, delete("")),
    ("a", DELETE, delete(None)),
    ("a", DELETE, delete("/missing/x")),
    ("a", DELETE, delete("/a/b/")),
    ("a", DELETE, delete("/a/b")),
    ("a", DELETE, delete("/zookeeper/x")),
    ("a", CREATE, create("/a/s-", b"", flags=2)),
    # -- watches
    ("a", EXISTS, watching("/w", True)),
    ("a", CREATE, create("/w", b"")),
    ("a", GET, watching("/w", True)),
    ("a", CHILDREN, watching("/w", True)),
    ("a", CREATE, create("/w/c", b"")),
    ("a", SET, set_data("/w", b"changed")),
    ("a", ADDW, typed("/w", 0)),
    ("a", ADDW, typed("/w", 1)),
    ("a", ADDW, typed("/w", 2)),
    ("a", SET, set_data("/w/c", b"changed")),
    ("a", CREATE, create("/w/d", b"")),
    ("a", CHECKW, typed("/w", 3)),
    ("a", CHECKW, typed("/w", 1)),
    ("a", CHECKW, typed("/none", 3)),
    ("a", CHECKW, typed("/w", 9)),
    ("a", REMOVEW, typed("/w", 3)),
    ("a", REMOVEW, typed("/w", 3)),
    ("a", SETW, set_watches(1, ["/w", "/gone"], ["/w", "/none"], ["/w", "/gone"])),
    ("a", SETW2, set_watches(0x7FFFFFFFFFFFFFFF, ["/w"], [], ["/w"], ["/p"], ["/r"])),
    ("a", CREATE, create("/p", b"")),
    ("a", CREATE, create("/r", b"")),
    ("a", CREATE, create("/r/x", b"")),
    ("a", DELETE, delete("/w/d")),
    ("a", DELETE, delete("/w/c")),
    ("a", DELETE, delete("/w")),
    # -- multi
    ("a", MULTI, multi()),
    ("a", MULTI, multi(
        (CREATE, create("/m", b"m")), (CREATE, create("/m/s-", b"", flags=2)), (CREATE, create("/m/s-", b"", flags=2)),
        (SET, set_data("/m", b"mm")), (SET, set_data("/m", b"mmm", 1)), (CHECK, delete("/m", 2)),
        (DELETE, delete("/m/s-0000000000")))),
    ("a", MULTI, multi((CREATE2, create("/m/s-", b"", flags=2)), (CHECK, delete("/m", 2)))),
    ("a", MULTI, multi((CONTAINER, create("/mc", b"", flags=4)), (TTL, create_ttl("/mt", b"", 5000)))),
    ("a", MULTI, multi((CREATE, create("/mc2", b"", flags=4)), (CREATE, create("/me", b"", flags=1)))),
    ("a", MULTI, multi(
        (CREATE, create("/m/s-", b"", flags=2)), (CHECK, delete("/m", 7)), (SET, set_data("/m", b"never")),
        (DELETE, delete("/nothing")))),
    ("a", CREATE2, create("/m/s-", b"", flags=2)),
    ("a", MULTI, multi((CREATE, create("/m2", b"")), (DELETE, delete("/m2")), (CREATE, create("/m2", b"")))),
    ("a", MULTI, multi((DELETE, delete("/bob/child")),)),
    ("a", MULTI, multi((CHECK, delete("/bob", 0)),)),
    ("a", MULTI, multi((CHECK, delete("/nothing", 0)),)),
    ("a", MULTI, multi((GET, watching("/m")),)),
    ("a", MULTI, multi((GET, watching("/m")), (DELETE, delete("/m")))),
    ("a", MULTI, multi((CREATE, create("/bad", b"", flags=9)),)),
    ("a", MULTI, multi((TTL, create_ttl("/mtflag0", b"", 5000, flags=0)),)),
    ("a", MULTIREAD, multi((GET, watching("/m")), (CHILDREN, watching("/m")), (GET, watching("/nothing")), (GET, watching("/bob")))),
    ("a", MULTIREAD, multi()),
    ("a", MULTIREAD, multi((CHECK, delete("/m", -1)),)),
    # -- quota
    ("a", CREATE, create("/q", b"1234")),
    ("a", CREATE, create("/zookeeper/quota/q", b"")),
    ("a", CREATE, create("/zookeeper/quota/q/zookeeper_stats", b"count=0,bytes=0")),
    ("a", CREATE, create("/zookeeper/quota/q/zookeeper_limits", b"count=-1,bytes=-1=;byteHardLimit=12;countHardLimit=3")),
    ("a", GET, watching("/zookeeper/quota/q/zookeeper_stats")),
    ("a", CREATE, create("/q/a", b"12")),
    ("a", CREATE, create("/q/b", b"1234567")),
    ("a", CREATE, create("/q/b", b"")),
    ("a", CREATE, create("/q/c", b"")),
    ("a", SET, set_data("/q/b", b"1234567")),
    ("a", SET, set_data("/q/b", b"123456")),
    ("a", GET, watching("/zookeeper/quota/q/zookeeper_stats")),
    ("a", DELETE, delete("/q/a")),
    ("a", GET, watching("/zookeeper/quota/q/zookeeper_stats")),
    ("a", DELETE, delete("/zookeeper/quota/q/zookeeper_limits")),
    ("a", CREATE, create("/q/c", b"1234567890")),
    # -- reconfig is disabled
    ("a", RECONFIG, ustr("server.1=x:1:2;3") + ustr(None) + ustr(None) + i64(-1)),
    # -- sessions
    ("c", CREATE, create("/e1", b"", flags=1)),
    ("c", CREATE, create("/a/e2", b"", flags=1)),
    ("c", CREATE, create("/a/e-", b"", flags=3)),
    ("c", CREATE, create("/a/e-", b"", flags=3)),
    ("c", CREATE, create("/bb", b"", flags=1)),
    ("c", EPHEMERALS, only("/a")),
    ("c", DELETE, delete("/a/e2")),
    ("c", CLOSE, b""),
    ("a", CHILDREN2, watching("/a")),
    ("d", CLOSE, b""),
    ("a", CLOSE, b""),
    ("b", COUNT, only("/")),
    ("b", CLOSE, b""),
]
DIFFERENT_BEFORE_3_9_2 = [(EXISTS, watching("/bob", True)), (ADDW, typed("/w", 1)), (REMOVEW, typed("/w", 3)), (SETW2, None),
                          (CHECKW, typed("/w", 1)), (MULTI, multi((CREATE2, create("/m/s-", b"", flags=2)), (CHECK, delete("/m", 2)))), (MULTI, multi((CREATE, create("/bad", b"", flags=9)),))]


class Connection:
    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.settimeout(20)
        self.send(i32(0) + i64(0) + i32(30000) + i64(0) + buf(b"\0" * 16) + b"\0")
        reply = self.receive()
        _, self.timeout, self.session = struct.unpack(">iiq", reply[:16])
        self.xid = 0
        self.identities = [["ip", "127.0.0.1"]]

    def send(self, payload): self.sock.sendall(i32(len(payload)) + payload)

    def receive(self):
        def exactly(n):
            data = b""
            while len(data) < n:
                part = self.sock.recv(n - len(data))
                if not part: raise EOFError
                data += part
            return data
        return exactly(struct.unpack(">i", exactly(4))[0])

    def request(self, opcode, body, xid=None):
        if xid is None:
            self.xid += 1
            xid = self.xid
        self.send(i32(xid) + i32(opcode) + body)
        events = []
        while True:
            frame = self.receive()
            if struct.unpack(">i", frame[:4])[0] != -1: return xid, frame, events
            events.append(frame.hex())


def start(directory, port, classpath, defines):
    config = os.path.join(directory, "zoo.cfg")
    with open(config, "w") as f:
        f.write(f"tickTime=2000\ndataDir={directory}/data\nclientPort={port}\nclientPortAddress=127.0.0.1\n"
                "admin.enableServer=false\n4lw.commands.whitelist=*\n")
    log = open(os.path.join(directory, "log"), "w")
    server = subprocess.Popen(["java", "-Xmx256m", *defines, "-cp", classpath,
                               "org.apache.zookeeper.server.quorum.QuorumPeerMain", config], stdout=log, stderr=log)
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                s.sendall(b"srvr")
                if b"Zookeeper version" in s.recv(100): return server
        except OSError: pass
        time.sleep(0.1)
    server.kill()
    sys.exit("server did not start: " + open(os.path.join(directory, "log")).read())


def log_records(directory):
    version2 = os.path.join(directory, "data", "version-2")
    for name in sorted((n for n in os.listdir(version2) if n.startswith("log.")), key=lambda n: int(n[4:], 16)):
        data = open(os.path.join(version2, name), "rb").read()
        at = 16
        while at + 12 <= len(data):
            length = struct.unpack(">i", data[at + 8:at + 12])[0]
            if length <= 0: break
            yield data[at + 12:at + 12 + length]
            at += 12 + length + 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out"); parser.add_argument("--classpath", required=True)
    parser.add_argument("--port", type=int, default=21900); parser.add_argument("--old", action="store_true")
    options, defines = parser.parse_known_args()
    directory = tempfile.mkdtemp(prefix="capture-")
    server = start(directory, options.port, options.classpath, defines)
    connections, steps = {}, []
    try:
        for name, opcode, body in SCENARIO:
            if options.old and any(opcode == o and (b is None or body == b) for o, b in DIFFERENT_BEFORE_3_9_2): continue
            if name not in connections:
                c = connections[name] = Connection(options.port)
                steps.append({"session": str(c.session), "identities": [], "cxid": 0, "type": CREATE_SESSION,
                              "request": i32(c.timeout).hex(), "reply": "", "events": []})
            c = connections[name]
            if opcode == "auth":
                c.request(AUTH, i32(0) + ustr(body[0]) + buf(body[1]), xid=-4)
                c.identities = c.identities + [["digest", digest_id(*body[1].decode().split(":"))]]
                continue
            xid, reply, events = c.request(opcode, body)
            steps.append({"session": str(c.session), "identities": c.identities, "cxid": xid, "type": opcode,
                          "request": body.hex(), "reply": reply.hex(), "events": events})
    finally:
        server.terminate()
        server.wait()
    records = list(log_records(directory))
    writes = [s for s in steps if s["type"] in WRITES]
    if len(records) != len(writes):
        for w, r in zip(writes, records): print(w["type"], w["request"], r.hex(), file=sys.stderr)
        sys.exit(f"{len(writes)} writes but {len(records)} records in {directory}")
    for step, record in zip(writes, records): step["txn"] = record.hex()
    with open(options.out, "w") as out:
        out.write(json.dumps({"settings": defines}) + "\n")
        for step in steps: out.write(json.dumps(step) + "\n")
    shutil.rmtree(directory)
    print(f"{len(steps)} steps, {len(records)} records")


main()
