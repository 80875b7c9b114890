#!/bin/sh
# Builds and signs the apk: android/build.sh VERSION BUILD ICON_COLOUR OUT. Called by ../build.sh, which sets locale and time zone.
set -eu
version=$1 build=$2 colour=$3 out=$4
here=$(dirname "$(readlink -f "$0")")
framework=/usr/share/android-framework-res/framework-res.apk
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

mkdir -p "$work/res/mipmap-mdpi" "$work/res/mipmap-xhdpi" "$work/compiled" "$work/assets"
cp -R "$here/res" "$work"
cp "$here/../content/$version.txt" "$work/assets/welcome.txt"
for icon in mdpi:48 xhdpi:96; do
  sh "$here/../../../../scripts/bun.sh" "$here/../icon.ts" "${icon#*:}" "$colour" "$work/res/mipmap-${icon%:*}/icon.png"
done

# aapt2 keeps the paths it is given, so it gets relative ones. The framework of Debian is API 29; newer names pass unchecked.
cd "$work"
aapt2 compile -o compiled res/*/*
aapt2 link -o linked.apk --manifest "$here/AndroidManifest-$version.xml" -I "$framework" -A assets \
  --min-sdk-version 26 --target-sdk-version 34 --version-code "$build" --version-name "$version" compiled/*.flat

java -cp /usr/share/java/smali.jar org.jf.smali.Main assemble --api 26 -o classes.dex "$here/main-activity.smali"
# The first date a zip can hold, as aapt2 writes.
touch -d 1980-01-01T00:00:00Z classes.dex
zip -q -X -9 linked.apk classes.dex
zipalign -f 4 linked.apk aligned.apk

openssl pkcs8 -topk8 -nocrypt -in "$here/../ca/android-release.key.pem" -outform DER -out key.pk8
cat "$here/../ca/android-release.pem" "$here/../ca/acme-test-ca.pem" >chain.pem
# v2 and v3; nothing that runs minSdk 26 reads v1.
apksigner sign --v1-signing-enabled false --key key.pk8 --cert chain.pem --out signed.apk aligned.apk
cp signed.apk "$out"
