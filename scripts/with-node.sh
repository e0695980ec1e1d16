#!/bin/sh
# Runs a script of this folder under a fitting Node, with the dependencies installed and the build fresh:
#   sh scripts/with-node.sh scripts/test.ts ...
# Without a script, it stops there: that is `npm run build`.
set -u
root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P) || exit 5

. "$root/scripts/bootstrap.sh"
# From this version on Node runs TypeScript files as they are.
ensure_node 22 18
ensure_dependencies
ensure_build
[ $# -eq 0 ] || exec node "$@"
