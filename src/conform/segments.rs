//! The ways to cut the same bytes: TCP is a stream, and no cut of it has a meaning.

use super::script::{Action, Step};
use std::fmt;
use std::time::Duration;

/// Pause between two segments, so that a server is likely to read them one by one. A server that
/// reads both at once is not tested by the cut, and not judged wrongly either.
const BETWEEN_PARTS: Duration = Duration::from_millis(2);
const BETWEEN_BYTES: Duration = Duration::from_micros(150);
/// Number of bytes that are sent one by one at both ends of a long line.
const BYTEWISE_ENDS: usize = 48;
const LONG: usize = 400;

/// How an attempt cuts the bytes that it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Segmentation {
    /// Each step of a case in one piece.
    #[default]
    Whole,
    /// One byte per segment.
    Bytes,
    /// Cut at all boundaries, each time.
    Cuts,
    /// Cut at one of them, the same in every send.
    Cut(usize),
    /// All bytes that may be sent at once in one segment.
    Coalesced,
    /// Each step of a case in one message, whose fragments are cut at all boundaries.
    Fragments,
    /// Each step of a case in one piece, whose frames or records are sent byte by byte.
    Below,
}

impl fmt::Display for Segmentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segmentation::Whole => f.write_str("each line in one segment"),
            Segmentation::Bytes => f.write_str("byte by byte"),
            Segmentation::Cuts => f.write_str("cut around every space, CR and LF"),
            Segmentation::Cut(index) => write!(f, "cut in two at boundary {}", index + 1),
            Segmentation::Coalesced => f.write_str("all lines in one segment"),
            Segmentation::Fragments => f.write_str("its messages in fragments, pings between"),
            Segmentation::Below => f.write_str("its frames or records byte by byte"),
        }
    }
}

impl Segmentation {
    /// The segments of `bytes`, each with the pause after it.
    pub(super) fn parts<'a>(&self, bytes: &'a [u8]) -> Vec<(&'a [u8], Duration)> {
        let (cuts, pause) = match self {
            Segmentation::Whole
            | Segmentation::Coalesced
            | Segmentation::Fragments
            | Segmentation::Below => (Vec::new(), Duration::ZERO),
            Segmentation::Bytes => (every_byte(bytes), BETWEEN_BYTES),
            Segmentation::Cuts => (boundaries(bytes), BETWEEN_PARTS),
            Segmentation::Cut(index) => {
                (boundaries(bytes).into_iter().skip(*index).take(1).collect(), BETWEEN_PARTS)
            }
        };
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        let mut from = 0;
        for cut in cuts {
            parts.push((&bytes[from..cut], pause));
            from = cut;
        }
        parts.push((&bytes[from..], Duration::ZERO));
        parts
    }
}

fn every_byte(bytes: &[u8]) -> Vec<usize> {
    let near_an_end = |at: usize| at < BYTEWISE_ENDS || at + BYTEWISE_ENDS > bytes.len();
    let all = 1..bytes.len();
    all.filter(|&at| bytes.len() < LONG || near_an_end(at) || at % 4096 < 2).collect()
}

/// Places where a cut could matter: around separators and terminators, and at the sizes of buffers.
pub(super) fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut cuts = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(byte, b' ' | b'\r' | b'\n') && cuts.len() < 24 {
            cuts.extend([at, at + 1]);
        }
    }
    cuts.push(1);
    cuts.extend([512, 1024, 4096, 8192, 16384]);
    cuts.retain(|&cut| 0 < cut && cut < bytes.len());
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// The steps with every send moved as early as its meaning allows: a send moves before the lines
/// that its own client is to see, and never past a step of another client.
pub(super) fn coalesced(steps: &[Step]) -> Option<Vec<Step>> {
    let mut merged: Vec<Step> = Vec::with_capacity(steps.len());
    let mut open: Option<usize> = None;
    let mut changed = false;
    for step in steps {
        let same = open.is_some_and(|index| merged[index].who == step.who);
        match (&step.action, open) {
            (Action::Send(later), Some(index)) if same && merged[index].when == step.when => {
                let Action::Send(earlier) = &mut merged[index].action else { unreachable!() };
                *earlier += later;
                changed = true;
            }
            (Action::Send(_), _) => {
                open = Some(merged.len());
                merged.push(step.clone());
            }
            (Action::Expect { .. } | Action::ExpectAll(_) | Action::List { .. }, Some(_))
                if same =>
            {
                merged.push(step.clone());
            }
            _ => {
                open = None;
                merged.push(step.clone());
            }
        }
    }
    changed.then_some(merged)
}

#[cfg(test)]
mod tests {
    use super::{Segmentation, boundaries, coalesced};
    use crate::script::{Action, Step};

    #[test]
    fn parts_are_the_bytes() {
        let line = b"JOIN a b\r\n";
        assert_eq!(boundaries(line), [1, 4, 5, 6, 7, 8, 9]);
        let all = [Segmentation::Whole, Segmentation::Bytes, Segmentation::Cuts];
        for way in all.into_iter().chain((0..9).map(Segmentation::Cut)) {
            let parts: Vec<u8> =
                way.parts(line).into_iter().flat_map(|(part, _)| part.to_vec()).collect();
            assert_eq!(parts, line, "{way}");
        }
        assert_eq!(Segmentation::Bytes.parts(line).len(), line.len());
    }

    #[test]
    fn sends_move_only_before_input_of_their_own_client() {
        let step =
            |who: &str, action| Step { who: who.to_owned(), when: None, stage: None, action };
        let send = |text: &str| Action::Send(text.to_owned());
        let see = |text: &str| Action::Expect { bytes: text.to_owned(), proves: false };
        let steps = [step("a", send("1")), step("a", see("x")), step("a", send("2"))];
        let merged = coalesced(&steps).expect("they can be sent at once");
        assert_eq!(merged[0].action, send("12"));
        assert_eq!(merged.len(), 2);
        let across = [step("a", send("1")), step("b", see("x")), step("a", send("2"))];
        assert!(coalesced(&across).is_none());
    }
}
