//! A list that is rendered once for all that ask for it, until it changes.

use super::chunk::Chunk;

/// The shortest list that is kept for the next client that asks, in bytes. A shorter one is
/// rendered in less time than it takes to write.
pub(super) const KEPT_BYTES_MIN: usize = 4 * 1024;

/// The list as rendered last.
#[derive(Debug, Default)]
pub(super) struct KeptList(Option<Chunk>);

impl KeptList {
    /// What the list shows has changed.
    pub(super) fn changed(&mut self) {
        self.0 = None;
    }

    /// The list as `render` makes it, rendered once for each state if it is long.
    pub(super) fn get(&mut self, render: impl FnOnce() -> Chunk) -> Chunk {
        if let Some(rendered) = &self.0 {
            return rendered.clone();
        }
        let rendered = render();
        if rendered.bytes().len() >= KEPT_BYTES_MIN {
            self.0 = Some(rendered.clone());
        }
        rendered
    }
}
