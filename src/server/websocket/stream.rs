//! A stream of WebSocket over another stream.

use super::alarms::Alarms;
use super::frames::{FewFrames, Frames, ManyFrames, OneFrame};
use super::messages::Messages;
use super::silence::Silence;
use crate::transport::read_ahead::{ReadAhead, some_or};
use crate::transport::{Accepted, Clock, Stream, write_lines};
use parlance_core::protocol::CloseReason;
use parlance_core::protocol::websocket::{
    Answers, CloseCode, Closing, Decoder, Encoder, End, close_frame, ping_frame,
};
use parlance_core::registry::{BATCH_ENTRIES_MAX, Entry};
use std::io::{self, ErrorKind, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// How many bytes one read takes from below at least before other tasks have their turn, and
/// otherwise as many as are asked for: pings are not data, so that a read may have nothing to
/// return for any number of them. [common/prompt-2]
const RAW_BYTES_MIN: usize = 4 * 1024;

/// WebSocket's frames between a session and the stream `below`.
///
/// A read is decoded in the caller's memory. Of a write nothing is kept but how much of a frame
/// was accepted: what is offered again becomes the same frame. So a connection owns memory only
/// while answers wait, within a message, or in a flood of control frames.
pub struct WebSocket<S, C: Clock> {
    below: S,
    state: Mutex<State<C>>,
}

struct State<C: Clock> {
    encoder: Encoder,
    in_hand: Option<Box<InHand>>,
    /// The client's stream has ended like this.
    end: Option<End>,
    silence: Silence<C>,
    ours: Ours,
}

/// What is not finished. An idle connection has none, and no memory for it.
#[derive(Default)]
struct InHand {
    decoder: Decoder,
    answers: Answers,
    /// Decoded and not read yet.
    ahead: ReadAhead,
}

impl InHand {
    fn is_done(&self) -> bool {
        self.decoder.is_between()
            && self.answers.is_empty()
            && !self.ahead.has_bytes()
            && !self.ahead.has_failure()
    }
}

/// How far our direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    Open,
    /// The Close frame is written or waits.
    Closing,
    Ended,
}

impl<C: Clock> State<C> {
    /// Decodes `bytes` behind the first into `buffer` or, if there is no room, into what is held.
    /// Returns how many bytes of data the buffer has.
    fn decode(&mut self, bytes: &mut [u8], buffer: &mut [u8]) -> usize {
        let InHand { decoder, answers, ahead } = &mut **self.in_hand.get_or_insert_default();
        let (length, end) = decoder.decode(bytes, answers);
        self.end = end;
        let fits = length.min(buffer.len());
        buffer[..fits].copy_from_slice(&bytes[..fits]);
        ahead.extend(&bytes[fits..length]);
        fits
    }

    fn in_hand(&mut self) -> &mut InHand {
        self.in_hand.get_or_insert_default()
    }

    /// Gives the memory back that nothing needs.
    fn put_down(&mut self) {
        self.in_hand.take_if(|in_hand| in_hand.is_done());
    }

    /// As [`ReadAhead::stopped`], for which a connection that is only empty needs no memory.
    fn stopped(&mut self, filled: usize, error: io::Error) -> io::Result<usize> {
        if filled == 0 || error.kind() == ErrorKind::WouldBlock {
            return some_or(filled, error);
        }
        self.in_hand().ahead.stopped(filled, error)
    }

    fn has_answers(&self) -> bool {
        self.in_hand.as_ref().is_some_and(|in_hand| !in_hand.answers.is_empty())
    }

    /// Whether a read returns something without a look below.
    fn is_readable(&self) -> bool {
        let ahead = self.in_hand.as_ref().map(|in_hand| &in_hand.ahead);
        let holds = ahead.is_some_and(|ahead| ahead.has_bytes() || ahead.has_failure());
        (holds || self.end.is_some()) && self.ours != Ours::Ended
    }

    /// Our direction is to end with this code, if any.
    fn close(&mut self, code: Option<u16>) {
        if self.ours == Ours::Open {
            self.in_hand().answers.add(&close_frame(code));
            self.ours = Ours::Closing;
            self.silence.ends();
        }
    }
}

/// The code that tells the client why the connection ends. [common/ws-8]
fn code_for(reason: CloseReason) -> CloseCode {
    match reason {
        CloseReason::EndOfStream | CloseReason::Quit => CloseCode::Normal,
        CloseReason::Reset => CloseCode::Protocol, // there was no Close frame, nor anything else
        CloseReason::Shutdown => CloseCode::GoingAway,
        CloseReason::ProtocolFault
        | CloseReason::TlsHello
        | CloseReason::Idle
        | CloseReason::FirstLineLate
        | CloseReason::Stalled
        | CloseReason::OutboxOverflow
        | CloseReason::TotalBound
        | CloseReason::Kicked
        | CloseReason::Ghosted
        | CloseReason::Banned => CloseCode::Policy,
        CloseReason::TooManyClients => CloseCode::TryAgainLater,
        CloseReason::ArrivalFailed | CloseReason::ArrivalLate | CloseReason::Dropped => {
            CloseCode::Internal
        }
    }
}

impl<S: Stream, C: Clock> WebSocket<S, C> {
    /// WebSocket over `below`, of which the first bytes behind the handshake have been read
    /// already. All messages to the client are binary if it wants that. `alarms` are those of its
    /// listener.
    pub fn new(below: S, alarms: Arc<Alarms<C>>, read: &[u8], is_binary: bool) -> WebSocket<S, C> {
        let mut state = State {
            encoder: Encoder::new(is_binary),
            in_hand: None,
            end: None,
            silence: Silence::new(alarms),
            ours: Ours::Open,
        };
        if !read.is_empty() {
            state.decode(&mut [b"\0", read].concat(), &mut []);
            state.put_down();
        }
        WebSocket { below, state: Mutex::new(state) }
    }

    /// A panic has left nothing half done that a later call would not find.
    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_below(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        loop {
            match self.below.try_write_vectored(pieces) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => return written,
            }
        }
    }

    /// Writes the answers, between two frames, until none is left.
    fn push(&self, state: &mut State<C>) -> io::Result<()> {
        let Some(in_hand) = &mut state.in_hand else { return Ok(()) };
        while !in_hand.answers.is_empty() {
            let count = self.write_below(&[IoSlice::new(in_hand.answers.begin())])?;
            in_hand.answers.accept(count);
        }
        state.put_down();
        Ok(())
    }

    /// Writes frames, and the answers between two of them. Returns how many bytes of data were
    /// accepted, and whether more may be.
    fn write_frames<const FRAMES: usize, const PIECES: usize>(
        &self,
        state: &mut State<C>,
        frames: &Frames<'_, FRAMES, PIECES>,
    ) -> io::Result<(usize, bool)> {
        if frames.is_empty() {
            return Ok((0, false));
        }
        let State { encoder, in_hand, .. } = state;
        let none = &mut Answers::default();
        let answers = in_hand.as_mut().map_or(none, |in_hand| &mut in_hand.answers);
        let write = |pieces: &[IoSlice<'_>]| self.write_below(pieces);
        let (count, all) = frames.write(*encoder, answers.bytes(), write)?;
        let accepted = frames.accept(count, encoder, answers);
        state.put_down();
        Ok((accepted, all))
    }

    /// Writes the answers and then one frame, each by itself. A layer that seals may have sealed
    /// all that it refused, so that nothing may come before it when it is offered again.
    fn write_one(
        &self,
        state: &mut State<C>,
        slices: &[IoSlice<'_>],
        counted: usize,
    ) -> io::Result<(usize, bool)> {
        if state.encoder.is_between() {
            self.push(state)?;
        }
        let frames = OneFrame::new(state.encoder, slices, counted);
        if frames.is_empty() {
            return Ok((0, false));
        }
        let before = state.encoder;
        frames.begin(&mut state.encoder);
        let write = |pieces: &[IoSlice<'_>]| self.write_below(pieces);
        let (count, all) = frames.write(before, &[], write)?;
        // No answer was among them.
        Ok((frames.accept(count, &mut state.encoder, &mut Answers::default()), all))
    }

    /// Writes the first `entries` as the messages that they are, in up to `bytes_max` bytes of
    /// lines; nothing if the first is none, or another frame or the answers come before it. A layer
    /// that seals is offered one at a time, as by [`write_one`](WebSocket::write_one).
    fn write_messages(
        &self,
        state: &mut State<C>,
        entries: &[Entry],
        bytes_max: usize,
    ) -> Option<io::Result<Accepted>> {
        if !state.encoder.takes_text() || state.has_answers() {
            return None;
        }
        if S::SEALS || entries.len() == 1 {
            let messages = Messages::<1>::of(entries, bytes_max)?;
            if S::SEALS {
                messages.begin(&mut state.encoder);
            }
            return Some(messages.write(&mut state.encoder, |pieces| self.write_below(pieces)));
        }
        let messages = Messages::<BATCH_ENTRIES_MAX>::of(entries, bytes_max)?;
        Some(messages.write(&mut state.encoder, |pieces| self.write_below(pieces)))
    }

    /// Reads and decodes once. Returns how many bytes of data there are, and whether the stream
    /// below may have more.
    fn read_piece(
        &self,
        state: &mut State<C>,
        buffer: &mut [u8],
    ) -> io::Result<(usize, usize, bool)> {
        let mut pair = [0; 2];
        let is_narrow = buffer.len() < 2;
        let raw = if is_narrow { &mut pair[..] } else { &mut *buffer };
        let most = raw.len() - 1;
        let count = self.below.try_read(&mut raw[1..])?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into()); // without a Close frame
        }
        state.silence.broken();
        let filled = if is_narrow {
            state.decode(&mut pair[..=count], buffer)
        } else {
            let InHand { decoder, answers, .. } = state.in_hand();
            let (length, end) = decoder.decode(&mut buffer[..=count], answers);
            state.end = end;
            length
        };
        state.put_down();
        Ok((filled, count, count == most && state.end.is_none()))
    }
}

/// What a read says of the end of the client's stream.
fn ended(end: End) -> io::Result<usize> {
    match end {
        End::Close(_) => Ok(0),
        End::Fault(_) => Err(ErrorKind::InvalidData.into()),
    }
}

impl<S: Stream, C: Clock> Stream for WebSocket<S, C> {
    /// After the end of our direction nothing is decoded: what comes is only discarded, and every
    /// byte of it counts. [common/close-2]
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = &mut *self.state();
        if state.ours == Ours::Ended {
            return self.below.try_read(buffer);
        }
        let mut filled = 0;
        if let Some(in_hand) = &mut state.in_hand {
            filled = in_hand.ahead.take(buffer);
            if let Some(error) = in_hand.ahead.take_failure() {
                return in_hand.ahead.stopped(filled, error);
            }
            state.put_down();
        }
        let mut raw = 0;
        while filled < buffer.len() {
            if let Some(end) = state.end {
                return if filled > 0 { Ok(filled) } else { ended(end) };
            }
            if raw >= buffer.len().max(RAW_BYTES_MIN) {
                return state.in_hand().ahead.again(&buffer[..filled]);
            }
            match self.read_piece(state, &mut buffer[filled..]) {
                Ok((length, count, more)) => {
                    raw += count;
                    filled += length;
                    if !more && state.end.is_none() {
                        return some_or(filled, ErrorKind::WouldBlock.into());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    return state.in_hand().ahead.again(&buffer[..filled]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let is_over = state.silence.is_over();
                    let error = if is_over { ErrorKind::TimedOut.into() } else { error };
                    return state.stopped(filled, error);
                }
                Err(error) => return state.stopped(filled, error),
            }
        }
        Ok(filled)
    }

    /// Of a part of a line nothing is accepted if it is offered last: its caller writes whole
    /// lines, and offers all of it next time.
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let state = &mut *self.state();
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let mut counted = 0;
        while counted < offered {
            let written = if S::SEALS {
                self.write_one(state, slices, counted)
            } else if slices.len() == 1 {
                self.write_frames(state, &FewFrames::new(state.encoder, slices, counted))
            } else {
                self.write_frames(state, &ManyFrames::new(state.encoder, slices, counted))
            };
            match written {
                Ok((count, true)) => counted += count,
                Ok((count, false)) => {
                    counted += count;
                    break;
                }
                Err(error) => return some_or(counted, error),
            }
        }
        some_or(counted, ErrorKind::WouldBlock.into())
    }

    /// Most entries are messages as they are, which all members of a room share: one of them costs
    /// no more than the same lines without frames. [common/ws-10]
    fn try_write_entries(&self, entries: &[Entry], bytes_max: usize) -> io::Result<Accepted> {
        let written = self.write_messages(&mut self.state(), entries, bytes_max);
        written.unwrap_or_else(|| write_lines(self, entries, bytes_max))
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.state().is_readable() {
            return Poll::Ready(Ok(()));
        }
        self.below.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_writable(cx)
    }

    /// Answers go out whether or not there are lines, and whether or not the client is held.
    /// [common/ws-6] [common/ws-7]
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = &mut *self.state();
        if state.ours == Ours::Open && state.silence.asks(cx) {
            state.in_hand().answers.add(&ping_frame());
        }
        // What the layer below has to say does not wait for ours. An error shows in the write.
        let _ = self.below.poll_flush(cx);
        while state.has_answers() {
            let is_between = state.encoder.is_between();
            let pushed = if is_between { self.push(state) } else { Ok(()) };
            match pushed {
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    return Poll::Ready(Err(error));
                }
                Ok(()) if is_between => break,
                _ => {}
            }
            // An error shows in the write.
            if self.below.poll_writable(cx).is_pending() {
                return Poll::Pending;
            }
            if !is_between {
                // The frame is finished by a write of the lines, which the next poll tries.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.below.poll_flush(cx)
    }

    /// Such as a Close frame behind the last line.
    fn holds_more(&self) -> bool {
        self.state().is_readable() || self.below.holds_more()
    }

    fn is_broken(&self) -> bool {
        self.below.is_broken()
    }

    fn refusal(&self) -> Option<&'static str> {
        self.below.refusal()
    }

    /// The Close frame is tried at once: nothing may be written afterwards. [common/ws-8]
    fn ends_for(&self, reason: CloseReason) {
        let state = &mut *self.state();
        if state.ours == Ours::Ended || !state.encoder.is_between() {
            return; // the client does not get the rest of the frame
        }
        state.close(match state.end {
            Some(End::Fault(code)) => Some(code as u16),
            Some(End::Close(Closing(code))) if reason == CloseReason::EndOfStream => code,
            _ => Some(code_for(reason) as u16),
        });
        let _ = self.push(state);
    }

    fn shutdown_write(&self) -> io::Result<()> {
        let state = &mut *self.state();
        if state.ours == Ours::Ended {
            return self.below.shutdown_write();
        }
        if state.encoder.is_between() {
            state.close(Some(CloseCode::Normal as u16));
            self.push(state)?;
        }
        state.ours = Ours::Ended;
        state.in_hand = None;
        self.below.shutdown_write()
    }
}
