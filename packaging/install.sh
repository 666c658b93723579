#!/bin/sh
# Installs the library for other programs to build with:
#
#   sh packaging/install.sh PREFIX
#
# The shared and the static library, tori.h and tori.hpp, and what pkg-config and CMake's find_package need. PREFIX is an
# absolute path, /usr/local or one of your own; the folder may be moved later. DESTDIR is put before it, for packagers.
# The library is built first, unless TORI_LIB names a folder that holds it.
set -eu
if [ $# -ne 1 ]; then
    echo "usage: sh packaging/install.sh PREFIX" >&2
    exit 2
fi
case $1 in
/*) ;;
*)
    echo "PREFIX is $1; give an absolute path" >&2
    exit 2
    ;;
esac
target=${DESTDIR:-}$1
cd "$(dirname -- "$0")/.."
. examples/needs.sh
need_library
need readelf binutils
for library in libtori.so libtori.a; do
    if [ ! -e "$TORI_LIB/$library" ]; then
        echo "there is no $library in $TORI_LIB" >&2
        exit 1
    fi
done

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}
soname=$(readelf -d "$TORI_LIB/libtori.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
case $(readelf -h "$TORI_LIB/libtori.so") in
*ELF64*) pointer_bytes=8 ;;
*) pointer_bytes=4 ;;
esac
# What rustc --print native-static-libs names.
natives="gcc_s util rt pthread m dl c"

fill() {
    sed -e "s/@VERSION@/$version/g" -e "s/@MAJOR@/$major/g" -e "s/@MINOR@/$minor/g" -e "s/@SONAME@/$soname/g" \
        -e "s/@POINTER_BYTES@/$pointer_bytes/g" -e "s/@NATIVE_LIBRARIES@/$3/g" "packaging/$1" >"$2"
    chmod 644 "$2"
}

lib=$target/lib
install -d "$target/include" "$lib/pkgconfig" "$lib/cmake/tori" "$target/share/doc/tori"
install -m 755 "$TORI_LIB/libtori.so" "$lib/libtori.so.$version"
ln -sf "libtori.so.$version" "$lib/$soname"
ln -sf "$soname" "$lib/libtori.so"
install -m 644 "$TORI_LIB/libtori.a" "$lib/libtori.a"
install -m 644 include/tori.h include/tori.hpp "$target/include"
install -m 644 README.md LICENSE-APACHE LICENSE-MIT LICENSE-WordNet "$target/share/doc/tori"
fill tori.pc.in "$lib/pkgconfig/tori.pc" "$(printf ' -l%s' $natives | cut -c 2-)"
list=$(echo $natives | tr ' ' ';')
fill toriConfig.cmake.in "$lib/cmake/tori/toriConfig.cmake" "$list"
fill toriConfigVersion.cmake.in "$lib/cmake/tori/toriConfigVersion.cmake" "$list"
echo "installed libtori $version under $target"
