//! Rendered lines that many outboxes share, and the ledger of their bytes.

use crate::limits::{CHUNK_BYTES, ENTRY_BYTES};
use crate::protocol::websocket::{Frame, HEADER_BYTES_MAX};
use crate::sync::{Arc, AtomicUsize, Ordering, Remembered};
use memchr::memchr_iter;

/// The charge of every outbox together, each shared byte counted once, and held input.
/// [common/outbox-9]
#[derive(Debug)]
pub(crate) struct Ledger {
    charged: AtomicUsize,
}

impl Ledger {
    pub(crate) fn new() -> Arc<Ledger> {
        Arc::new(Ledger { charged: AtomicUsize::new(0) })
    }

    /// Bytes and fixed charges of live chunks and entries, and bytes of held input.
    pub(crate) fn total(&self) -> usize {
        self.charged.load(Ordering::Relaxed)
    }

    /// A client that held `before` bytes of input holds `now` bytes.
    pub(crate) fn held_input_changed(&self, before: usize, now: usize) {
        self.charged.fetch_add(now, Ordering::Relaxed);
        self.charged.fetch_sub(before, Ordering::Relaxed);
    }

    /// `count` entries were appended to outboxes.
    pub(crate) fn entries_appended(&self, count: usize) {
        self.charged.fetch_add(count * ENTRY_BYTES, Ordering::Relaxed);
    }

    /// `count` entries left their outboxes.
    pub(crate) fn entries_removed(&self, count: usize) {
        if count > 0 {
            self.charged.fetch_sub(count * ENTRY_BYTES, Ordering::Relaxed);
        }
    }
}

/// A run of rendered lines. Clones share it; dropping the last clone takes its bytes off the
/// ledger.
#[derive(Clone, Debug)]
pub struct Chunk(Arc<Run>);

#[derive(Debug)]
struct Run {
    /// The header of a frame of WebSocket, and the lines: so those that are sent the frame share
    /// the memory of those that are sent the lines. [common/ws-10]
    bytes: Vec<u8>,
    /// How many of the bytes are the header; none where the lines are longer than a frame.
    header: u8,
    /// Whether the lines are UTF-8, once somebody has asked.
    is_text: Remembered,
    /// How many lines there are.
    lines: u32,
    ledger: Arc<Ledger>,
}

impl Chunk {
    pub(crate) fn new(mut bytes: Vec<u8>, ledger: &Arc<Ledger>) -> Chunk {
        // The charge is the length, so the capacity must not be much more. A run that ended early
        // has capacity for all the lines of its read.
        let (length, room) = (bytes.len(), HEADER_BYTES_MAX);
        if bytes.capacity() > length + length / 4 + ENTRY_BYTES {
            bytes.shrink_to(length + room);
        }
        ledger.charged.fetch_add(length + CHUNK_BYTES, Ordering::Relaxed);
        let lines = memchr_iter(b'\n', &bytes).count();
        let lines = u32::try_from(lines).expect("the longest chunk is a list of all clients");
        let header = put_in_front(&mut bytes);
        let (is_text, ledger) = (Remembered::default(), Arc::clone(ledger));
        Chunk(Arc::new(Run { bytes, header, is_text, lines, ledger }))
    }

    /// The ledger that the bytes are charged to.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// How many lines there are.
    pub fn lines(&self) -> u32 {
        self.0.lines
    }

    /// How many bytes the rendered lines are.
    pub(super) fn len(&self) -> usize {
        self.0.bytes.len() - usize::from(self.0.header)
    }

    /// The rendered lines.
    pub fn bytes(&self) -> &[u8] {
        self.behind(0)
    }

    /// The rendered lines behind their first `written` bytes: one slice of the memory, because each
    /// delivery makes it several times.
    pub(super) fn behind(&self, written: usize) -> &[u8] {
        &self.0.bytes[usize::from(self.0.header) + written..]
    }

    /// The lines as a message of WebSocket, if they are text and no longer than a frame.
    /// [common/ws-10]
    pub(super) fn message(&self) -> Option<&[u8]> {
        let is_text = || std::str::from_utf8(self.bytes()).is_ok();
        (self.0.header > 0 && self.0.is_text.get_or(is_text)).then_some(&self.0.bytes)
    }
}

/// Puts the header of a frame in front of `lines`, if they fit into one. Returns how long it is.
fn put_in_front(lines: &mut Vec<u8>) -> u8 {
    let Some(frame) = Frame::of_text(lines.len()) else { return 0 };
    let header = frame.header.bytes();
    lines.reserve_exact(header.len());
    lines.splice(..0, header.iter().copied());
    u8::try_from(header.len()).expect("a header has four bytes at most")
}

impl Drop for Run {
    fn drop(&mut self) {
        let lines = self.bytes.len() - usize::from(self.header);
        self.ledger.charged.fetch_sub(lines + CHUNK_BYTES, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CHUNK_BYTES, Chunk, Ledger};

    /// The charge is the memory kept. [common/outbox-3] [common/outbox-9]
    #[test]
    fn a_chunk_keeps_little_more_memory_than_it_is_charged() {
        let ledger = Ledger::new();
        let mut bytes = Vec::with_capacity(60_000);
        bytes.extend_from_slice(b"a: b\n");
        let chunk = Chunk::new(bytes, &ledger);
        assert_eq!((ledger.total(), chunk.bytes()), (5 + CHUNK_BYTES, &b"a: b\n"[..]));
        assert!(chunk.0.bytes.capacity() < 100, "{} bytes kept", chunk.0.bytes.capacity());
        drop(chunk);
        assert_eq!(ledger.total(), 0);
    }

    /// [common/ws-10]
    #[test]
    fn a_chunk_is_a_message_if_it_is_text_and_fits_into_a_frame() {
        let message = |lines: &[u8]| {
            let chunk = Chunk::new(lines.to_vec(), &Ledger::new());
            assert_eq!(chunk.bytes(), lines);
            [chunk.message().map(<[u8]>::to_vec), chunk.message().map(<[u8]>::to_vec)]
        };
        let cases: [(usize, &[u8]); 4] = [
            (1, &[0x81, 1]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
        ];
        for (length, header) in cases {
            let lines = vec![b'\n'; length];
            let whole = Some([header, &lines].concat());
            assert_eq!(message(&lines), [whole.clone(), whole], "{length} bytes");
        }
        assert_eq!(message(&vec![b'\n'; 65_536]), [None, None]);
        assert_eq!(message(b"\xff\n"), [None, None]);
    }
}
