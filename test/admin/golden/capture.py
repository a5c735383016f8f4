"""Asks a live ZooKeeper 3.9.5 every HTTP command and keeps the answers in commands-java-3.9.5.txt.

    PYTHONPATH=~/.cache/zooid-peers/kazoo/kazoo-2.11.0 ~/.cache/zooid-peers/kazoo/venv/bin/python test/admin/golden/capture.py [port]

The peers are those of test/compat/install-peers.sh; two ports from the given one on are used. The server is new. One session
makes what commands.test.ts makes with our own client, and is still there when the commands are asked.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time

from kazoo.client import KazooClient

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.environ.get("ZOOID_PEERS", os.path.expanduser("~/.cache/zooid-peers")) + "/java39"
PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 22460


def ask(line):
    method, _, rest = line.partition(" ")
    path, _, header = rest.partition(" ")
    lines = [f"{method} /commands{path} HTTP/1.1", "Host: zookeeper", "Connection: close"]
    connection = socket.create_connection(("127.0.0.1", PORT + 1))
    connection.sendall("\r\n".join(lines + ([header] if header else []) + ["", ""]).encode())
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    # Where Java's jars are on this machine is nobody's business.
    return re.sub(r'("java[.](class|library)[.]path" : )".*"', r'\1"<NA>"', answer.decode().replace("\r", ""))


def main():
    work = tempfile.mkdtemp()
    with open(f"{work}/zoo.cfg", "w") as config:
        config.write(f"tickTime=2000\ndataDir={work}/data\nclientPort={PORT}\nclientPortAddress=127.0.0.1\n")
        config.write(f"admin.serverAddress=127.0.0.1\nadmin.serverPort={PORT + 1}\n")
    command = ["java", "-Xmx256m", "-cp", f"{PEERS}:{PEERS}/*", "org.apache.zookeeper.server.quorum.QuorumPeerMain"]
    with open(f"{work}/log", "w") as log:
        server = subprocess.Popen(command + [f"{work}/zoo.cfg"], stdout=log, stderr=log)
    try:
        client = KazooClient(hosts=f"127.0.0.1:{PORT}", timeout=30)
        client.start(timeout=60)
        client.create("/a", b"hello")
        client.create("/a/b", b"x", ephemeral=True)
        client.create("/e", b"", ephemeral=True)
        client.get("/a/b", watch=lambda event: None)
        client.exists("/nope", watch=lambda event: None)
        with open(f"{HERE}/asked.txt") as asked, open(f"{HERE}/commands-java-3.9.5.txt", "w") as golden:
            for line in asked.read().splitlines():
                if "digest x:y" in line:
                    time.sleep(1)
                golden.write(f"### {line}\n{ask(line)}\n")
    finally:
        server.kill()


main()
