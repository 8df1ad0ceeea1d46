//! What `parlance --version` says of the build: the commit and the features.
//!
//! The commit is what `PARLANCE_COMMIT` says, or what git says of this repository in a release
//! build; elsewhere (a development build, a packed source, no git) it is unknown. So a build
//! depends on nothing but its sources, and a commit does not have tests built anew.

#![allow(clippy::disallowed_methods, reason = "it runs while the program is built")]
#![allow(clippy::disallowed_types, reason = "as above")]

use std::env;
use std::path::Path;
use std::process::Command;

const FEATURES: [&str; 4] = ["aws-lc-rs", "ring", "store", "jemalloc"];

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=PARLANCE_COMMIT");
    let given = env::var("PARLANCE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(commit_of_a_release).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=PARLANCE_BUILT_COMMIT={commit}");
    let is_on = |feature: &&str| {
        let variable = feature.to_uppercase().replace('-', "_");
        env::var_os(format!("CARGO_FEATURE_{variable}")).is_some()
    };
    let features: Vec<&str> = FEATURES.into_iter().filter(is_on).collect();
    println!("cargo::rustc-env=PARLANCE_BUILT_FEATURES={}", features.join(" "));
}

fn commit_of_a_release() -> Option<String> {
    if env::var("PROFILE").ok()? != "release" {
        return None;
    }
    // A source that was unpacked inside of another repository is none of its commits.
    let folder = env::var_os("CARGO_MANIFEST_DIR")?;
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&folder).canonicalize().ok()? {
        return None;
    }
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

/// The one line that git prints, if there is git and it succeeds.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
