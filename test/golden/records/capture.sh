#!/bin/sh
# Captures the golden files anew from Java: sh test/golden/records/capture.sh <3.8 jute jar> <3.9 jute jar> <3.9 class path>
# where the class path is zookeeper, zookeeper-jute and slf4j-api.
#
# records-3.9.txt holds every record; records-3.8.txt those that 3.8 writes otherwise; utf8.txt how Java decodes strings;
# codes.txt the numbers and texts of operations, errors and quorum packets.
# Needs a JDK. yetus' annotations, which the records carry, are not needed at run time.
set -eu
old=$1
new=$2
server=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
javac -cp "$new" -d "$work" "$here/Capture.java"
java -cp "$work:$new" Capture "$new" > "$here/records-3.9.txt"
java -cp "$work:$old" Capture "$old" > "$work/old.txt"
java -cp "$work:$new" Capture --utf8 > "$here/utf8.txt"
# A record is the lines from one that is not indented to the next: keep those of which 3.9 has no equal.
records() { awk '/^[^ ]/ { if (text != "") print text; text = $0; next } { text = text "\t" $0 } END { print text }' "$1"; }
records "$here/records-3.9.txt" > "$work/new.lines"
records "$work/old.txt" > "$work/old.lines"
grep -F -x -v -f "$work/new.lines" "$work/old.lines" | tr '\t' '\n' > "$here/records-3.8.txt"
javac -cp "$server" -d "$work" "$here/CaptureCodes.java"
java -cp "$work:$server" CaptureCodes > "$here/codes.txt" 2> "$work/codes.err" || { cat "$work/codes.err"; exit 1; }
