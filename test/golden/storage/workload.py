# Fills a server with a little of everything; prints "ready" and waits to be killed, with its sessions open. argv: port, rounds, 3.4?
import sys
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import make_acl, make_digest_acl, OPEN_ACL_UNSAFE

port, rounds, old = sys.argv[1], int(sys.argv[2]), len(sys.argv) > 3
def client(timeout):
    c = KazooClient(hosts="127.0.0.1:" + port, timeout=timeout)
    c.start()
    return c
def attempt(call, *args, **kw):
    try:
        return call(*args, **kw)
    except KazooException:
        return None
a, b = client(9.0), client(13.0)
a.add_auth("digest", "u:p")
closed = client(5.0)
closed.create("/gone", b"x", ephemeral=True)
for i in range(rounds):
    base = "/n%d" % i
    a.create(base, b"")
    a.create(base + "/data", bytes(range(i % 50)) * 9)
    a.create(base + "/utf8-\u00e4\u20ac\u4e2d", "\u00fc".encode())
    a.create(base + "/acl", b"secret", acl=[make_digest_acl("u", "p", all=True), make_acl("world", "anyone", read=True)])
    a.create(base + "/eph-", b"1", ephemeral=True, sequence=True)
    b.create(base + "/eph-", b"2", ephemeral=True, sequence=True)
    a.set(base + "/data", b"v1")
    a.set_acls(base + "/utf8-\u00e4\u20ac\u4e2d", [make_acl("world", "anyone", all=True), make_acl("ip", "127.0.0.1", read=True)])
    attempt(a.create, base, b"again")
    attempt(a.delete, base + "/none")
    attempt(a.set, base, b"", version=77)
    t = a.transaction()
    t.create(base + "/multi", b"m")
    t.set_data(base, b"from multi")
    t.delete(base + "/multi")
    t.create(base + "/multi2")
    t.commit()
    t = a.transaction()
    t.create(base + "/never", b"m")
    t.check(base, 99)
    t.commit()
    if i % 3 == 2:
        a.delete("/n%d" % (i - 1), recursive=True)
a.create("/zeros", bytes(3000))
a.create("/quota", b"")
closed.stop()
closed.close()
print("ready", flush=True)
sys.stdin.read()
