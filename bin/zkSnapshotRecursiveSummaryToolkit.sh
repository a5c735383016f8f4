#!/bin/sh
# zkSnapshotRecursiveSummaryToolkit.sh snapshot_file starting_node max_depth
#
# Prints how many nodes and bytes are below each node of a snapshot.

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
zk_exec dist/src/cli/toolkits/snapshot-recursive-summary.js "$JVMFLAGS" "$@"
