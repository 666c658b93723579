#!/bin/sh
# Builds the module for Debian's nginx and prints its path: build.sh [FOLDER], by default target/nginx.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
out=${1:-$root/target/nginx}
mkdir -p "$out"
out=$(CDPATH= cd -- "$out" && pwd)
. "$root/examples/needs.sh"
cd "$root"
need nginx nginx
need dh_nginx nginx-dev
need cc gcc libc6-dev
need make make
need_library >&2
export TORI_LIB

# With the options Debian's nginx was configured with, or it refuses to load the module. They are a bash array.
bash -euc '
    cd /usr/share/nginx/src
    . ./conf_flags
    ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt="-O2 -g -fPIC -Wall -Wextra -Wno-unused-parameter -Werror ${CFLAGS:-}" \
        --builddir="$1" --add-dynamic-module="$2"
    make -f "$1/Makefile" modules
' build "$out" "$root/examples/nginx" >"$out/build.log" 2>&1 || {
    cat "$out/build.log" >&2
    exit 1
}
echo "$out/ngx_http_tori_module.so"
