#!/bin/sh
# Installs what the Node package needs and runs its tests; SCREENSHOTS=FOLDER leaves pictures of the page there.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need node nodejs
need npm npm
need chromium chromium
need timeout coreutils
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    echo "Node $(node --version) is too old; install version 20 or newer and run this again" >&2
    exit 1
fi
need_library
export TORI_LIB
cd examples/node
npm ci --silent
exec timeout 900 node --test --test-concurrency=1 --test-reporter=spec test/*.test.js
