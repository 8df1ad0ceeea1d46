//! A client: it sends bytes, and knows exactly what it expects to hear.

use super::DEADLINE;
use socket2::{Domain, SockRef, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// One connection. Whatever it does not expect, a reset included, is a failure of the test.
pub struct Chat {
    stream: TcpStream,
    /// What has arrived and was not looked at yet.
    heard: Vec<u8>,
    fences: usize,
}

impl Chat {
    pub fn connect(address: SocketAddr) -> Chat {
        Chat::over(TcpStream::connect(address).expect("the server listens"))
    }

    /// A client whose kernel keeps little for it: what it does not read stays with the server.
    pub fn connect_keeping(receive_buffer_bytes: usize, address: SocketAddr) -> Chat {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        // Before it connects: afterwards the window has been promised.
        socket.set_recv_buffer_size(receive_buffer_bytes).unwrap();
        socket.connect(&address.into()).expect("the server listens");
        Chat::over(socket.into())
    }

    /// A member of `room` that has heard of its own joining.
    pub fn join(address: SocketAddr, room: &str, user: &str) -> Chat {
        Chat::connect(address).joined(room, user)
    }

    /// As [`join`](Chat::join), of a server that does not wait long for a first line: a try that
    /// this machine was too slow for is none.
    pub fn join_in_time(address: SocketAddr, room: &str, user: &str) -> Chat {
        let begun = Instant::now();
        loop {
            let mut chat = Chat::connect(address);
            let sent = chat.try_send(format!("JOIN {room} {user}\n"));
            let peek = || chat.stream.peek(&mut [0; 1]);
            if sent.is_ok() && uninterrupted(peek).is_ok_and(|peeked| peeked > 0) {
                chat.expect(format!("{user} has joined\n"));
                return chat;
            }
            assert!(begun.elapsed() < DEADLINE, "it does not let {user} in");
        }
    }

    /// Makes a fresh connection a member of `room`.
    pub fn joined(mut self, room: &str, user: &str) -> Chat {
        self.send(format!("JOIN {room} {user}\n"));
        self.expect(format!("{user} has joined\n"));
        self
    }

    fn over(stream: TcpStream) -> Chat {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Chat { stream, heard: Vec::new(), fences: 0 }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the server takes it");
    }

    /// Sends one byte as TCP's urgent data.
    pub fn send_urgent(&mut self, byte: u8) {
        let sent = SockRef::from(&self.stream).send_out_of_band(&[byte]);
        assert_eq!(sent.expect("the server takes it"), 1);
    }

    /// For whoever expects to be cut off.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends `bytes` from another thread, which ends when the server has taken them.
    pub fn sending(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> JoinHandle<()> {
        let mut stream = self.stream.try_clone().expect("descriptors can be copied");
        thread::spawn(move || stream.write_all(bytes.as_ref()).expect("the server takes it"))
    }

    /// The very next bytes are these.
    #[track_caller]
    pub fn expect(&mut self, bytes: impl AsRef<[u8]>) {
        let expected = bytes.as_ref();
        loop {
            let known = self.heard.len().min(expected.len());
            let agrees = self.heard[..known] == expected[..known];
            assert!(agrees, "heard {:?}, not {:?}", show(&self.heard), show(expected));
            if known == expected.len() {
                self.heard.drain(..known);
                return;
            }
            let more = self.hear();
            assert!(more, "the end after {:?}, not {:?}", show(&self.heard), show(expected));
        }
    }

    /// Sends `bytes`; the very next bytes that come are `answer`.
    #[track_caller]
    pub fn ask(&mut self, bytes: impl AsRef<[u8]>, answer: impl AsRef<[u8]>) {
        self.send(bytes);
        self.expect(answer);
    }

    /// The next byte.
    #[track_caller]
    pub fn byte(&mut self) -> u8 {
        while self.heard.is_empty() {
            assert!(self.hear(), "the end, and not a byte");
        }
        self.heard.remove(0)
    }

    /// The next line, without its LF.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let mut searched = 0;
        loop {
            if let Some(at) = self.heard[searched..].iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.heard.drain(..=searched + at).collect();
                line.pop();
                return String::from_utf8(line).expect("this test speaks text");
            }
            searched = self.heard.len();
            assert!(self.hear(), "the end after {:?}, not a line", show(&self.heard));
        }
    }

    /// The lines before `last`, which comes too.
    #[track_caller]
    pub fn lines_before(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.line() {
                line if line == last => return lines,
                line => lines.push(line),
            }
        }
    }

    /// Says something as the member `user` and returns the lines that came before its echo.
    #[track_caller]
    pub fn fence(&mut self, user: &str) -> Vec<String> {
        self.fences += 1;
        let text = format!("fence {}", self.fences);
        self.send(format!("{text}\n"));
        self.lines_before(&format!("{user}: {text}"))
    }

    /// Everything up to the end of the stream, which is orderly.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<u8> {
        while self.hear() {}
        std::mem::take(&mut self.heard)
    }

    /// The server closes, having said no more.
    #[track_caller]
    pub fn expect_end(&mut self) {
        let rest = self.rest();
        assert!(rest.is_empty(), "heard {:?}, not the end", show(&rest));
    }

    /// What has arrived by now is nothing.
    #[track_caller]
    pub fn expect_silence(&mut self) {
        self.stream.set_nonblocking(true).unwrap();
        let read = self.stream.read(&mut [0; 1]).map_err(|error| error.kind());
        self.stream.set_nonblocking(false).unwrap();
        assert!(self.heard.is_empty(), "heard {:?}", show(&self.heard));
        assert_eq!(read, Err(ErrorKind::WouldBlock));
    }

    /// Closes the sending half, as `nc -N` does at the end of its input.
    pub fn finish(&mut self) {
        self.stream.shutdown(Shutdown::Write).expect("it is connected");
    }

    /// Closes the sending half and waits until the server has closed; says what came meanwhile.
    #[track_caller]
    pub fn leave(mut self) -> Vec<u8> {
        self.finish();
        self.rest()
    }

    /// Ends the connection with a reset.
    pub fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// The server has not reset the connection, as far as the kernel knows by now.
    #[track_caller]
    pub fn expect_no_reset(&self) {
        let error = self.stream.take_error().expect("sockets can be asked");
        assert!(error.is_none(), "the connection was reset: {error:?}");
    }

    /// Throws away what comes until the connection ends in whatever way.
    pub fn discard(mut self) {
        let mut buffer = [0; 4096];
        while matches!(uninterrupted(|| self.stream.read(&mut buffer)), Ok(1..)) {}
    }

    /// Waits for more; false at the end of the stream.
    #[track_caller]
    fn hear(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match uninterrupted(|| self.stream.read(&mut buffer)) {
            Ok(0) => false,
            Ok(read) => {
                self.heard.extend_from_slice(&buffer[..read]);
                true
            }
            Err(error) => panic!("{error} after {:?}", show(&self.heard)),
        }
    }
}

/// A call that has a deadline is not begun again by the kernel when the process was stopped
/// meanwhile, be it by a machine that was put to sleep: that is no fault of the server's.
pub fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// The end of what was heard is what a failure needs to show.
fn show(bytes: &[u8]) -> String {
    let from = bytes.len().saturating_sub(400);
    let skipped = if from > 0 { format!("[{from} bytes] ") } else { String::new() };
    format!("{skipped}{}", bytes[from..].escape_ascii())
}
