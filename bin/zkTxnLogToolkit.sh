#!/bin/sh
# zkTxnLogToolkit.sh [-dhrvy] [-c -z zxid] txn_log_file
#
# Prints a transaction log, mends its checksums (-r), or cuts it off behind a zxid (-c -z). The log itself is never changed.

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
zk_exec dist/src/cli/toolkits/txn-log-toolkit.js "$JVMFLAGS" "$@"
