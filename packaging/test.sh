#!/bin/sh
# Installs the library into a folder of its own and builds examples/cpp with it, by CMake and by pkg-config, shared and
# static; then moves the folder and does it again. Other versions are refused.
set -eu
cd "$(dirname -- "$0")/.."
. examples/needs.sh
need_library
need c++ g++ libc6-dev
need cmake cmake
need make make
need pkg-config pkgconf
root=$PWD
paper=$root/tests/fixtures/two_column.pdf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
unset CMAKE_PREFIX_PATH PKG_CONFIG_PATH DESTDIR LD_LIBRARY_PATH

# check WHAT COMMAND... : the command must succeed; what it printed is shown when it does not.
check() {
    what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what" >&2
        sed 's/^/    /' "$work/log" >&2
    fi
}

refused() {
    ! "$@"
}

says() {
    wanted=$1
    shift
    "$@" 2>&1 | grep -F -- "$wanted"
}

cmake_builds() {
    rm -rf "$work/build"
    cmake -S examples/cpp -B "$work/build" -DCMAKE_PREFIX_PATH="$1" -DCONCEPTS_STATIC="$2" -DCMAKE_BUILD_TYPE=Release &&
        cmake --build "$work/build" &&
        says "log-structured merge-tree" "$work/build/concepts" "$paper"
}

pkg_config_builds() {
    PKG_CONFIG_PATH=$1/lib/pkgconfig
    export PKG_CONFIG_PATH
    c++ -std=c++17 $(pkg-config --cflags tori) examples/cpp/concepts.cpp $(pkg-config --libs tori) -pthread \
        -o "$work/concepts" &&
        says "log-structured merge-tree" env LD_LIBRARY_PATH="$1/lib" "$work/concepts" "$paper"
}

pkg_config_builds_statically() {
    PKG_CONFIG_PATH=$1/lib/pkgconfig
    export PKG_CONFIG_PATH
    # The linker takes the archive where it is told not to look for shared libraries.
    c++ -std=c++17 $(pkg-config --static --cflags tori) examples/cpp/concepts.cpp \
        $(pkg-config --static --libs tori | sed 's/-ltori/-Wl,-Bstatic -ltori -Wl,-Bdynamic/') -pthread \
        -o "$work/concepts" &&
        says "log-structured merge-tree" "$work/concepts" "$paper" &&
        refused says libtori.so readelf -d "$work/concepts"
}

# asks VERSION : whether CMake and the installed package agree on it.
asks() {
    mkdir -p "$work/asks"
    cat >"$work/asks/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.19)
project(asks LANGUAGES C)
find_package(tori $1 REQUIRED)
END
    rm -rf "$work/asks/build"
    cmake -S "$work/asks" -B "$work/asks/build" -DCMAKE_PREFIX_PATH="$prefix"
}

works_in() {
    check "$2: CMake, shared" cmake_builds "$1" OFF
    check "$2: CMake, static" cmake_builds "$1" ON
    check "$2: pkg-config, shared" pkg_config_builds "$1"
    check "$2: pkg-config, static" pkg_config_builds_statically "$1"
}

check "no argument is refused" refused sh packaging/install.sh
check "a relative prefix is refused" refused sh packaging/install.sh some/where
prefix="$work/first place"
check "installs" sh packaging/install.sh "$prefix"
check "installs over what is there" sh packaging/install.sh "$prefix"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
check "the links lead to the library" cmp "$prefix/lib/libtori.so" "$prefix/lib/libtori.so.$version"
check "the SONAME leads to the library" cmp "$prefix/lib/libtori.so.0" "$prefix/lib/libtori.so.$version"
check "no file tells where it was built" refused grep -rIlF -e "$root" -e "$work" "$prefix/lib" "$prefix/include"
check "CMake, in a folder with a space" cmake_builds "$prefix" OFF
mv "$prefix" "$work/second"
prefix=$work/second
works_in "$prefix" "where it was installed"
mkdir "$work/third"
mv "$prefix" "$work/third/moved"
prefix=$work/third/moved
works_in "$prefix" "where it was moved to"
ln -s "$prefix/lib" "$work/linked"
check "found through a link" cmake -S examples/cpp -B "$work/through" -Dtori_DIR="$work/linked/cmake/tori"

for good in 0 0.1 "$version" "$version EXACT" "0.1...0.9" "0.0...<1"; do
    check "find_package(tori $good) finds it" asks "$good"
done
for bad in 0.2 1 0.0.9 0.1.99 "0.1.99 EXACT" "0.2...0.9" "0.0...<$version"; do
    check "find_package(tori $bad) refuses it" refused asks "$bad"
done
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
check "pkg-config knows the version" pkg-config --exact-version="$version" tori
check "pkg-config refuses a later one" refused pkg-config --atleast-version=99 tori

check "DESTDIR is put before the prefix" env DESTDIR="$work/stage" sh packaging/install.sh /opt/tori
check "DESTDIR: CMake builds in the stage" cmake_builds "$work/stage/opt/tori" OFF
rm "$prefix/lib/libtori.a"
check "a missing file is named" says "libtori.a is missing" asks 0.1

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
