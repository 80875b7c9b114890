# Sourced with $root set to the workspace. Sets $bun. After a normal install Bun's own step has moved the binary to node_modules/bun;
# after `npm ci --ignore-scripts` it is still in its platform package.
bun=
for candidate in "$root/node_modules/bun/bin/bun.exe" \
  "$root"/node_modules/@oven/bun-"$(uname -s | tr '[:upper:]' '[:lower:]')"-*/bin/bun; do
  # The stub that an install without scripts leaves behind is a small text file; the real binary is tens of megabytes.
  [ -x "$candidate" ] && [ "$(wc -c <"$candidate")" -gt 1000000 ] || continue
  case "$candidate" in
    *-musl/*|*-musl-baseline/*) [ -e /lib/ld-musl-x86_64.so.1 ] || [ -e /lib/ld-musl-aarch64.so.1 ] || continue ;;
    */bun-linux-*|*/bun-darwin-*) [ -e /lib/ld-musl-x86_64.so.1 ] && continue ;;
  esac
  case "$candidate" in
    *-baseline/*) : ;;
    *-x64/*) grep -q avx2 /proc/cpuinfo 2>/dev/null || [ "$(uname -s)" != Linux ] || continue ;;
  esac
  bun=$candidate
  break
done
if [ -z "$bun" ]; then
  echo "error: Bun is not installed in $root" >&2
  echo "hint: run 'npm ci' in that folder" >&2
  exit 70
fi
