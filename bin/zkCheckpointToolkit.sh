#!/bin/sh
# zkCheckpointToolkit.sh to-file|to-lmdb|info dataDir [dataLogDir]
#
# From checkpoints (snapshot.store=lmdb) to snapshots and back, and how far a checkpoint goes. The server must be stopped.

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
zk_exec dist/src/cli/toolkits/checkpoint-toolkit.js "$JVMFLAGS" "$@"
