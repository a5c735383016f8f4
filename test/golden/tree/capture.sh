#!/bin/sh
# Captures tree.jsonl and auth.jsonl from Java 3.9.5. Needs a JDK and `mvn dependency:get -Dartifact=org.apache.zookeeper:zookeeper:3.9.5`.
set -e
cd "$(dirname "$0")"
M2=${M2:-$HOME/.m2/repository}
CP=$(find "$M2" -name '*.jar' \( -path '*zookeeper*3.9.5*' -o -path '*slf4j-api*' -o -path '*commons-io*' -o -path '*commons-cli*' -o -path '*audience-annotations*' \
  -o -path '*netty*' -o -path '*metrics-core*' -o -path '*snappy*' -o -path '*commons-lang*' \) | tr '\n' ':')
OUT=$(mktemp -d)
javac -nowarn -cp "$CP" -d "$OUT" Capture.java
run() { java -Dzookeeper.extendedTypesEnabled=true -cp "$OUT:$CP" org.apache.zookeeper.server.Capture "$@"; }
{ run tree 1 300; run tree 2 300; run tree 3 300; } > tree.jsonl
run auth > auth.jsonl
rm -r "$OUT"
