#!/bin/sh
# Builds the module, loads it into Debian's nginx and drives that over HTTP.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/examples/needs.sh"
cd "$root"
need python3 python3
need curl curl
need h2load nghttp2-client
need valgrind valgrind
need_library
export TORI_LIB

# Without a dot: nginx's configure takes ".S" in a path for the end of a source file.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tori-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
# Workers run as another user.
chmod 755 "$scratch"
module=$(sh examples/nginx/build.sh "$scratch/build")
timeout -k 60 900 python3 examples/nginx/test.py "$module" "$scratch"
