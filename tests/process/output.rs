//! A pipe read to its end by a thread, so that the daemon never waits for us, nor we for it in
//! vain.

use super::DEADLINE;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

pub struct Output {
    lines: Receiver<String>,
}

impl Output {
    pub fn of(pipe: impl Read + Send + 'static) -> Output {
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                // Nobody listens any more: go on reading, so that the daemon can go on writing.
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Output { lines }
    }

    /// The next line without its LF, or nothing at the end of the stream.
    pub fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("neither a line nor the end of the output"),
        }
    }

    /// Every line up to the end of the stream.
    pub fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.line()).collect()
    }
}
