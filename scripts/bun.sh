#!/bin/sh
# Runs a script of the workspace with the workspace's own Bun: sh scripts/bun.sh FILE [ARGUMENT…]
unset BUN_OPTIONS BUN_BE_BUN
root=$(dirname "$(readlink -f "$0")")/..
. "$root/scripts/find-bun.sh"
exec "$bun" --config=/dev/null --no-env-file "$@"
