#!/bin/sh
# Captures the golden data directories from real servers: `sh test/golden/storage/capture.sh`. Needs what
# test/compat/install-peers.sh installs, and ZooKeeper 3.4.14 with its dependencies from Maven. Each server is killed with
# its sessions open; what it leaves is kept as it is, with what a Java server of the same or a later version makes of it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peers=${ZOOID_PEERS:-$HOME/.cache/zooid-peers}
python="env PYTHONPATH=$peers/kazoo/kazoo-2.11.0 $peers/kazoo/venv/bin/python"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp38=
for j in zookeeper zookeeper-jute slf4j-api slf4j-simple netty-all snappy-java metrics-core jetty9-server jetty9-servlet commons-cli commons-io; do
  cp38=$cp38:/usr/share/java/$j.jar
done
cp39=$(printf '%s:' "$peers"/java39/*.jar)
m2=$HOME/.m2/repository
cp34=$m2/org/apache/zookeeper/zookeeper/3.4.14/zookeeper-3.4.14.jar:$m2/org/slf4j/slf4j-api/1.7.25/slf4j-api-1.7.25.jar
cp34=$cp34:$m2/org/slf4j/slf4j-log4j12/1.7.25/slf4j-log4j12-1.7.25.jar:$m2/log4j/log4j/1.2.17/log4j-1.2.17.jar:$m2/io/netty/netty/3.10.6.Final/netty-3.10.6.Final.jar
port=21600

# NAME CLASSPATH ROUNDS FLAGS OLD
capture() {
  name=$1 cp=$2 rounds=$3 flags=$4 old=$5
  port=$((port + 1))
  mkdir -p "$work/$name"
  printf 'tickTime=2000\ndataDir=%s\nclientPort=%s\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n4lw.commands.whitelist=*\n' "$work/$name" $port >"$work/$name.cfg"
  # shellcheck disable=SC2086 # flags are words
  java -Xmx128m -Dzookeeper.preAllocSize=16 -Dzookeeper.extendedTypesEnabled=true $flags -cp "$cp" org.apache.zookeeper.server.quorum.QuorumPeerMain "$work/$name.cfg" >"$work/$name.log" 2>&1 &
  pid=$!
  mkfifo "$work/$name.in"
  # shellcheck disable=SC2086
  $python "$here/workload.py" $port "$rounds" $old <"$work/$name.in" >"$work/$name.out" 2>&1 &
  client=$!
  exec 9>"$work/$name.in"
  until grep -q ready "$work/$name.out"; do kill -0 $client || { cat "$work/$name.out" "$work/$name.log"; exit 1; }; sleep 0.2; done
  kill -9 $pid
  exec 9>&-
  kill $client 2>/dev/null || true
  rm -rf "${here:?}/$name" "$work/$name.dump"
  mkdir -p "$here/$name"
  cp -r "$work/$name/version-2" "$here/$name/"
  cp -r "$work/$name" "$work/$name.dump"
  java -cp "$work:$cp39" -Dzookeeper.extendedTypesEnabled=true DumpState "$work/$name.dump" "$work/$name.dump" 2>"$work/$name.err" >"$here/$name/expected.txt"
  tail -2 "$here/$name/expected.txt"
  ls -la "$here/$name/version-2"
}

# Killed, and started again, with requests that are none.
capture_malformed() {
  name=java39-malformed port=21690
  mkdir -p "$work/$name"
  printf 'tickTime=2000\ndataDir=%s\nclientPort=%s\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n4lw.commands.whitelist=*\n' "$work/$name" $port >"$work/$name.cfg"
  for tag in 1 2; do
    java -Xmx128m -Dzookeeper.preAllocSize=16 -cp "$cp39" org.apache.zookeeper.server.quorum.QuorumPeerMain "$work/$name.cfg" >"$work/$name.log" 2>&1 &
    pid=$!
    until grep -q ready "$work/$name.out$tag" 2>/dev/null; do sleep 0.3; $python "$here/malformed.py" $port $tag </dev/null >"$work/$name.out$tag" 2>/dev/null || true; done
    kill -9 $pid
    wait $pid 2>/dev/null || true
  done
  # Only the first snapshot, so that all of the log is replayed.
  for file in "$work/$name"/version-2/snapshot.*; do [ "${file##*/}" = snapshot.0 ] || rm "$file"; done
  rm -rf "${here:?}/$name"
  mkdir -p "$here/$name"
  cp -r "$work/$name/version-2" "$here/$name/"
  cp -r "$work/$name" "$work/$name.dump"
  java -cp "$work:$cp39" DumpState "$work/$name.dump" "$work/$name.dump" 2>"$work/$name.err" >"$here/$name/expected.txt"
  tail -2 "$here/$name/expected.txt"
  ls -la "$here/$name/version-2"
}

javac -cp "$cp39" -d "$work" "$here/DumpState.java"
if [ "${1:-}" = malformed ]; then capture_malformed; exit; fi
few="-Dzookeeper.snapCount=60"
many="-Dzookeeper.snapCount=100000"
capture java34 "$cp34" 6 "$few" old
capture java38 "$cp38" 6 "$few" ""
capture java39 "$cp39" 6 "$few" ""
capture java38-gz "$cp38" 6 "$few -Dzookeeper.snapshot.compression.method=gz" ""
capture java39-snappy "$cp39" 6 "$few -Dzookeeper.snapshot.compression.method=snappy" ""
capture java39-plain "$cp39" 4 "$few -Dzookeeper.digest.enabled=false -Dzookeeper.serializeLastProcessedZxid.enabled=false -Dzookeeper.closeSessionTxn.enabled=false" ""
capture java39-log "$cp39" 4 "$many" ""
capture_malformed
