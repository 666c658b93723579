//! Writes `include/tori.h` from `src/ffi`, and gives the shared library its name.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/ffi");
    println!("cargo:rerun-if-changed=include/tori.h");
    write_header(&root);

    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        // Programs find the library by this name; it changes when TORI_ABI does.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtori.so.0");
        // dlclose must not unmap code that worker threads are running.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

fn write_header(root: &Path) {
    let config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is valid");
    // The other files are its modules, in the order of their `mod` lines.
    let builder = cbindgen::Builder::new()
        .with_config(config)
        .with_after_include(preamble())
        .with_src(root.join("src/ffi/mod.rs"));
    let mut header = Vec::new();
    builder
        .generate()
        .expect("src/ffi is valid for cbindgen")
        .write(&mut header);
    // C90 has no such comments.
    let header = String::from_utf8(header)
        .expect("cbindgen writes UTF-8")
        .replace("// __cplusplus", "/* __cplusplus */");

    let target = root.join("include/tori.h");
    if fs::read(&target).is_ok_and(|old| old == header.as_bytes()) {
        return;
    }
    // A source tree that cannot be written to still builds: the committed header is used as it is.
    if let Err(error) = fs::write(&target, &header) {
        println!(
            "cargo:warning={} is out of date and cannot be written: {error}",
            target.display()
        );
    }
}

/// What the header defines that is not Rust.
fn preamble() -> String {
    let part =
        |name: &str| env::var(format!("CARGO_PKG_VERSION_{name}")).expect("cargo sets the version");
    format!(
        r"
#if defined(TORI_STATIC)
#  define TORI_API
#elif defined(_WIN32)
#  define TORI_API __declspec(dllimport)
#elif defined(__GNUC__)
#  define TORI_API __attribute__((visibility(<default>)))
#else
#  define TORI_API
#endif

/* The version of this header; tori_version() tells the library's. */
#define TORI_VERSION_MAJOR {}
#define TORI_VERSION_MINOR {}
#define TORI_VERSION_PATCH {}
#define TORI_VERSION_NUMBER (TORI_VERSION_MAJOR * 1000000 + TORI_VERSION_MINOR * 1000 + TORI_VERSION_PATCH)

/* As the length of a string: it ends at its NUL. */
#define TORI_NUL_TERMINATED ((size_t)-1)
/* As a time in milliseconds: no limit. */
#define TORI_WAIT_FOREVER ((int64_t)-1)
",
        part("MAJOR"),
        part("MINOR"),
        part("PATCH")
    )
    .replace("<default>", "\"default\"")
}
