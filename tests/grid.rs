//! The session obeys its table, and the table is the one that was agreed on.
//!
//! Goal: no change of what a session may do goes unnoticed, illegal pairs included.
//!
//! Method: the whole grid is printed and compared with the committed `spec/session-grid.txt`.
//! That sessions do what the table says is checked by the fuzz target `session`.
//!
//! Limits: the grid says which state follows, not what is asked of the registry on the way.

use parlance::protocol::table::grid;
use std::fs;
use std::path::Path;

/// [common/close-1] [common/flow-6] [common/limit-1]
#[test]
fn the_grid_is_the_committed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/session-grid.txt");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let printed = grid();
    assert!(
        committed == printed,
        "the table of the session has changed; if that is meant, make spec/session-grid.txt this:\n{printed}"
    );
}
