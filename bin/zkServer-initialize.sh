#!/bin/sh
# zkServer-initialize.sh [--configfile=FILE] [--myid=N] [--force]
#
# Makes the data directories of a new server, its myid, and the file `initialize`, which tells a server that was told not to
# begin without data (db.autocreate=false) that this time it may.

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

usage() {
  printf 'usage: %s <parameters>
  Optional parameters:
     -h                                                    Display this message
     --help                                                Display this message
     --configfile=%-40s ZooKeeper config file
     --myid=#                                              Set the myid to be used, if any (1-255)
     --force                                               Force creation of the data/txnlog dirs
' "$0" "$ZOOCFG"
  exit 1
}

initialize() {
  if [ ! -e "$ZOOCFG" ]; then
    echo "Unable to find config file at $ZOOCFG"
    exit 1
  fi
  ZOO_DATADIR=$(zk_setting dataDir "$ZOOCFG")
  ZOO_DATALOGDIR=$(zk_setting dataLogDir "$ZOOCFG")
  if [ -z "$ZOO_DATADIR" ]; then
    echo "Unable to determine dataDir from $ZOOCFG"
    exit 1
  fi
  if [ -n "$FORCE" ]; then
    echo "Force enabled, data/txnlog directories will be re-initialized"
  else
    # Real data is in version-2; the directory above may have been made by whoever installed us.
    if [ -d "$ZOO_DATADIR/version-2" ]; then
      echo "ZooKeeper data directory already exists at $ZOO_DATADIR (or use --force to force re-initialization)"
      exit 1
    fi
    if [ -n "$ZOO_DATALOGDIR" ] && [ -d "$ZOO_DATALOGDIR/version-2" ]; then
      echo "ZooKeeper txnlog directory already exists at $ZOO_DATALOGDIR (or use --force to force re-initialization)"
      exit 1
    fi
  fi
  make_anew "$ZOO_DATADIR"
  if [ -n "$ZOO_DATALOGDIR" ]; then make_anew "$ZOO_DATALOGDIR"; fi
  if [ -n "$MYID" ]; then
    echo "Using myid of $MYID"
    echo "$MYID" > "$ZOO_DATADIR/myid" || exit 1
  else
    echo "No myid provided, be sure to specify it in $ZOO_DATADIR/myid if using non-standalone"
  fi
  touch "$ZOO_DATADIR/initialize"
}

make_anew() {
  rm -rf "$1/myid" "$1/version-2"
  mkdir -p "$1/version-2" || exit 1
}

FORCE=
MYID=
while [ -n "$1" ]; do
  case $1 in
    --configfile) ZOOCFG=$2; shift ;;
    --configfile=?*) ZOOCFG=${1#*=} ;;
    --myid) MYID=$2; shift ;;
    --myid=?*) MYID=${1#*=} ;;
    --force) FORCE=1 ;;
    -h | --help) usage ;;
    *)
      echo "Unknown option: $1"
      usage
      ;;
  esac
  shift
done
initialize
