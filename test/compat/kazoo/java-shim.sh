#!/bin/bash
# Stands in for `java` in kazoo's own harness (kazoo.testing.common runs `java -cp … -D… QuorumPeerMain zoo.cfg`):
# starts the server that KAZOO_SERVER names, java39 or zooid, on the same zoo.cfg and -D settings.
#
# Two things of that zoo.cfg are left out, for both: TLS and SASL, which are not part of a standalone server here yet, and
# with them Netty. What is tested of them is left out by name in suite.ts.
set -eu

cfg=${!#}
properties=()
for argument in "$@"; do
  case $argument in
  -Djava.* | -Dlog4j.* | -Dfile.encoding=*) ;;
  -D*) properties+=("$argument") ;;
  esac
done

sed -i -e '/^secureClientPort=/d' -e '/^ssl\./d' -e '/^serverCnxnFactory=/d' -e '/^authProvider\./d' \
  -e '/^admin.serverPort=/d' "$cfg"
echo admin.enableServer=false >>"$cfg"

case ${KAZOO_SERVER:?} in
java39)
  exec "$REAL_JAVA" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -Dfile.encoding=UTF-8 -Dzooid.log.level=WARN \
    "${properties[@]}" -cp "$JAVA39_CLASSPATH" org.apache.zookeeper.server.quorum.QuorumPeerMain "$cfg" ;;
zooid)
  # The same log as Java's harness would have: where get_logs looks for it.
  exec "$NODE" "$ZOOID_MAIN" "${properties[@]}" "$cfg" >"${cfg%/*}/zookeeper.log" 2>&1 ;;
*)
  echo "KAZOO_SERVER=$KAZOO_SERVER is neither java39 nor zooid" >&2
  exit 2 ;;
esac
