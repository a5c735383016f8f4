#!/bin/sh
# zkCli.sh [-server host:port,.../chroot] [-timeout ms] [-r] [-waitforconnection] [-client-configuration file] [command ...]
#
# ZooKeeper at the command line: one command, or a session at a terminal or from a pipe.

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
zk_exec dist/src/cli/zk-cli.js "$CLIENT_JVMFLAGS $JVMFLAGS" "$@"
