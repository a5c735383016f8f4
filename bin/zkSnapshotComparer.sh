#!/bin/sh
# zkSnapshotComparer.sh -l left_snapshot -r right_snapshot -b byte_threshold -n node_threshold [-d] [-i]
#
# Prints the nodes below which two snapshots differ by more than a number of bytes or nodes.

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
zk_exec dist/src/cli/toolkits/snapshot-comparer.js "$JVMFLAGS" "$@"
