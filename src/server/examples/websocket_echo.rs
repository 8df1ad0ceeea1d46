//! Sends every message back: what the cases of Autobahn want of a server (scripts/websocket-cases).
//!
//! The request, the frames and the end of a connection are the server's own code. It differs in one
//! thing: a message goes back as it came, with no LF at its end, and as what it was, text or bytes.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "threads and blocking sockets are the shortest way for a program like this"
)]

use parlance_core::limits::HTTP_HEAD_BYTES_MAX;
use parlance_core::protocol::websocket::{Answers, Closing, Decoder, End, close_frame};
use parlance_server::http::{Outcome, Route, read_head, route};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept()?;
        std::thread::spawn(move || serve(stream));
    }
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let behind = shake_hands(&mut stream)?;
    let mut echo = Echo::default();
    let mut end = echo.take(&behind, &mut stream)?;
    let mut read = vec![0; 64 * 1024];
    while end.is_none() {
        let count = stream.read(&mut read)?;
        if count == 0 {
            return Ok(());
        }
        end = echo.take(&read[..count], &mut stream)?;
    }
    stream.write_all(&close_frame(match end {
        Some(End::Fault(code)) => Some(code as u16),
        Some(End::Close(Closing(code))) => code,
        None => None,
    }))?;
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut read)? > 0 {}
    Ok(())
}

/// Answers the request. Returns what comes behind it.
fn shake_hands(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while head.len() < HTTP_HEAD_BYTES_MAX {
        let mut read = [0; 1024];
        let count = stream.read(&mut read)?;
        head.extend_from_slice(&read[..count]);
        let Some(Outcome::Request { mut request, length }) = read_head(&head) else { continue };
        "/ws/rooms".clone_into(&mut request.path); // whatever path it was
        if let Route::Upgrade(upgrade) = route(&request, stream.peer_addr()?.ip(), &[]) {
            stream.write_all(&upgrade.response())?;
            return Ok(head.split_off(length));
        }
        break;
    }
    Err(ErrorKind::InvalidData.into())
}

#[derive(Default)]
struct Echo {
    decoder: Decoder,
    answers: Answers,
    message: Vec<u8>,
}

impl Echo {
    /// Takes bytes one by one, so that the end of a message shows: as its last byte comes, or as
    /// an LF behind it.
    fn take(&mut self, bytes: &[u8], stream: &mut TcpStream) -> io::Result<Option<End>> {
        let mut out = Vec::new();
        let mut end = None;
        for byte in bytes {
            let mut pair = [0, *byte];
            let (length, now) = self.decoder.decode(&mut pair, &mut self.answers);
            out.extend_from_slice(self.answers.bytes());
            self.answers.accept(self.answers.bytes().len());
            self.message.extend_from_slice(&pair[..length]);
            if let Some(is_text) = self.decoder.take_finished() {
                if self.message.ends_with(b"\n") {
                    self.message.pop();
                }
                frame(is_text, &self.message, &mut out);
                self.message.clear();
            }
            if now.is_some() {
                end = now;
                break;
            }
        }
        stream.write_all(&out)?;
        Ok(end)
    }
}

/// A message in one frame, which may be longer than any of the server's.
fn frame(is_text: bool, content: &[u8], out: &mut Vec<u8>) {
    out.push(if is_text { 0x81 } else { 0x82 });
    match content.len() {
        0..126 => out.extend(u8::try_from(content.len())),
        126..0x1_0000 => {
            out.push(126);
            out.extend(u16::try_from(content.len()).unwrap_or(0).to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend((content.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
}
