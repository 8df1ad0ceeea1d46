//! The client in a pseudo-terminal, whose screen is emulated.

use crate::process::DEADLINE;
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    LocalModes, OptionalActions, Termios, Winsize, tcgetattr, tcsetattr, tcsetwinsize,
};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt as _;
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
    /// The modes of the terminal before the program.
    before: Termios,
}

/// A new pseudo-terminal: the end of the keyboard, and the end of the program.
pub(super) fn terminal(rows: u16, columns: u16) -> (File, File) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
        .expect("there are pseudo-terminals");
    grantpt(&terminal).expect("it is ours");
    unlockpt(&terminal).expect("it is ours");
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&terminal, size).expect("it has a size");
    let name = ptsname(&terminal, Vec::new()).expect("it has a name");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let inside = File::from(open(name, flags, Mode::empty()).expect("it is unlocked"));
    (File::from(terminal), inside)
}

/// Starts a program in a terminal, as a job of its own, which can be stopped.
pub(super) fn start_in(inside: &File, command: &mut Command) -> Child {
    let again = || inside.try_clone().expect("descriptors can be copied");
    command.stdin(again()).stdout(again()).stderr(again()).process_group(0);
    command.spawn().expect("the program is there")
}

impl Screen {
    pub(super) fn start(mut command: Command) -> Screen {
        command.env("TERM", "xterm");
        Screen::sized(command, ROWS, COLUMNS)
    }

    /// A program in a terminal of this size; one without columns has those of the emulator.
    pub(super) fn sized(mut command: Command, rows: u16, columns: u16) -> Screen {
        let (keyboard, inside) = terminal(rows, columns);
        let before = tcgetattr(&inside).expect("it is a terminal");
        let child = start_in(&inside, &mut command);
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
        let columns = if columns == 0 { COLUMNS } else { columns };
        let emulator = vt100::Parser::new(ROWS, columns, 1000);
        Screen { child, keyboard, output, emulator, raw: Vec::new(), before }
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.press_bytes(keys.as_bytes());
    }

    pub(super) fn press_bytes(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).expect("the terminal takes it");
    }

    /// The rows down to the last one that is not blank, without trailing blanks.
    pub(super) fn rows(&self) -> Vec<String> {
        let width = self.emulator.screen().size().1;
        let rows = self.emulator.screen().rows(0, width);
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

    /// Gives the terminal another size; 0 columns leave the emulator as it is.
    pub(super) fn resize(&mut self, rows: u16, columns: u16) {
        if columns > 0 {
            self.emulator.screen_mut().set_size(rows, columns);
        }
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.keyboard, size).expect("it has a size");
        // The kernel tells the job of the controlling terminal alone.
        self.signal(Signal::WINCH);
    }

    /// Waits until the program is stopped.
    pub(super) fn stopped(&self) {
        let (sender, stopped) = channel();
        let child = Pid::from_child(&self.child);
        thread::spawn(move || {
            let waited = waitpid(Some(child), WaitOptions::UNTRACED).expect("it is our child");
            sender.send(waited.is_some_and(|(_, status)| status.stopped()))
        });
        assert_eq!(stopped.recv_timeout(DEADLINE), Ok(true), "it goes on");
    }

    /// Whether the terminal edits lines by itself.
    pub(super) fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.keyboard).expect("it is a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Sets the modes that were before the program, as a shell does.
    pub(super) fn cook(&self) {
        tcsetattr(&self.keyboard, OptionalActions::Now, &self.before).expect("it is a terminal");
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
        (status, self.is_cooked())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
