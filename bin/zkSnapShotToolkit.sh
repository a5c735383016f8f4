#!/bin/sh
# zkSnapShotToolkit.sh [-d|-json] snapshot_file
#
# Prints the nodes and sessions of a snapshot, with their data (-d), or for ncdu (-json).

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
zk_exec dist/src/cli/toolkits/snapshot-formatter.js "$JVMFLAGS" "$@"
