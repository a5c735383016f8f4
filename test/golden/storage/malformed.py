# Sends what is no request, between requests: Java 3.9 logs it as an error under the zxid that was already given out. argv: port.
import socket, struct, sys

def frame(body):
    return struct.pack(">i", len(body)) + body
def read(s):
    def exactly(n):
        out = b""
        while len(out) < n:
            got = s.recv(n - len(out))
            if not got:
                raise EOFError
            out += got
        return out
    return exactly(struct.unpack(">i", exactly(4))[0])
def text(t):
    return struct.pack(">i", len(t)) + t
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(frame(struct.pack(">iqiq", 0, 0, 10000, 0) + text(bytes(16)) + b"\0"))
read(s)
xid = 0
def request(kind, body):
    global xid
    xid += 1
    s.sendall(frame(struct.pack(">ii", xid, kind) + body))
    return read(s)
acl = struct.pack(">ii", 1, 31) + text(b"world") + text(b"anyone")
def create(path):
    return request(1, text(path) + text(b"data") + acl + struct.pack(">i", 0))
tag = sys.argv[2].encode()
if tag == b"2":
    request(1, text(b"/cut")[:6])
for i in range(3):
    create(b"/m" + tag + b"-%d" % i)
    request(5, text(b"/m")[:5])
print("ready", flush=True)
sys.stdin.read()
