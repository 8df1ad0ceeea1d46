//! One fault as data.

use super::fault::Fault;
use parlance_model::Dialect;

/// A way to be wrong: one fault planted in a correct server.
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::mutations;
///
/// let ghost = mutations().find(|one| one.name == "forgets-departures-after-a-reset").unwrap();
/// assert_eq!(ghost.breaks, "common/eos-5");
/// // Lobby announces no departures, so nobody could tell it there.
/// assert!(!ghost.dialects.contains(&parlance_model::Dialect::Lobby));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Mutation {
    /// Its name, in words with hyphens, which never changes.
    pub name: &'static str,
    /// The dialects in which a client can tell it from a correct server.
    pub dialects: &'static [Dialect],
    /// The id of the clause that it breaks first of all.
    pub breaks: &'static str,
    /// What such a server does, for a sentence that begins with "your server".
    pub story: &'static str,
    /// Whether it takes minutes, or a large load, to notice.
    pub slow: bool,
    pub(super) faults: &'static [Fault],
}

impl Mutation {
    pub(super) const fn new(
        name: &'static str,
        dialects: &'static [Dialect],
        breaks: &'static str,
        story: &'static str,
        faults: &'static [Fault],
    ) -> Self {
        Self { name, dialects, breaks, story, slow: false, faults }
    }

    /// Marks a fault that shows only after a long time.
    pub(super) const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }
}
