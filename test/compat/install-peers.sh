#!/bin/sh
# Installs the real peers that Zooid is compared with: `sh test/compat/install-peers.sh [--check]`.
#
#   Debian packages   zookeeper (3.8), a Java runtime, maven, a C compiler, chromium, prometheus (its promtool),
#                     MIT Kerberos with its key distribution centre, and Python's modules for it
#   java39            ZooKeeper 3.9.5 and what its distribution carries in lib/, from Maven
#   java39-prometheus its PrometheusMetricsProvider, of 3.9.4: the registry does not have 3.9.5's
#   kazoo             its source distribution with its own test-suite, and a Python environment to run it
#   npm               the `zookeeper` package: the C client, built from the source that it carries
#
# Everything but the Debian packages goes to $ZOOID_PEERS (default ~/.cache/zooid-peers), never into the repository.
# Each part is skipped when it is there already, so that a second run takes a moment. --check only says what is missing.
set -eu

PEERS=${ZOOID_PEERS:-$HOME/.cache/zooid-peers}
ZOOKEEPER=3.9.5
KAZOO=2.11.0
NPM_ZOOKEEPER=7.3.0
check=${1:-}
failed=0

have() { command -v "$1" >/dev/null 2>&1; }
say() { echo "install-peers: $*"; }

debian_packages() {
  want=
  [ -e /usr/share/java/zookeeper.jar ] && [ -e /usr/share/java/slf4j-simple.jar ] || want="$want zookeeper libslf4j-java"
  have java || want="$want default-jre-headless"
  have javac || want="$want default-jdk-headless"
  have openssl || want="$want openssl"
  have mvn || want="$want maven"
  have python3 || want="$want python3"
  python3 -c 'import venv, ensurepip' 2>/dev/null || want="$want python3-venv"
  have g++ && have make || want="$want g++ make"
  have chromium || want="$want chromium"
  have promtool || want="$want prometheus"
  have kinit || want="$want krb5-user"
  [ -x /usr/sbin/krb5kdc ] && [ -x /usr/sbin/kadmin.local ] || want="$want krb5-kdc krb5-admin-server"
  [ -e /usr/lib/python3/dist-packages/gssapi ] || want="$want python3-gssapi"
  ls /usr/lib/python3/dist-packages/kerberos.*.so >/dev/null 2>&1 || want="$want python3-kerberos"
  [ -z "$want" ] && return 0
  say "Debian packages:$want"
  [ -n "$check" ] && return 1
  # shellcheck disable=SC2086 # a list of names
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $want >/dev/null
}

# ZooKeeper's own pom marks as "provided" what its distribution puts into lib/: named here, in its versions.
java39() {
  home=$PEERS/java39
  [ -e "$home/zookeeper-$ZOOKEEPER.jar" ] && [ -e "$home/logback.xml" ] && return 0
  say "ZooKeeper $ZOOKEEPER in $home"
  [ -n "$check" ] && return 1
  rm -rf "$home" "$home.tmp" && mkdir -p "$home.tmp"
  {
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>zooid</groupId><artifactId>peers</artifactId><version>1</version><dependencies>'
    while read -r group artifact version; do
      [ -n "$group" ] && echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version></dependency>"
    done <<DEPENDENCIES
org.apache.zookeeper zookeeper $ZOOKEEPER
org.slf4j slf4j-api 2.0.13
ch.qos.logback logback-classic 1.3.15
ch.qos.logback logback-core 1.3.15
io.dropwizard.metrics metrics-core 4.1.12.1
org.xerial.snappy snappy-java 1.1.10.5
commons-cli commons-cli 1.5.0
org.jline jline 3.25.1
org.eclipse.jetty jetty-server 9.4.58.v20250814
org.eclipse.jetty jetty-servlet 9.4.58.v20250814
com.fasterxml.jackson.core jackson-databind 2.15.2
DEPENDENCIES
    echo '</dependencies></project>'
  } >"$home.tmp/pom.xml"
  mvn -q -B -f "$home.tmp/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$home.tmp" >"$PEERS/maven.log" 2>&1 ||
    { tail -20 "$PEERS/maven.log" >&2; return 1; }
  cat >"$home.tmp/logback.xml" <<'LOGBACK'
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.err</target>
    <encoder><pattern>%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n</pattern></encoder>
  </appender>
  <root level="${zooid.log.level:-INFO}"><appender-ref ref="OUT" /></root>
</configuration>
LOGBACK
  mv "$home.tmp" "$home"
}

# Without what it shares with the server: that is in java39.
java39_prometheus() {
  home=$PEERS/java39-prometheus
  [ -e "$home/zookeeper-prometheus-metrics-3.9.4.jar" ] && [ -e "$home/simpleclient-0.9.0.jar" ] && return 0
  say "ZooKeeper's Prometheus provider in $home"
  [ -n "$check" ] && return 1
  rm -rf "$home" "$home.tmp" && mkdir -p "$home.tmp"
  {
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>zooid</groupId><artifactId>peers</artifactId><version>1</version><dependencies><dependency>'
    echo '<groupId>org.apache.zookeeper</groupId><artifactId>zookeeper-prometheus-metrics</artifactId><version>3.9.4</version>'
    echo '</dependency></dependencies></project>'
  } >"$home.tmp/pom.xml"
  mvn -q -B -f "$home.tmp/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$home.tmp" \
    "-DincludeArtifactIds=zookeeper-prometheus-metrics,simpleclient,simpleclient_common,simpleclient_hotspot,simpleclient_servlet" \
    >"$PEERS/maven.log" 2>&1 || { tail -20 "$PEERS/maven.log" >&2; return 1; }
  mv "$home.tmp" "$home"
}

# pure-sasl in a directory of its own: kazoo's suite does not have it, and its baseline is without.
# pyOpenSSL: kazoo's harness makes certificates with functions that later versions no longer have.
kazoo() {
  home=$PEERS/kazoo
  [ -x "$home/venv/bin/pytest" ] && [ -d "$home/kazoo-$KAZOO/kazoo/tests" ] && [ -d "$home/sasl" ] && return 0
  say "kazoo $KAZOO and its test-suite in $home"
  [ -n "$check" ] && return 1
  rm -rf "$home" && mkdir -p "$home"
  {
    python3 -m venv "$home/venv" &&
      "$home/venv/bin/pip" download -q --no-deps --no-binary kazoo -d "$home" "kazoo==$KAZOO" &&
      tar -xzf "$home/kazoo-$KAZOO.tar.gz" -C "$home" &&
      "$home/venv/bin/pip" install -q --target "$home/sasl" pure-sasl==0.6.2 &&
      "$home/venv/bin/pip" install -q pytest pytest-timeout objgraph pyjks 'pyopenssl<24.3'
  } >"$PEERS/kazoo.log" 2>&1 || { tail -20 "$PEERS/kazoo.log" >&2; rm -rf "$home/venv"; return 1; }
}

npm_zookeeper() {
  home=$PEERS/npm
  [ -e "$home/node_modules/zookeeper/build/Release/zookeeper.node" ] && return 0
  say "npm's zookeeper $NPM_ZOOKEEPER (the C client) in $home"
  [ -n "$check" ] && return 1
  rm -rf "$home" && mkdir -p "$home"
  echo '{ "name": "zooid-peers", "version": "1.0.0", "private": true }' >"$home/package.json"
  (cd "$home" && npm install --no-audit --no-fund --foreground-scripts "zookeeper@$NPM_ZOOKEEPER") >"$PEERS/npm.log" 2>&1 ||
    { tail -20 "$PEERS/npm.log" >&2; return 1; }
  [ -e "$home/node_modules/zookeeper/build/Release/zookeeper.node" ]
}

mkdir -p "$PEERS"
for part in debian_packages java39 java39_prometheus kazoo npm_zookeeper; do
  "$part" || { say "missing: $part"; failed=1; }
done
[ "$failed" = 0 ] && say "all peers are there ($PEERS)"
exit "$failed"
