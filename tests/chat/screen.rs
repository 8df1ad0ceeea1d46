//! The client in a pseudo-terminal, whose screen is emulated.

use crate::process::DEADLINE;
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

const ROWS: u16 = 24;
pub(super) const COLUMNS: u16 = 60;

/// A user at a terminal.
pub(super) struct Screen {
    child: Child,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    emulator: vt100::Parser,
    /// Every byte that reached the terminal.
    pub(super) raw: Vec<u8>,
}

impl Screen {
    pub(super) fn start(mut command: Command) -> Screen {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .expect("there are pseudo-terminals");
        grantpt(&terminal).expect("it is ours");
        unlockpt(&terminal).expect("it is ours");
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).expect("it has a size");
        let name = ptsname(&terminal, Vec::new()).expect("it has a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let inside = File::from(open(name, flags, Mode::empty()).expect("it is unlocked"));
        let again = || inside.try_clone().expect("descriptors can be copied");
        command.stdin(again()).stdout(again()).stderr(again()).env("TERM", "xterm");
        let child = command.spawn().expect("the program is there");
        let keyboard = File::from(terminal);
        let mut reader = keyboard.try_clone().expect("descriptors can be copied");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // An error is the end: no process has the terminal open any more.
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let emulator = vt100::Parser::new(ROWS, COLUMNS, 1000);
        Screen { child, keyboard, output, emulator, raw: Vec::new() }
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes it");
    }

    /// The rows down to the last one that is not blank, without trailing blanks.
    pub(super) fn rows(&self) -> Vec<String> {
        let rows = self.emulator.screen().rows(0, COLUMNS);
        let mut rows: Vec<_> = rows.map(|row| row.trim_end().to_owned()).collect();
        while rows.last().is_some_and(String::is_empty) {
            rows.pop();
        }
        rows
    }

    /// Waits until the screen shows exactly these rows, with the cursor in this column of the last
    /// row.
    #[track_caller]
    pub(super) fn expect(&mut self, rows: &[&str], column: u16) {
        let bottom = u16::try_from(rows.len()).expect("it fits") - 1;
        self.until(&format!("{rows:#?} and column {column}"), |screen| {
            screen.rows() == rows && screen.emulator.screen().cursor_position() == (bottom, column)
        });
    }

    /// Waits until `is` accepts the screen.
    #[track_caller]
    pub(super) fn until(&mut self, what: &str, is: impl Fn(&Screen) -> bool) {
        while !is(self) {
            let Ok(bytes) = self.output.recv_timeout(DEADLINE) else {
                panic!(
                    "not {what}, but {:#?}, at {:?}",
                    self.rows(),
                    self.emulator.screen().cursor_position()
                );
            };
            self.emulator.process(&bytes);
            self.raw.extend(bytes);
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Waits until the program ends by itself; returns its status, and whether the terminal is
    /// restored.
    #[track_caller]
    pub(super) fn ended(&mut self) -> (Option<i32>, bool) {
        while let Ok(bytes) = self.output.recv_timeout(DEADLINE) {
            self.emulator.process(&bytes);
            self.raw.extend(bytes);
        }
        let status = self.child.wait().expect("it is our child").code();
        let modes = tcgetattr(&self.keyboard).expect("it is a terminal").local_modes;
        (status, modes.contains(LocalModes::ICANON | LocalModes::ECHO))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
