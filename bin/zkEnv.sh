#!/bin/sh
# The environment of all scripts: sourced by each of them, with ZOOBINDIR set. Sets
#   ZOOCFGDIR, ZOOCFG, ZOO_LOG_DIR, ZOOKEEPER_PREFIX, HOSTNAME, NODE
# and takes a leading `--config dir` off the arguments. Names and rules are ZooKeeper's; NODE stands in for its JAVA.
# docs/OPERATING.md lists every variable.

ZOOBINDIR="${ZOOBINDIR:-/usr/bin}"
ZOOKEEPER_PREFIX="${ZOOBINDIR}/.."

if [ $# -gt 1 ] && [ "$1" = "--config" ]; then
  ZOOCFGDIR=$2
  shift 2
fi

if [ -z "$ZOOCFGDIR" ]; then
  if [ -e "${ZOOKEEPER_PREFIX}/conf" ]; then
    ZOOCFGDIR="$ZOOBINDIR/../conf"
  else
    ZOOCFGDIR="$ZOOBINDIR/../etc/zookeeper"
  fi
fi

if [ -f "$ZOOCFGDIR/zookeeper-env.sh" ]; then
  . "$ZOOCFGDIR/zookeeper-env.sh"
fi

# A name is looked for in the configuration directory, a path is taken as it is.
ZOO_SAMPLE=
case $ZOOCFG in
  */*) ;;
  '')
    ZOOCFG="$ZOOCFGDIR/zoo.cfg"
    if [ ! -e "$ZOOCFG" ]; then ZOO_SAMPLE="$ZOOCFGDIR/zoo_sample.cfg"; fi
    ;;
  *) ZOOCFG="$ZOOCFGDIR/$ZOOCFG" ;;
esac

if [ -f "$ZOOCFGDIR/java.env" ]; then
  . "$ZOOCFGDIR/java.env"
fi

ZOO_LOG_DIR="${ZOO_LOG_DIR:-$ZOOKEEPER_PREFIX/logs}"
HOSTNAME="${HOSTNAME:-$(uname -n)}"

if [ -n "$NODE_HOME" ] && [ -x "$NODE_HOME/bin/node" ]; then
  NODE="$NODE_HOME/bin/node"
elif command -v node > /dev/null; then
  NODE=node
else
  echo "Error: NODE_HOME is not set and node could not be found in PATH." >&2
  exit 1
fi

# ZooKeeper gives every JVM -Xmx. Node finds its own limit, and what fills a server's memory, the data of its nodes, is not in
# its heap: only a heap that somebody asked for is handed on, be it by ZK_SERVER_HEAP or by an -Xmx among the flags.
if [ -n "$ZK_SERVER_HEAP" ]; then SERVER_JVMFLAGS="-Xmx${ZK_SERVER_HEAP}m $SERVER_JVMFLAGS"; fi
if [ -n "$ZK_CLIENT_HEAP" ]; then CLIENT_JVMFLAGS="-Xmx${ZK_CLIENT_HEAP}m $CLIENT_JVMFLAGS"; fi

# zk_heap flags...: the last -Xmx among them as node's option, or nothing.
zk_heap() {
  zk_option=
  for zk_flag in "$@"; do
    case $zk_flag in
      -Xmx*[0-9][gG]) zk_size=${zk_flag#-Xmx}; zk_option="--max-old-space-size=$((${zk_size%?} * 1024))" ;;
      -Xmx*[0-9][mM]) zk_size=${zk_flag#-Xmx}; zk_option="--max-old-space-size=${zk_size%?}" ;;
      -Xmx*[0-9][kK]) zk_size=${zk_flag#-Xmx}; zk_option="--max-old-space-size=$((${zk_size%?} / 1024))" ;;
      -Xmx*[0-9]) zk_size=${zk_flag#-Xmx}; zk_option="--max-old-space-size=$((zk_size / 1048576))" ;;
    esac
  done
  echo "$zk_option"
}

# zk_need program: ends the script when the program has not been built.
zk_need() {
  if [ ! -f "$ZOOKEEPER_PREFIX/dist/src/$1" ]; then
    echo "Error: $ZOOKEEPER_PREFIX/dist/src/$1 is missing: run \"npm ci\" in $ZOOKEEPER_PREFIX" >&2
    exit 1
  fi
}

# zk_exec program flags arguments...: the script goes on as the program. The flags are several words, split at blanks and never
# expanded.
zk_exec() {
  zk_program=$1
  zk_flags=$2
  shift 2
  zk_need "${zk_program#dist/src/}"
  set -f
  # shellcheck disable=SC2086
  exec "$NODE" $(zk_heap $zk_flags) "$ZOOKEEPER_PREFIX/$zk_program" $zk_flags "$@"
}

# zk_setting key file: the value of a key, the last one where there are several; nothing where there is none.
zk_setting() {
  zk_key=$(printf '%s' "$1" | sed 's/\./\\./g')
  sed -n -e "s/^[[:space:]]*$zk_key[[:space:]]*[=:][[:space:]]*//p" -e "s/^[[:space:]]*$zk_key[[:space:]]\{1,\}\([^=:[:space:]]\)/\1/p" \
    "$2" 2> /dev/null | sed -e 's/[[:space:]]*$//' | tail -n 1
}
