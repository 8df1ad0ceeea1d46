//! The bell, which others can ring by naming the user.

use std::time::{Duration, Instant};

/// Minimum time between two rings, so that a flood of mentions is one noise.
const BETWEEN: Duration = Duration::from_secs(2);

/// The time of the last ring.
#[derive(Debug, Default)]
pub(super) struct Bell(Option<Instant>);

impl Bell {
    /// Whether the bell may ring now; if so, it has.
    pub(super) fn rings(&mut self, now: Instant) -> bool {
        let rests = self.0.is_some_and(|last| now.saturating_duration_since(last) < BETWEEN);
        if !rests {
            self.0 = Some(now);
        }
        !rests
    }
}

#[cfg(test)]
mod tests {
    use super::{BETWEEN, Bell};
    use std::time::{Duration, Instant};

    #[test]
    fn a_flood_rings_once_in_a_while() {
        let (mut bell, start) = (Bell::default(), Instant::now());
        let rings = |bell: &mut Bell, after| bell.rings(start + after);
        assert!(rings(&mut bell, Duration::ZERO));
        assert!(!rings(&mut bell, BETWEEN / 2));
        assert!(rings(&mut bell, BETWEEN), "a bell that did not ring does not count");
        assert!(!rings(&mut bell, BETWEEN));
    }
}
