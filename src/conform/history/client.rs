//! One client of a history: its actions and its input, membership by membership.

use super::board::Board;
use super::record::{Ending, Role};
use super::voice::{Heard, Voice};
use crate::bounds::Bounds;
use crate::escapes::shown;
use crate::habits::Filter;
use crate::transport::Transport;
use crate::wire::{Heard as Wait, Wire};
use parlance_speech::Entry;
use std::time::{Duration, Instant};

/// Maximum wait for one answer, at `--patience 1`, and after another client has waited in vain.
const ANSWER: Duration = Duration::from_secs(2);
const NO_ANSWER: Duration = Duration::from_millis(100);

/// One line received, before its cause is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Own,
    Joined(String),
    Left(String),
    Said(String, String),
    Strange,
}

/// One membership as it took place.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) role: Role,
    pub(super) user: String,
    pub(super) room: usize,
    pub(super) entered: bool,
    pub(super) sent: Vec<String>,
    pub(super) certain: usize,
    pub(super) ending: Ending,
    /// Each note with its line.
    pub(super) heard: Vec<(Note, String)>,
    pub(super) late: Vec<(Note, String)>,
    pub(super) roster: Option<Vec<String>>,
}

/// The values that all clients of a history share.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) voice: Voice,
    /// Whether only a reset is a departure, and a close is not.
    pub(super) only_resets_depart: bool,
    /// Whether clients move from one room to another.
    pub(super) moves: bool,
    pub(super) bounds: Bounds,
    pub(super) address: std::net::SocketAddr,
    pub(super) transport: &'a Transport,
    /// What is taken out of the input of each connection.
    pub(super) filter: Option<Filter>,
    pub(super) rooms: Vec<String>,
    /// The suffix of the names of our users.
    pub(super) nonce: String,
    pub(super) board: &'a Board,
    pub(super) until: Instant,
}

impl Scene<'_> {
    /// Maximum wait for one answer.
    pub(super) fn millis(&self) -> u128 {
        self.bounds.scaled(ANSWER).as_millis()
    }

    /// The deadline of a wait that begins now.
    pub(super) fn patience(&self) -> Instant {
        let hopeless = self.board.ask(|state| state.hopeless);
        let time = if hopeless { NO_ANSWER } else { ANSWER };
        self.bounds.until(time).min(self.until)
    }
}

/// Maximum bytes that a client of a history reads, several times more than any right server sends
/// it.
const HEARD_MAX: usize = 512 * 1024;

/// The answer that a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    Nothing,
    /// The answer to its join.
    Entry,
    /// The lines that list the members; this many are left.
    Roster(usize),
    /// The answer to its departure.
    Departure,
}

/// One client.
#[derive(Debug)]
pub(super) struct Client<'a> {
    pub(super) scene: &'a Scene<'a>,
    wire: Option<Wire>,
    pub(super) tracks: Vec<Track>,
    pub(super) user: String,
    role: Role,
    waiting: Waiting,
    /// Whether the connection has its name.
    named: bool,
    /// Whether the last track goes on.
    inside: bool,
    /// Whether the connection has had another membership.
    kept: bool,
    out: Vec<u8>,
    over: Option<Wait>,
}

impl<'a> Client<'a> {
    pub(super) fn new(scene: &'a Scene<'a>, wire: Wire, user: &str, role: Role) -> Client<'a> {
        Client {
            scene,
            wire: Some(wire.limited(HEARD_MAX)),
            tracks: Vec::new(),
            user: user.to_owned(),
            role,
            waiting: Waiting::Nothing,
            named: false,
            inside: false,
            kept: false,
            out: Vec::new(),
            over: None,
        }
    }

    fn full_name(&self) -> String {
        format!("{}{}", self.user, self.scene.nonce)
    }

    pub(super) fn track(&mut self) -> &mut Track {
        self.tracks.last_mut().expect("a client says nothing before its first membership")
    }

    /// Queues a join for the next send.
    pub(super) fn enter(&mut self, room: usize) {
        let voice = self.scene.voice;
        let name = self.full_name();
        self.out.extend(voice.enter(&self.scene.rooms[room], &name, self.named));
        self.named = true;
        self.waiting = Waiting::Entry;
        self.tracks.push(Track {
            role: self.role,
            user: self.user.clone(),
            room,
            entered: false,
            sent: Vec::new(),
            certain: 0,
            ending: Ending::Cut,
            heard: Vec::new(),
            late: Vec::new(),
            roster: None,
        });
        if voice.dialect.entry() == Entry::Silent {
            self.begins(None);
        }
    }

    /// Queues a line of text for the next send.
    pub(super) fn say(&mut self) -> String {
        let membership = self.tracks.len() - 1;
        let number = self.track().sent.len() + 1;
        let text = format!("{}.{membership}.{number}", self.user);
        self.out.extend(self.scene.voice.say(&text));
        self.track().sent.push(text.clone());
        text
    }

    pub(super) fn command(&mut self, line: &[u8]) {
        self.out.extend_from_slice(line);
        self.waiting = Waiting::Departure;
    }

    /// Sends the queued lines. Whether the server took them shows in its answers.
    pub(super) fn flush(&mut self) {
        let bytes = std::mem::take(&mut self.out);
        let within = self.scene.bounds.scaled(ANSWER);
        if let Some(wire) = &mut self.wire {
            let _ = wire.send(&bytes, within);
        }
    }

    /// Reads until the condition holds or the deadline passes; returns whether it holds.
    pub(super) fn hear(&mut self, until: Instant, so: impl Fn(&Client<'a>) -> bool) -> bool {
        loop {
            self.take();
            if so(self) {
                return true;
            }
            let Some(wire) = &mut self.wire else { return false };
            match wire.hear(until) {
                Wait::Bytes => {}
                Wait::Timeout => return false,
                over => {
                    self.over = Some(over);
                    return false;
                }
            }
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.waiting == Waiting::Nothing
    }

    pub(super) fn is_inside(&self) -> bool {
        self.inside
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Whether the connection can be used again.
    pub(super) fn is_connected(&self) -> bool {
        self.wire.is_some() && self.over.is_none()
    }

    pub(super) fn half_close(&mut self) {
        // The server may have closed already; then nothing is left to close.
        let _ = self.wire.as_mut().map(Wire::half_close);
    }

    /// Ends the connection; unread input is dropped.
    pub(super) fn drop_wire(&mut self, reset: bool) {
        self.inside = false;
        self.waiting = Waiting::Nothing;
        let reset = reset || self.scene.only_resets_depart;
        if let Some(wire) = self.wire.take().filter(|_| reset) {
            // Without the option it is a plain close, which is a departure too.
            let _ = wire.reset();
        }
    }

    pub(super) fn ended_well(&self) -> bool {
        self.over == Some(Wait::End)
    }

    pub(super) fn has_heard(&self, text: &str) -> bool {
        let said = |note: &Note| matches!(note, Note::Said(_, heard) if heard == text);
        self.tracks.last().is_some_and(|track| track.heard.iter().any(|(note, _)| said(note)))
    }

    fn take(&mut self) {
        while let Some(wire) = &mut self.wire
            && let Some(lf) = wire.ahead.iter().position(|&byte| byte == b'\n')
        {
            let bytes: Vec<u8> = wire.ahead.drain(..=lf).collect();
            let raw = shown(&bytes);
            match String::from_utf8(bytes[..lf].to_vec()) {
                Ok(line) => self.line(&line, raw),
                Err(_) => self.note(Note::Strange, raw),
            }
        }
    }

    fn line(&mut self, line: &str, raw: String) {
        let voice = self.scene.voice;
        let heard = voice.hear(line);
        let (room, user) = match heard {
            Heard::Joined(room, user) | Heard::Left(room, user) | Heard::Said(room, user, _) => {
                (room, user)
            }
            Heard::Named => return,
            Heard::Done(count) => return self.done(count, raw),
            Heard::Refused if matches!(self.waiting, Waiting::Entry) => return,
            Heard::Refused | Heard::Strange => return self.note(Note::Strange, raw),
        };
        let Some(short) = user.strip_suffix(&self.scene.nonce) else {
            // In a dialect of one room any other client may be there.
            if voice.rooms.is_some() {
                self.note(Note::Strange, raw);
            }
            return;
        };
        let here = self.tracks.last().map(|track| self.scene.rooms[track.room].as_str());
        let moving = self.waiting == Waiting::Entry && self.tracks.len() > 1;
        if room.is_some() && room != here && !moving {
            return self.note(Note::Strange, raw);
        }
        let short = short.to_owned();
        if let (Waiting::Roster(count), Heard::Joined(..)) = (self.waiting, &heard) {
            self.track().roster.get_or_insert_default().push(short);
            self.waiting = if count > 1 { Waiting::Roster(count - 1) } else { Waiting::Nothing };
            return;
        }
        let own = short == self.user && voice.dialect.entry() == Entry::Notice;
        let note = match heard {
            Heard::Joined(..) if own && self.waiting == Waiting::Entry => {
                return self.begins(Some(raw));
            }
            Heard::Joined(..) => Note::Joined(short),
            Heard::Left(..) => Note::Left(short),
            Heard::Said(_, _, text) => Note::Said(short, text.to_owned()),
            _ => Note::Strange,
        };
        self.note(note, raw);
    }

    /// An `OK` to a join or to a departure.
    fn done(&mut self, count: Option<usize>, raw: String) {
        match self.waiting {
            Waiting::Entry => {
                self.begins(Some(raw));
                if let Some(count) = count {
                    self.track().roster = Some(Vec::new());
                    if count > 0 {
                        self.waiting = Waiting::Roster(count);
                    }
                }
            }
            Waiting::Departure => {
                self.waiting = Waiting::Nothing;
                self.ends();
            }
            _ => self.note(Note::Strange, raw),
        }
    }

    fn begins(&mut self, raw: Option<String>) {
        let last = self.tracks.len() - 1;
        if self.inside && last > 0 {
            let old = &mut self.tracks[last - 1];
            old.ending = Ending::Departed;
            old.certain = old.sent.len();
        }
        self.inside = true;
        self.waiting = Waiting::Nothing;
        let track = self.track();
        track.entered = true;
        if let Some(raw) = raw {
            track.heard.push((Note::Own, raw));
        }
    }

    /// The membership ends in good order: the server took all its lines, and it received all
    /// lines up to its departure.
    pub(super) fn ends(&mut self) {
        self.inside = false;
        self.kept = true;
        let track = self.track();
        track.ending = Ending::Departed;
        track.certain = track.sent.len();
    }

    fn note(&mut self, note: Note, raw: String) {
        if self.role == Role::Observer {
            self.publish(&note);
        }
        let last = self.tracks.len().saturating_sub(1);
        let moving = self.waiting == Waiting::Entry && self.inside && last > 0;
        let waiting_again = self.waiting == Waiting::Entry && !self.inside && last > 0;
        match self.tracks.get_mut(last) {
            Some(_) if moving => self.tracks[last - 1].heard.push((note, raw)),
            Some(_) if waiting_again && self.kept => {
                self.tracks[last - 1].late.push((note, raw));
            }
            Some(track) if !self.inside && track.ending == Ending::Departed => {
                track.late.push((note, raw));
            }
            Some(track) => track.heard.push((note, raw)),
            None => {}
        }
    }

    fn publish(&self, note: &Note) {
        let room = self.tracks.last().map_or(0, |track| track.room);
        let observer = room * 2 + usize::from(self.user.ends_with('2'));
        self.scene.board.tell(|state| match note {
            Note::Said(_, text) => {
                state.said.insert(text.clone());
            }
            Note::Joined(user) => {
                *state.joined.entry((observer, user.clone())).or_default() += 1;
            }
            Note::Left(user) => *state.left.entry((observer, user.clone())).or_default() += 1,
            Note::Own | Note::Strange => {}
        });
    }

    /// Continues with a new connection for the next membership.
    pub(super) fn reconnect(&mut self, wire: Wire) {
        self.wire = Some(wire.limited(HEARD_MAX));
        self.named = false;
        self.inside = false;
        self.kept = false;
        self.waiting = Waiting::Nothing;
        self.over = None;
    }
}
