//! What a result follows from, if what is wrong is not the matter of its own case.
//!
//! A fault is told once, by the result of the case that is about it: the *root*. A result with a
//! [`Cause`] follows from a root and says nothing against the server by itself. Its verdict is
//! `Skip` where the case was not played or did not get as far as what it is about, and it is never
//! `Pass`. A result that is wrong and has no cause is a root.
//!
//! Roots are told in this order: the cases of the gate (clauses `*/gate-N`: the way in, a line, a
//! way out; then what the server says that nobody asked for), `common/alive-1` (the server answers
//! nobody any more), then all others in the order of the book.

use serde::Serialize;

/// The case that is about lines that end in LF alone.
pub(super) const BARE_LF: &str = "common/framing-1/a-bare-lf-is-enough";

/// The root of a result, and how the result follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Cause {
    pub(super) how: How,
    /// The id of the case whose result says what is wrong. It is in the same report, with a verdict
    /// that is wrong or inconclusive, and has no cause itself.
    pub(super) of: String,
}

/// How a result follows from its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// The gate failed, so the case was not played.
    Gate,
    /// The server answered nobody any more while the case ran, or had ended.
    Silence,
    /// The case presumes what the root is about (`needs`), and was not judged.
    Needs,
    /// A step that only leads to what the case is about failed, and the root is about such steps.
    Step,
}
