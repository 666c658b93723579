# Sourced by the scripts: makes sure that a tool is there, by Debian's package where that can be done.

# need TOOL PACKAGE... : installs the packages when TOOL is missing.
need() {
    tool=$1
    shift
    command -v "$tool" >/dev/null 2>&1 && return 0
    echo "$tool is missing" >&2
    need_packages "$@"
}

# need_packages PACKAGE... : installs the packages.
need_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "install what Debian calls $* and run this again" >&2
        return 1
    fi
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        sudo=sudo
    fi
    echo "installing $*" >&2
    $sudo apt-get update -qq >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

need_cargo() {
    command -v cargo >/dev/null 2>&1 && return 0
    # rustup puts it here without changing the PATH of a running shell.
    if [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
        export PATH
        return 0
    fi
    echo "Rust is missing; install it with rustup (https://rustup.rs) and run this again" >&2
    return 1
}

# need_library : builds the release library where TORI_LIB does not name a folder that holds one, and sets TORI_LIB to
# the folder, absolute. Called from the project's root.
need_library() {
    if [ -n "${TORI_LIB:-}" ]; then
        [ -e "$TORI_LIB/libtori.so.0" ] && return 0
        echo "TORI_LIB is $TORI_LIB, and there is no libtori.so.0" >&2
        return 1
    fi
    need_cargo || return 1
    need cc gcc libc6-dev || return 1
    cargo build --release --locked || return 1
    TORI_LIB=$(CDPATH= cd -- "${CARGO_TARGET_DIR:-target}/release" && pwd)
    export TORI_LIB
    # The library is looked up by its SONAME.
    ln -sf libtori.so "$TORI_LIB/libtori.so.0"
}

# need_venv : makes sure that the Python that PYTHON names, else python3, can make virtual environments.
need_venv() {
    if [ -z "${PYTHON:-}" ]; then
        need python3 python3 python3-venv || return 1
    fi
    "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null && return 0
    # Debian has the module in a package of its own.
    need_packages python3-venv
}
