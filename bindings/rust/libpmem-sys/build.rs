// SPDX-License-Identifier: MIT
//! Finds the library: PMEM_LIB_DIR names its folder, or else pkg-config knows where it is.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    for name in [
        "PMEM_LIB_DIR",
        "PKG_CONFIG",
        "PKG_CONFIG_PATH",
        "PKG_CONFIG_SYSROOT_DIR",
        "PKG_CONFIG_LIBDIR",
    ] {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    println!("cargo:rerun-if-changed=build.rs");
    match env::var_os("PMEM_LIB_DIR") {
        Some(folder) => link_in(Path::new(&folder)),
        None => link_with_pkg_config(),
    }
}

/// Persistent-memory software has a libpmem.so, too, so the file of our own name must lie beside
/// it.
fn link_in(folder: &Path) {
    if !folder.join("libpmem.so.3").exists() {
        fail(&format!(
            "there is no libpmem.so.3 in PMEM_LIB_DIR={}",
            folder.display()
        ));
    }
    // -lpmem-3 is always this library; where it has no file, libpmem.so must lead to ours.
    let ours = folder
        .join("libpmem.so")
        .canonicalize()
        .map_or(false, |file| {
            file.file_name().map_or(false, |name| {
                name.to_string_lossy().starts_with("libpmem.so.3")
            })
        });
    let name = match (folder.join("libpmem-3.so").exists(), ours) {
        (true, _) => "pmem-3",
        (false, true) => "pmem",
        _ => fail(&format!(
            "{} has neither libpmem-3.so nor our libpmem.so",
            folder.display()
        )),
    };
    println!("cargo:rustc-link-search=native={}", folder.display());
    println!("cargo:rustc-link-lib=dylib={}", name);
    println!("cargo:libdir={}", folder.display());
}

fn link_with_pkg_config() {
    // The first name is this library's only; the other one must say that it is this library.
    let package = if asked(&["--exists", "libpmem-3"]).is_some() {
        "libpmem-3"
    } else if asked(&["--variable=provider", "libpmem"]).as_deref() == Some("physical-memory") {
        "libpmem"
    } else {
        fail(
            "pkg-config finds no libpmem-3. Install libpmem3-dev, or name the folder of \
              libpmem.so.3 in PMEM_LIB_DIR, or that of libpmem-3.pc in PKG_CONFIG_PATH",
        );
    };
    let flags = asked(&["--libs", package]).unwrap_or_else(|| fail("pkg-config --libs failed"));
    let mut found = false;
    for flag in flags.split_whitespace() {
        if let Some(folder) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={}", folder);
        } else if let Some(library) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={}", library);
            found = true;
        }
    }
    if !found {
        fail(&format!(
            "pkg-config --libs {} names no library: {}",
            package, flags
        ));
    }
    if let Some(folder) = asked(&["--variable=libdir", package]) {
        println!("cargo:libdir={}", folder);
    }
}

/// What pkg-config prints, if it succeeds.
fn asked(arguments: &[&str]) -> Option<String> {
    let program = env::var_os("PKG_CONFIG").unwrap_or_else(|| "pkg-config".into());
    let done = Command::new(program).args(arguments).output().ok()?;
    done.status
        .success()
        .then(|| String::from_utf8_lossy(&done.stdout).trim().to_string())
}

fn fail(text: &str) -> ! {
    eprintln!("libpmem-sys: {}", text);
    std::process::exit(1);
}
