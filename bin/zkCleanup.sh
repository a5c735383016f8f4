#!/bin/sh
# zkCleanup.sh -n count
#
# Removes old snapshots and the logs that only they needed from the directories of conf/zoo.cfg; the newest `count` (at least
# 3) stay. Safe while the server runs.

ZOOSCRIPT=$0
while [ -L "$ZOOSCRIPT" ]; do
  ZOOLINK=$(readlink "$ZOOSCRIPT")
  case $ZOOLINK in
    /*) ZOOSCRIPT=$ZOOLINK ;;
    *) ZOOSCRIPT=$(dirname "$ZOOSCRIPT")/$ZOOLINK ;;
  esac
done
ZOOBINDIR="$(cd "$(dirname "$ZOOSCRIPT")" && pwd)"
. "$ZOOBINDIR"/zkEnv.sh
zk_need cli/purge-txn-log.js

if [ -n "$ZOO_SAMPLE" ] && [ -e "$ZOO_SAMPLE" ]; then ZOOCFG=$ZOO_SAMPLE; fi
ZOODATADIR=$(zk_setting dataDir "$ZOOCFG")
ZOODATALOGDIR=$(zk_setting dataLogDir "$ZOOCFG")

if [ -n "$ZOODATALOGDIR" ]; then
  exec "$NODE" "$ZOOKEEPER_PREFIX/dist/src/cli/purge-txn-log.js" "$ZOODATALOGDIR" "$ZOODATADIR" "$@"
fi
exec "$NODE" "$ZOOKEEPER_PREFIX/dist/src/cli/purge-txn-log.js" "$ZOODATADIR" "$@"
