#!/bin/sh
# Finds the Bun binary beside this package and becomes it: same process id, signals and exit code, a few milliseconds.
# BUN_* variables and the current folder's bunfig.toml and .env must not steer us.
unset BUN_OPTIONS BUN_BE_BUN BUN_INSPECT BUN_INSPECT_PRELOAD
root=$(dirname "$(readlink -f "$0")")/../../..
. "$root/scripts/find-bun.sh"
exec "$bun" --config=/dev/null --no-env-file "$root/packages/server/src/main.ts" "$@"
