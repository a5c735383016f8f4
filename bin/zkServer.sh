#!/bin/sh
# zkServer.sh [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd} [configuration file]
#
# Starts, stops and asks a server, with the lines, exit codes, files and variables of ZooKeeper's script of this name. Where
# that one would say STARTED or STOPPED of a process it has not looked at, this one looks. docs/OPERATING.md tells all of it.

# Found through symbolic links, so that it may be linked to from any bin directory.
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

# ---------------------------------------------------------------------------------------------------------------- set-up

# There is no JMX here. The lines stay, because scripts read them, and the properties too, because operators look at them.
if [ -z "$JMXDISABLE" ] || [ "$JMXDISABLE" = false ]; then
  echo "ZooKeeper JMX enabled by default" >&2
  JMX="-Dcom.sun.management.jmxremote"
  if [ -z "$JMXPORT" ]; then
    JMX="$JMX -Dcom.sun.management.jmxremote.local.only=${JMXLOCALONLY:-false}"
  else
    JMXAUTH=${JMXAUTH:-false}
    JMXSSL=${JMXSSL:-false}
    JMXLOG4J=${JMXLOG4J:-true}
    echo "ZooKeeper remote JMX Port set to $JMXPORT" >&2
    echo "ZooKeeper remote JMX authenticate set to $JMXAUTH" >&2
    echo "ZooKeeper remote JMX ssl set to $JMXSSL" >&2
    echo "ZooKeeper remote JMX log4j set to $JMXLOG4J" >&2
    if [ -n "$JMXHOSTNAME" ]; then
      echo "ZooKeeper remote JMX Hostname set to $JMXHOSTNAME" >&2
      JMX="$JMX -Djava.rmi.server.hostname=$JMXHOSTNAME"
    fi
    JMX="$JMX -Dcom.sun.management.jmxremote.port=$JMXPORT -Dcom.sun.management.jmxremote.authenticate=$JMXAUTH"
    JMX="$JMX -Dcom.sun.management.jmxremote.ssl=$JMXSSL -Dzookeeper.jmx.log4j.disable=$JMXLOG4J"
  fi
else
  echo "JMX disabled by user request" >&2
  JMX=
fi

JVMFLAGS="$SERVER_JVMFLAGS $JVMFLAGS"

# A name is a file in the configuration directory, anything with a slash is a path.
if [ -n "$2" ]; then
  ZOO_SAMPLE=
  case $2 in
    */*) ZOOCFG=$2 ;;
    *) ZOOCFG="$ZOOCFGDIR/$2" ;;
  esac
fi
if [ -n "$ZOO_SAMPLE" ] && [ -e "$ZOO_SAMPLE" ]; then
  echo "There is no $ZOOCFG: using the sample configuration" >&2
  ZOOCFG=$ZOO_SAMPLE
fi
echo "Using config: $ZOOCFG" >&2

ZOO_DATADIR=$(zk_setting dataDir "$ZOOCFG")
ZOO_DATALOGDIR=$(zk_setting dataLogDir "$ZOOCFG")

ZOO_DATADIR_AUTOCREATE=
if [ -n "$ZOO_DATADIR_AUTOCREATE_DISABLE" ]; then
  if [ ! -d "$ZOO_DATADIR/version-2" ]; then
    echo "ZooKeeper data directory is missing at $ZOO_DATADIR fix the path or run initialize"
    exit 1
  fi
  if [ -n "$ZOO_DATALOGDIR" ] && [ ! -d "$ZOO_DATALOGDIR/version-2" ]; then
    echo "ZooKeeper txnlog directory is missing at $ZOO_DATALOGDIR fix the path or run initialize"
    exit 1
  fi
  ZOO_DATADIR_AUTOCREATE="-Dzookeeper.datadir.autocreate=false"
fi

ZOOPIDFILE="${ZOOPIDFILE:-$ZOO_DATADIR/zookeeper_server.pid}"
ZOO_LOG_FILE="${ZOO_LOG_FILE:-zookeeper-$USER-server-$HOSTNAME.log}"
ZOO_OUT="$ZOO_LOG_DIR/zookeeper-$USER-server-$HOSTNAME.out"
ZOOMAIN="$ZOOKEEPER_PREFIX/dist/src/main.js"
# The same in one file, which starts in half the time; not when something has been compiled since it was made.
if [ -f "$ZOOKEEPER_PREFIX/dist/zooid.js" ] &&
  [ -z "$(find "$ZOOKEEPER_PREFIX/dist/src.tsbuildinfo" -newer "$ZOOKEEPER_PREFIX/dist/zooid.js" 2> /dev/null)" ]; then
  ZOOMAIN="$ZOOKEEPER_PREFIX/dist/zooid.js"
fi

# ----------------------------------------------------------------------------------------------------------------- verbs

# Runs "$@", then the server's command line. The flags are split at blanks, as ZooKeeper does it, and never expanded.
with_server() {
  set -f
  # shellcheck disable=SC2086
  set -- "$@" "$NODE" $(zk_heap $JVMFLAGS) "$ZOOMAIN" $ZOO_DATADIR_AUTOCREATE "-Dzookeeper.log.dir=$ZOO_LOG_DIR" \
    "-Dzookeeper.log.file=$ZOO_LOG_FILE" $JVMFLAGS $JMX "$ZOOCFG"
  set +f
  "$@"
}

# What a start needs that the server itself could no longer say on this terminal.
check_start() {
  if [ ! -f "$ZOOMAIN" ]; then
    fail_start "$ZOOMAIN is missing: run \"npm ci\" in $ZOOKEEPER_PREFIX"
  elif [ ! -e "$ZOOCFG" ]; then
    fail_start "$ZOOCFG file is missing"
  elif [ -z "$ZOO_DATADIR" ] && [ "$ZOOPIDFILE" = /zookeeper_server.pid ]; then
    fail_start "dataDir is not set in $ZOOCFG"
  fi
  case ${ZOO_START_WAIT:-1} in
    *[!0-9]*) fail_start "ZOO_START_WAIT must be whole seconds: current value is \"$ZOO_START_WAIT\"" ;;
  esac
}

fail_start() {
  echo "FAILED TO START"
  echo "Error: $1" >&2
  exit 1
}

# A process that has ended and that nobody has asked for (a zombie: our own child, or one under a careless process 1 in a
# container) can still be signalled. It is not running.
is_running() {
  kill -0 "$1" 2> /dev/null || return 1
  if [ -e "/proc/$1/status" ]; then
    state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2> /dev/null)
  else
    state=$(ps -o stat= -p "$1" 2> /dev/null)
  fi
  case $state in
    Z*) return 1 ;;
  esac
}

start_in_background() {
  nohup "$@" > "$ZOO_OUT" 2>&1 < /dev/null &
}

start() {
  printf 'Starting zookeeper ... '
  check_start
  if [ -f "$ZOOPIDFILE" ] && is_running "$(cat "$ZOOPIDFILE")"; then
    echo "already running as process $(cat "$ZOOPIDFILE")."
    exit 1
  fi
  mkdir -p "$(dirname "$ZOOPIDFILE")" "$ZOO_LOG_DIR"
  if ! { printf '' >> "$ZOO_OUT"; } 2> /dev/null; then
    fail_start "cannot write $ZOO_OUT"
  fi
  with_server start_in_background
  pid=$!
  if ! { printf '%s' "$pid" > "$ZOOPIDFILE"; } 2> /dev/null; then
    kill "$pid"
    echo "FAILED TO WRITE PID"
    exit 1
  fi
  # A server that cannot start says so soon. ZooKeeper's script gives it one second; slow machines may need more.
  seconds=${ZOO_START_WAIT:-1}
  while [ "$seconds" -gt 0 ] && is_running "$pid"; do
    sleep 1
    seconds=$((seconds - 1))
  done
  if is_running "$pid"; then
    echo STARTED
  else
    rm -f "$ZOOPIDFILE"
    reason=$(grep ' - ERROR ' "$ZOO_OUT" | tail -n 1)
    fail_start "${reason:-$(tail -n 1 "$ZOO_OUT")} (see $ZOO_OUT)"
  fi
}

start_foreground() {
  zk_need main.js
  if [ -n "$ZOO_NOEXEC" ]; then
    with_server command
  else
    with_server exec
  fi
}

stop() {
  printf 'Stopping zookeeper ... '
  if [ ! -f "$ZOOPIDFILE" ]; then
    echo "no zookeeper to stop (could not find file $ZOOPIDFILE)"
    return 0
  fi
  pid=$(cat "$ZOOPIDFILE")
  if kill "$pid"; then
    # Its log is being synced and its port given back: only when it is gone can the next one start.
    tenths=$((${ZOO_STOP_WAIT:-60} * 10))
    while [ "$tenths" -gt 0 ] && is_running "$pid"; do
      sleep 0.1 2> /dev/null || { sleep 1 && tenths=$((tenths - 9)); }
      tenths=$((tenths - 1))
    done
    if is_running "$pid"; then
      echo "process $pid is still there after ${ZOO_STOP_WAIT:-60} seconds"
      return 1
    fi
  elif ps -p "$pid" > /dev/null 2>&1; then
    echo "process $pid is not ours to stop"
    return 1
  fi
  rm -f "$ZOOPIDFILE"
  echo STOPPED
}

print_cmd() {
  set -f
  # shellcheck disable=SC2086
  echo "\"$NODE\" $(zk_heap $JVMFLAGS) \"$ZOOMAIN\" $ZOO_DATADIR_AUTOCREATE -Dzookeeper.log.dir=\"$ZOO_LOG_DIR\"" \
    "-Dzookeeper.log.file=\"$ZOO_LOG_FILE\" $JVMFLAGS $JMX \"$ZOOCFG\" > \"$ZOO_OUT\" 2>&1 < /dev/null"
}

version() {
  zk_need version.js
  "$NODE" --input-type=module -e '
    const { FULL_VERSION, ZOOID_VERSION, ZOOKEEPER_VERSION } = await import(process.argv[1]);
    console.log(`Apache ZooKeeper, version ${ZOOKEEPER_VERSION} ${FULL_VERSION.replace(/^.*built on /, "")}`);
    console.error(`Zooid ${ZOOID_VERSION}, node ${process.version}`);
  ' "$ZOOKEEPER_PREFIX/dist/src/version.js"
}

is_number() {
  case $1 in
    '' | *[!0-9]*) return 1 ;;
  esac
}

# Sets clientPort and clientPortAddress from our own server line: host:2888:3888:role;[address:]port
find_port_of_member() {
  dataDir=$(zk_setting dataDir "$ZOOCFG")
  myid=$(head -n 1 "$dataDir/myid" 2> /dev/null)
  if ! is_number "$myid"; then
    echo "myid could not be determined, will not able to locate clientPort in the server configs."
    return
  fi
  listed=$(zk_setting "server.$myid" "$ZOOCFG")
  case $listed in
    *\;*) ;;
    *)
      echo "Client port not found in static config file. Looking in dynamic config file."
      listed=$(zk_setting "server.$myid" "$(zk_setting dynamicConfigFile "$ZOOCFG")")
      ;;
  esac
  case $listed in
    *\;*) listed=${listed#*;} ;;
    *)
      echo "Client port not found in the server configs"
      return
      ;;
  esac
  case $listed in
    \[*\]:*) clientPortAddress=${listed#\[}; clientPortAddress=${clientPortAddress%%\]*} ;;
    *:*) clientPortAddress=${listed%%:*} ;;
  esac
  clientPort=${listed##*:}
}

status() {
  zk_need cli/four-letter-word-main.js
  isSSL=false
  clientPortAddress=$(zk_setting clientPortAddress "$ZOOCFG")
  clientPortAddress=${clientPortAddress:-localhost}
  clientPort=$(zk_setting clientPort "$ZOOCFG")
  if ! is_number "$clientPort"; then
    clientPort=
    find_port_of_member
  fi
  if [ -z "$clientPort" ]; then
    echo "Client port not found. Looking for secureClientPort in the static config."
    clientPort=$(zk_setting secureClientPort "$ZOOCFG")
    if [ -z "$clientPort" ]; then
      echo "Unable to find either secure or unsecure client port in any configs. Terminating."
      exit 1
    fi
    isSSL=true
    clientPortAddress=$(zk_setting secureClientPortAddress "$ZOOCFG")
    clientPortAddress=${clientPortAddress:-localhost}
  fi
  echo "Client port found: $clientPort. Client address: $clientPortAddress. Client SSL: $isSSL."
  set -f
  # shellcheck disable=SC2086
  mode=$("$NODE" "$ZOOKEEPER_PREFIX/dist/src/cli/four-letter-word-main.js" $CLIENT_JVMFLAGS \
    "$clientPortAddress" "$clientPort" srvr "$isSSL" 2> /dev/null | grep Mode)
  set +f
  if [ -n "$mode" ]; then
    echo "$mode"
    exit 0
  fi
  if [ "$isSSL" = true ]; then
    echo " "
    echo "Note: We used secureClientPort ($clientPort) to establish connection, but we failed. The 'status'"
    echo "  command establishes a client connection to the server to execute diagnostic commands. Please make sure you"
    echo "  provided all the Client SSL connection related parameters in the CLIENT_JVMFLAGS environment variable! E.g.:"
    echo "  CLIENT_JVMFLAGS=\"-Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty"
    echo "  -Dzookeeper.ssl.trustStore.location=/tmp/clienttrust.jks -Dzookeeper.ssl.trustStore.password=password"
    echo "  -Dzookeeper.ssl.keyStore.location=/tmp/client.jks -Dzookeeper.ssl.keyStore.password=password"
    echo "  -Dzookeeper.client.secure=true\" ./zkServer.sh status"
    echo " "
  fi
  echo "Error contacting service. It is probably not running."
  exit 1
}

# Two whole runs, as ZooKeeper does it, with the directory that --config named.
restart() {
  sh "$ZOOBINDIR/zkServer.sh" --config "$ZOOCFGDIR" stop "$1" || exit 1
  sh "$ZOOBINDIR/zkServer.sh" --config "$ZOOCFGDIR" start "$1"
}

case $1 in
  start) start ;;
  start-foreground) start_foreground ;;
  print-cmd) print_cmd ;;
  stop) stop ;;
  version) version ;;
  restart) restart "$2" ;;
  status) status ;;
  *)
    # ZooKeeper's exit code here is 0, and there are scripts that end at any other.
    echo "Usage: $0 [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd}" >&2
    ;;
esac
