//! What `--version` says.

use std::sync::OnceLock;

static LONG: OnceLock<&'static str> = OnceLock::new();

/// Says how the program was built, in lines of which the first is its version. Of several calls the
/// first counts.
pub fn built_as(lines: &'static str) {
    let _ = LONG.set(lines);
}

/// The version and, if the program has said so, how it was built.
pub(crate) fn long() -> &'static str {
    LONG.get().copied().unwrap_or(env!("CARGO_PKG_VERSION"))
}
