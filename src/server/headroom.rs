//! Whether there is memory for one more client.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The memory that must be there for those who are inside before another is let in, in bytes.
///
/// More than 32 MiB on purpose: glibc takes the release of a smaller piece as a hint to keep pieces
/// of that size from then on.
const RESERVE: usize = 40 * 1024 * 1024;

/// How many clients are let in between two looks. They cost a thousandth of the reserve.
const CLIENTS: usize = 16;

/// The reserve, as it was found when it was looked for last. [common/limit-4]
///
/// An allocation that fails ends the process, and with it every client; so under a limit of memory
/// new clients are refused first. The reserve is looked for by allocating it, which no byte of it
/// is touched for: that tells for every limit there may be (`ulimit -v` and `-d`, a system without
/// overcommitment), and counts what the allocator has kept for itself.
#[derive(Debug, Default)]
pub(super) struct Headroom {
    asked: AtomicUsize,
    is_short: AtomicBool,
}

impl Headroom {
    /// Whether there is memory for one more client.
    pub(super) fn admits(&self) -> bool {
        self.admits_with(|| is_available(RESERVE))
    }

    /// As above, if `look` finds the reserve. While it is short, every client is a reason to look.
    fn admits_with(&self, look: impl FnOnce() -> bool) -> bool {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if !self.is_short.load(Ordering::Relaxed) && !asked.is_multiple_of(CLIENTS) {
            return true;
        }
        let found = look();
        // Once, not for every client: a shortage can last.
        if self.is_short.swap(!found, Ordering::Relaxed) == found {
            if found {
                tracing::info!("there is memory again: clients are let in");
            } else {
                tracing::warn!("memory is short: no client is let in until there is more");
            }
        }
        found
    }
}

fn is_available(bytes: usize) -> bool {
    let mut reserve = Vec::<u8>::new();
    let found = reserve.try_reserve_exact(bytes).is_ok();
    // A compiler may leave out an allocation that nothing is done with.
    black_box(&reserve);
    found
}

#[cfg(test)]
mod tests {
    use super::{CLIENTS, Headroom, RESERVE, is_available};

    /// [common/limit-4]
    #[test]
    fn memory_that_cannot_be_allocated_is_not_available() {
        assert!(is_available(RESERVE));
        assert!(!is_available(isize::MAX.unsigned_abs() - 4_096), "more than addresses reach");
    }

    /// [common/limit-4]
    #[test]
    fn a_shortage_is_looked_for_now_and_then_and_its_end_at_once() {
        let headroom = Headroom::default();
        let looks = |found: bool| {
            let mut looked = false;
            let look = || {
                looked = true;
                found
            };
            (headroom.admits_with(look), looked)
        };
        assert_eq!(looks(true), (true, true), "before the first client");
        for _ in 1..CLIENTS {
            assert_eq!(looks(false), (true, false));
        }
        assert_eq!(looks(false), (false, true));
        assert_eq!(looks(false), (false, true));
        assert_eq!(looks(true), (true, true));
        assert_eq!(looks(false), (true, false));
    }
}
