//! The stream of telnet over a stream that does what a test says, call by call.

use super::Telnet;
use crate::transport::Stream;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

/// Every byte that has an encoding of its own, beside each other.
const DATA: &[u8] = b"a\n\xff\r\n\r\r\xffb\r\n\xff\xff\n\r\0c\n";
const WIRE: &[u8] = b"a\r\n\xff\xff\r\n\r\0\r\0\xff\xffb\r\n\xff\xff\xff\xff\r\n\r\0\0c\r\n";
/// How many bytes of `WIRE` the data up to each byte becomes, with a CR's NUL as a part of the byte
/// behind it.
const ENDS: [usize; 18] = [1, 3, 5, 6, 7, 8, 10, 13, 14, 15, 16, 18, 20, 22, 23, 25, 26, 28];

/// The stream below: what its next reads return, and how much its next writes accept.
#[derive(Default)]
struct Below {
    reads: Mutex<VecDeque<Result<Vec<u8>, ErrorKind>>>,
    /// Bytes that are accepted before a write is refused; without a number everything is.
    accepts: Mutex<Option<usize>>,
    wire: Mutex<Vec<u8>>,
    ended: Mutex<bool>,
}

impl Stream for Below {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut reads = self.reads.lock().unwrap();
        match reads.pop_front() {
            None => Err(ErrorKind::WouldBlock.into()),
            Some(Err(kind)) => Err(kind.into()),
            Some(Ok(mut bytes)) => {
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                bytes.drain(..count);
                if !bytes.is_empty() {
                    reads.push_front(Ok(bytes));
                }
                Ok(count)
            }
        }
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        let mut accepts = self.accepts.lock().unwrap();
        let count = bytes.len().min(accepts.unwrap_or(usize::MAX));
        if let Some(accepts) = &mut *accepts {
            *accepts -= count;
        }
        self.wire.lock().unwrap().extend(&bytes[..count]);
        if count > 0 { Ok(count) } else { Err(ErrorKind::WouldBlock.into()) }
    }

    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reads.lock().unwrap().is_empty() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if *self.accepts.lock().unwrap() == Some(0) { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn shutdown_write(&self) -> io::Result<()> {
        *self.ended.lock().unwrap() = true;
        Ok(())
    }
}

impl Telnet<Below> {
    fn accepts(&self, count: usize) {
        *self.below.accepts.lock().unwrap() = Some(count);
    }

    fn comes(&self, read: Result<&[u8], ErrorKind>) {
        self.below.reads.lock().unwrap().push_back(read.map(<[u8]>::to_vec));
    }

    fn wire(&self) -> Vec<u8> {
        self.below.wire.lock().unwrap().clone()
    }

    fn read(&self, most: usize) -> Result<Vec<u8>, ErrorKind> {
        let mut buffer = vec![0; most];
        let read = self.try_read(&mut buffer).map_err(|error| error.kind())?;
        Ok(buffer[..read].to_vec())
    }
}

fn telnet() -> Telnet<Below> {
    Telnet::new(Below::default())
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// The data that is written when so much of the wire has been accepted.
fn whole(accepted: usize) -> usize {
    ENDS.iter().filter(|end| **end <= accepted).count()
}

/// Offers what is left of the data, as slices that are cut at `cut`.
fn offer(stream: &Telnet<Below>, written: usize, cut: usize) -> io::Result<usize> {
    let (head, tail) = DATA.split_at(cut);
    let left = [&head[written.min(cut)..], &tail[written.saturating_sub(cut)..]];
    stream.try_write_vectored(&left.map(IoSlice::new))
}

/// [common/telnet-5]
#[test]
fn a_byte_counts_as_written_with_the_last_byte_that_it_becomes() {
    assert_eq!((whole(WIRE.len()), ENDS.len()), (DATA.len(), DATA.len()));
    for first in 0..=WIRE.len() {
        for second in 0..=WIRE.len() - first {
            let cut = (first + second) % DATA.len();
            let stream = telnet();
            let mut written = 0;
            for (accepts, accepted) in [(first, first), (second, first + second)] {
                stream.accepts(accepts);
                written += offer(&stream, written, cut).unwrap_or(0);
                assert_eq!(stream.wire(), WIRE[..accepted], "{first} and {second}");
                assert_eq!(written, whole(accepted), "{first} and {second}");
            }
            stream.accepts(WIRE.len());
            written += offer(&stream, written, cut).unwrap_or(0);
            assert_eq!((stream.wire().as_slice(), written), (WIRE, DATA.len()));
        }
    }
}

/// [common/telnet-5] [common/telnet-6]
#[test]
fn a_flush_completes_a_byte_and_then_answers() {
    for accepts in 0..WIRE.len() {
        let stream = telnet();
        stream.accepts(accepts);
        let written = offer(&stream, 0, 3).unwrap_or(0);
        stream.comes(Ok(b"\xff\xfd\x01"));
        assert_eq!(stream.read(9), Err(ErrorKind::WouldBlock));
        assert!(stream.poll_flush(&mut cx()).is_pending());
        stream.accepts(WIRE.len() + 3);
        assert!(stream.poll_flush(&mut cx()).is_ready());
        let begun = ENDS.iter().copied().find(|end| *end >= accepts).unwrap_or(0);
        // A CR is completed, and so is any other byte that is begun, but for a NUL before it.
        let so_far = match &WIRE[..accepts] {
            [.., b'\r'] => accepts + 1,
            [.., b'\r', 0] | [] => accepts,
            _ => begun,
        };
        assert_eq!(stream.wire(), [&WIRE[..so_far], b"\xff\xfc\x01"].concat(), "{accepts}");
        assert_eq!(written + offer(&stream, written, 3).unwrap(), DATA.len());
        let all = [&WIRE[..so_far], b"\xff\xfc\x01", &WIRE[so_far..]].concat();
        assert_eq!(stream.wire(), all, "{accepts}");
    }
}

/// A line end may have come with the whole of a full read.
#[test]
fn a_short_read_means_that_there_is_no_more() {
    let stream = telnet();
    let long = b"x".repeat(10_000);
    stream.comes(Ok(&long));
    assert_eq!(stream.read(9_999).unwrap().len(), 9_999);
    assert_eq!(stream.read(9_999).unwrap().len(), 1);
    stream.comes(Ok(b"\xff\xf1"));
    assert_eq!(stream.read(9), Err(ErrorKind::WouldBlock), "no data is not the end");
    stream.comes(Ok(b""));
    assert_eq!(stream.read(9), Ok(Vec::new()));
}

#[test]
fn data_within_a_flood_of_commands_is_held_and_can_be_read() {
    let stream = telnet();
    stream.comes(Ok(&[b"ab", &b"\xff\xf1".repeat(40_000)[..], b"c"].concat()));
    assert_eq!(stream.read(70_000), Err(ErrorKind::Interrupted));
    stream.below.reads.lock().unwrap().truncate(0);
    assert!(stream.poll_readable(&mut cx()).is_ready(), "bytes are held");
    assert_eq!(stream.read(1), Ok(b"a".to_vec()));
    assert!(stream.poll_readable(&mut cx()).is_ready(), "one is held still");
    assert_eq!(stream.read(9), Ok(b"b".to_vec()));
    assert!(stream.poll_readable(&mut cx()).is_pending());
}

/// A socket tells its error once. [common/eos-5]
#[test]
fn an_error_behind_data_comes_with_the_next_read() {
    let stream = telnet();
    stream.comes(Ok(&b"x".repeat(3_070)));
    stream.comes(Err(ErrorKind::ConnectionReset));
    assert_eq!(stream.read(65_536).unwrap().len(), 3_070);
    assert!(stream.poll_readable(&mut cx()).is_ready());
    assert_eq!(stream.read(65_536), Err(ErrorKind::ConnectionReset));
}

#[test]
fn an_interrupted_read_keeps_what_was_read() {
    let stream = telnet();
    stream.comes(Ok(&b"x".repeat(3_070)));
    stream.comes(Err(ErrorKind::Interrupted));
    assert_eq!(stream.read(65_536), Err(ErrorKind::Interrupted));
    stream.comes(Ok(b"y"));
    assert_eq!(stream.read(65_536).unwrap().len(), 3_071);
}

/// [common/telnet-6]
#[test]
fn a_full_buffer_of_answers_is_not_readable() {
    let stream = telnet();
    stream.accepts(0);
    stream.comes(Ok(&[&b"\xff\xfd\x01".repeat(1_100)[..], b"x"].concat()));
    assert_eq!(stream.read(9_999), Err(ErrorKind::WouldBlock));
    assert!(stream.poll_readable(&mut cx()).is_pending());
    assert_eq!(stream.state().out.len(), 3 * 1024);
    stream.accepts(3);
    assert!(stream.poll_readable(&mut cx()).is_pending(), "it is written as far as possible");
    stream.accepts(9_999);
    assert!(stream.poll_readable(&mut cx()).is_ready());
    assert_eq!(stream.read(9_999), Ok(b"x".to_vec()));
    assert!(stream.poll_flush(&mut cx()).is_ready());
    assert_eq!(stream.wire(), b"\xff\xfc\x01".repeat(1_100));
    assert_eq!(stream.state().out.capacity(), 0, "an idle connection keeps no memory");
}

/// [common/telnet-6] [common/close-2]
#[test]
fn the_direction_ends_behind_the_answers_and_nothing_is_answered_afterwards() {
    let stream = telnet();
    stream.accepts(2);
    stream.comes(Ok(b"\xff\xfd\x01"));
    assert_eq!(stream.read(9), Err(ErrorKind::WouldBlock));
    let ended = stream.shutdown_write().unwrap_err();
    assert_eq!((ended.kind(), *stream.below.ended.lock().unwrap()), (ErrorKind::WouldBlock, false));
    stream.accepts(9);
    stream.shutdown_write().unwrap();
    assert!(*stream.below.ended.lock().unwrap());
    stream.comes(Ok(b"\xff\xfd\x03"));
    assert_eq!(stream.read(9).unwrap().len(), 3, "every byte counts");
    assert!(stream.poll_flush(&mut cx()).is_ready());
    assert_eq!(stream.wire(), b"\xff\xfc\x01");
}
