//! The data of one write, before and after its encoding.

use std::cell::Cell;
use std::io::IoSlice;

/// The maximum of data that is encoded at a time, in bytes.
const PIECE_BYTES_MAX: usize = 16 * 1024;

/// Memory that the writes of a thread use in turn, so that no connection keeps any of its own.
#[derive(Default)]
pub(super) struct Piece {
    pub(super) data: Vec<u8>,
    pub(super) wire: Vec<u8>,
}

thread_local! {
    static PIECE: Cell<Piece> = const { Cell::new(Piece { data: Vec::new(), wire: Vec::new() }) };
}

/// Lends `write` the thread's piece, with the next data of `slices` after the first `skipped`
/// bytes; to a write within a write a fresh one.
pub(super) fn with_piece<T>(
    slices: &[IoSlice<'_>],
    skipped: usize,
    write: impl FnOnce(&mut Piece) -> T,
) -> T {
    let mut piece = PIECE.take();
    piece.data.clear();
    piece.wire.clear();
    let mut skipped = skipped;
    for slice in slices {
        let from = skipped.min(slice.len());
        skipped -= from;
        let most = (slice.len() - from).min(PIECE_BYTES_MAX - piece.data.len());
        piece.data.extend_from_slice(&slice[from..from + most]);
    }
    if piece.data.len() == PIECE_BYTES_MAX && piece.data.ends_with(b"\r") {
        piece.data.pop(); // a CR stays with the byte behind it
    }
    let written = write(&mut piece);
    PIECE.set(piece);
    written
}
