#!/bin/sh
# Makes ../builds: two releases of Acme Notes, each as an apk and an ipa. README.md lists the tools it needs.
set -eu
umask 022
# Dates in the packages come from SOURCE_DATE_EPOCH; the rest of what a locale or a time zone could change is pinned here.
export LC_ALL=C TZ=UTC
here=$(dirname "$(readlink -f "$0")")
builds=$here/../builds

sh "$here/ca/make-ca.sh"

# version, build number, release date, icon colour
while read -r version build date colour; do
  SOURCE_DATE_EPOCH=$(date -u -d "$date" +%s)
  export SOURCE_DATE_EPOCH
  mkdir -p "$builds/$version"
  sh "$here/android/build.sh" "$version" "$build" "$colour" "$builds/$version/notes.apk"
  sh "$here/../../../scripts/bun.sh" "$here/ios/build.ts" "$version" "$build" "$colour" "$builds/$version/Notes.ipa"
done <<RELEASES
1.4.0 412 2026-03-10T09:00:00Z 2f6f9f
1.5.0 430 2026-04-21T09:00:00Z 2f8f5b
RELEASES

cd "$builds"
sha256sum */*
