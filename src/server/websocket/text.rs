//! Whether lines are text, asked by each member that is sent them.

use std::cell::Cell;

/// What is shorter is judged anew each time, which takes as long as comparing it.
const REMEMBERED_BYTES_MIN: usize = 256;

thread_local! {
    /// What was judged last, and whether it is UTF-8.
    static LAST: Cell<(Vec<u8>, bool)> = const { Cell::new((Vec::new(), true)) };
}

/// Whether `lines` are UTF-8. [common/ws-10]
///
/// The members of a room are sent the same lines one after the other. To decode 60 KB of Greek
/// takes about as long as to write them; to compare them with the last takes a twentieth.
pub(super) fn is_text(lines: &[u8]) -> bool {
    if lines.is_ascii() {
        return true;
    }
    if lines.len() < REMEMBERED_BYTES_MIN {
        return std::str::from_utf8(lines).is_ok();
    }
    let (mut last, mut is_utf8) = LAST.take();
    if last != lines {
        is_utf8 = std::str::from_utf8(lines).is_ok();
        last.clear();
        last.extend_from_slice(lines);
    }
    LAST.set((last, is_utf8));
    is_utf8
}

#[cfg(test)]
mod tests {
    use super::is_text;

    /// [common/ws-10]
    #[test]
    fn lines_are_judged_by_their_own_bytes_whatever_was_judged_before() {
        let greek = "ωωω\n".repeat(1_000).into_bytes();
        for at in [0, greek.len() / 2, greek.len() - 2] {
            let mut wrong = greek.clone();
            wrong[at] = 0xff;
            let ascii = vec![b'x'; greek.len()];
            for _ in 0..2 {
                for (lines, expected) in [(&greek, true), (&wrong, false), (&ascii, true)] {
                    assert_eq!([is_text(lines), is_text(lines)], [expected; 2], "at {at}");
                }
                assert!(!is_text(&wrong) && !is_text(&wrong[..=at]) && is_text(&greek));
            }
        }
    }
}
