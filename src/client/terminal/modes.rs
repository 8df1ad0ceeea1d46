//! The modes of the terminal, and how they were before.

use crate::editor::Size;
use rustix::termios::{
    OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use std::io::{self, Write as _};

const PASTE_ON: &[u8] = b"\x1b[?2004h";
const PASTE_OFF: &[u8] = b"\x1b[?2004l";

/// A terminal that gives every key at once. Dropping it restores the modes before.
pub(super) struct RawMode {
    before: Termios,
    entered: bool,
}

impl RawMode {
    pub(super) fn enter() -> io::Result<RawMode> {
        let mut mode = RawMode { before: tcgetattr(io::stdin())?, entered: false };
        mode.enter_again()?;
        Ok(mode)
    }

    /// Sets the modes again, which another program may have changed meanwhile.
    pub(super) fn enter_again(&mut self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        self.entered = true;
        // What was typed before is not lost.
        tcsetattr(io::stdin(), OptionalActions::Drain, &raw)?;
        announce(PASTE_ON)
    }

    /// Restores the modes.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        self.entered = false;
        announce(PASTE_OFF)?;
        Ok(tcsetattr(io::stdin(), OptionalActions::Drain, &self.before)?)
    }

    pub(super) fn size() -> Size {
        // A terminal without a size is treated as one that does not say.
        tcgetwinsize(io::stdout())
            .map_or(Size::new(0, 0), |size| Size::new(size.ws_col, size.ws_row))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        if self.entered {
            // The terminal may be gone.
            let _ = self.leave();
        }
    }
}

fn announce(sequence: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(sequence)?;
    output.flush()
}
