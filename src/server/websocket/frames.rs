//! The frames of one write.

use super::text::is_text;
use parlance_core::protocol::websocket::{Answers, Encoder, Frame};
use std::cell::Cell;
use std::io::{self, IoSlice};

/// Up to so many bytes are copied into one piece, which is cheaper to write than many.
const COPIED_BYTES_MAX: usize = 4 * 1024;

thread_local! {
    static WIRE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Up to `FRAMES` consecutive frames and where their content is, which are written in up to
/// `PIECES` pieces: two for each frame, and one for the answers. Nothing is copied: the content is
/// the lines themselves, in memory that all members of a room share. [common/ws-10]
pub(super) struct Frames<'a, const FRAMES: usize, const PIECES: usize> {
    frames: [(Option<Frame>, &'a [u8]); FRAMES],
    count: usize,
}

/// For one slice, by far the most common case.
pub(super) type FewFrames<'a> = Frames<'a, 2, 5>;

/// For one frame.
pub(super) type OneFrame<'a> = Frames<'a, 1, 3>;

/// For several.
pub(super) type ManyFrames<'a> = Frames<'a, 64, 129>;

impl<'a, const FRAMES: usize, const PIECES: usize> Frames<'a, FRAMES, PIECES> {
    /// What goes out next of `slices` behind the first `skipped` bytes.
    pub(super) fn new(encoder: Encoder, slices: &'a [IoSlice<'_>], skipped: usize) -> Self {
        let mut all = Frames { frames: [(None, &[][..]); FRAMES], count: 0 };
        let (mut ahead, mut skipped) = (encoder, skipped);
        let mut behind: usize = slices.iter().map(|slice| slice.len()).sum();
        for slice in slices {
            let from = skipped.min(slice.len());
            skipped -= from;
            let mut rest = &slice[from..];
            behind -= slice.len();
            let is_last = behind == 0;
            while !rest.is_empty() && all.count < FRAMES {
                let Some(frame) = ahead.next_with(rest, is_last, is_text) else { break };
                let (content, after) = rest.split_at(frame.length);
                ahead.accept(frame, frame.header.bytes().len() + frame.length);
                all.frames[all.count] = (Some(frame), content);
                all.count += 1;
                rest = after;
            }
        }
        all
    }

    fn frames(&self) -> impl Iterator<Item = (Frame, &'a [u8])> {
        self.frames[..self.count].iter().filter_map(|(frame, content)| Some(((*frame)?, *content)))
    }

    /// The first frame comes next whatever happens.
    pub(super) fn begin(&self, encoder: &mut Encoder) {
        if let Some((frame, _)) = self.frames().next() {
            encoder.begin(frame);
        }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Hands the frames to `write`, and `answers` at the first place between two of them. Returns
    /// whether all of it was accepted, and how many bytes were.
    ///
    /// # Errors
    /// Those of `write`.
    pub(super) fn write(
        &self,
        encoder: Encoder,
        answers: &[u8],
        write: impl FnOnce(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<(usize, bool)> {
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let mut free = pieces.iter_mut();
        let mut bytes = 0;
        let mut add = |piece| {
            *free.next().expect("there is a piece for each") = piece;
        };
        let answers_at = usize::from(!encoder.is_between());
        for (index, (frame, content)) in self.frames[..self.count].iter().enumerate() {
            let header = frame.as_ref().map_or(&[][..], |frame| frame.header.bytes());
            if index == answers_at {
                add(IoSlice::new(answers));
            }
            add(IoSlice::new(header));
            add(IoSlice::new(content));
            bytes += header.len() + content.len();
        }
        if self.count <= answers_at {
            add(IoSlice::new(answers));
        }
        bytes += answers.len();
        let count = free.len();
        let pieces = &pieces[..PIECES - count];
        let accepted =
            if bytes <= COPIED_BYTES_MAX { copied(pieces, write) } else { write(pieces) };
        accepted.map(|accepted| (accepted, accepted == bytes))
    }

    /// The first `accepted` bytes of what was written were accepted. Returns how many of them were
    /// of the slices.
    pub(super) fn accept(
        &self,
        accepted: usize,
        encoder: &mut Encoder,
        answers: &mut Answers,
    ) -> usize {
        let answers_at = usize::from(!encoder.is_between());
        let (mut left, mut counted) = (accepted, 0);
        let answered = |left: &mut usize, answers: &mut Answers| {
            let count = answers.bytes().len().min(*left);
            answers.accept(count);
            *left -= count;
        };
        for (index, (frame, _)) in self.frames().enumerate() {
            if index == answers_at {
                answered(&mut left, answers);
            }
            let count = left.min(frame.header.bytes().len() + frame.length);
            counted += encoder.accept(frame, count);
            left -= count;
        }
        answered(&mut left, answers);
        counted
    }
}

/// Writes `pieces` as one.
fn copied(
    pieces: &[IoSlice<'_>],
    write: impl FnOnce(&[IoSlice<'_>]) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut wire = WIRE.take();
    wire.clear();
    for piece in pieces {
        wire.extend_from_slice(piece);
    }
    let accepted = write(&[IoSlice::new(&wire)]);
    WIRE.set(wire);
    accepted
}
