#!/bin/sh
# Key stores of every kind, made by keytool and openssl, for test/tls/key-store.test.ts: sh test/golden/tls/make-stores.sh
#
# One key (RSA) with a certificate of an authority "ca", and that authority as the one to trust; password "secret". Kept in the
# repository, because what wrote them is not everywhere, and old openssl's RC2 is nowhere else any more.
set -eu
cd "$(dirname "$0")"
d=$(mktemp -d)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$d/ca.key" -out "$d/ca.pem" -days 36500 -subj "/CN=ca" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout "$d/own.key" -out "$d/own.csr" -subj "/C=DE/O=Zooid/CN=own" 2>/dev/null
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >"$d/ext"
openssl x509 -req -in "$d/own.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 36500 -extfile "$d/ext" -out "$d/own.pem" 2>/dev/null
openssl pkcs8 -topk8 -in "$d/own.key" -passout pass:secret -out "$d/own.enc" 2>/dev/null
cp "$d/ca.pem" trust.pem
cat "$d/own.key" "$d/own.pem" "$d/ca.pem" >key.pem
cat "$d/own.enc" "$d/own.pem" "$d/ca.pem" >key-encrypted.pem
p12() { openssl pkcs12 -export -inkey "$d/own.key" -in "$d/own.pem" -certfile "$d/ca.pem" -name own -passout pass:secret "$@"; }
p12 -out key-openssl3.p12
p12 -legacy -out key-rc2-3des.p12
p12 -certpbe NONE -keypbe NONE -nomac -out key-bare.p12
p12 -certpbe AES-128-CBC -keypbe PBE-SHA1-3DES -macalg sha512 -out key-aes128.p12
rm -f key-java.p12 key-java.jks trust-java.p12 trust-java.jks trust-java-legacy.p12
keystore() { keytool -importkeystore -noprompt -srckeystore key-openssl3.p12 -srcstoretype PKCS12 -srcstorepass secret -deststorepass secret "$@" 2>/dev/null; }
keystore -deststoretype PKCS12 -destkeystore key-java.p12
keystore -deststoretype JKS -destkeystore key-java.jks
trust() { keytool -importcert -noprompt -alias ca -file "$d/ca.pem" -storepass secret "$@" 2>/dev/null; }
trust -storetype PKCS12 -keystore trust-java.p12
trust -storetype JKS -keystore trust-java.jks
trust -J-Dkeystore.pkcs12.legacy -storetype PKCS12 -keystore trust-java-legacy.p12
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index.txt\ndefault_md=sha256\n' "$d" >"$d/ca.cnf"
: >"$d/index.txt"
ca() { openssl ca -config "$d/ca.cnf" -keyfile "$d/ca.key" -cert "$d/ca.pem" "$@" 2>/dev/null; }
ca -revoke "$d/own.pem"
ca -gencrl -crldays 36500 -out revoked.crl
rm -rf "$d"
