#!/bin/sh
# Makes the test CA and the certificates it issues. What is already here stays, so that rebuilds are signed by the same signer.
set -eu
cd "$(dirname "$(readlink -f "$0")")"
export TZ=UTC
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# RSA because its PKCS #1 v1.5 signatures depend on nothing but key and data; ECDSA ones differ each time.
make_key() {
  [ -e "$1.key.pem" ] || openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key.pem"
}

# issue NAME SERIAL SUBJECT EXTENSIONS [CA_OPTIONS…]
# `openssl x509` knows no start date, hence the frozen clock.
issue() {
  name=$1 serial=$2 subject=$3 extensions=$4
  shift 4
  make_key "$name"
  [ -e "$name.pem" ] && return
  printf '%b' "$extensions" >"$work/extensions"
  openssl req -new -sha256 -subj "$subject" -key "$name.key.pem" -out "$work/request"
  faketime -f '2026-01-01 00:00:00' openssl x509 -req -in "$work/request" -sha256 -days 7305 -set_serial "$serial" \
    -extfile "$work/extensions" "$@" -out "$name.pem"
}

authority='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n'
signer='basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,codeSigning
subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
organization='O=Acme GmbH/C=DE'

issue acme-test-ca 0xac01 "/CN=Acme Test CA/$organization" "$authority" -signkey acme-test-ca.key.pem
set -- -CA acme-test-ca.pem -CAkey acme-test-ca.key.pem
issue android-release 0xac02 "/CN=Acme GmbH/$organization" "$signer" "$@"
issue ios-distribution 0xac03 "/UID=ACMETEAM01/CN=Apple Distribution: Acme GmbH (ACMETEAM01)/OU=ACMETEAM01/$organization" "$signer" "$@"
issue ios-profile-signing 0xac04 "/CN=Acme Test Provisioning Profile Signing/$organization" "$signer" "$@"
