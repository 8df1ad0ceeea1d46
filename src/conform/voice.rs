//! The lines that clients send and see in a dialect, for cases of all dialects.
//!
//! The `words` file of a dialect gives one line for each:
//!
//! ```text
//! crowd: few                      a server may serve so few clients that cases cannot
//!                                 run side by side
//! names: unique                   no two clients of the server may have one name
//!                                 (or: plain)
//! world: one                      all clients hear each other, those of cases that run
//!                                 at the same time too (or: rooms)
//! enter: JOIN {room} {user}\n => {user} has joined\n
//!                                 the lines that let a client in, sent and seen
//! present: JOIN {room} {user}\r\n what it sees then of each member that is there
//! replayed: [channels/history-1=replay] ROOM {room} {user} {text}\r\n
//!                                 and of each line said before
//! say: {text}\n                   a line of text
//! heard: {user}: {text}\n         the line that members receive for it
//! echo: always                    its author receives it too (or: never, or a reading:
//!                                 login/msg-2=echo)
//! joined: {user} has joined\n     the notice to others (left out where there is none)
//! left: {user} has left\n
//! aside: OK{..}\r\n               a line that a server may add, with --document-only
//! too-long: ERROR\n               the answer to a line that is too long (left out: the
//!                                 connection is closed without one)
//! refused: ERROR\n                the answer to an `enter` with a name that is refused
//!                                 (left out: as above)
//! fence: say                      the answer to its own line proves that nothing else
//!                                 arrived
//! fence: [login/ping-1=pong] PING\n => PONG\n
//!                                 or these, the first that applies; `ours:` in front:
//! fence: ours: {text}\n => ERR{..}\n
//!                                 not with --document-only
//! ```

use super::declarations::Condition;

/// The lines of a dialect for what all dialects have.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about a dialect")]
pub(super) struct Voice {
    pub(super) unique_names: bool,
    pub(super) one_world: bool,
    /// Whether the document requires a server to serve only few clients at a time.
    pub(super) few: bool,
    pub(super) enter: (String, String),
    pub(super) present: Option<String>,
    pub(super) replayed: Option<(Option<Condition>, String)>,
    pub(super) say: String,
    pub(super) heard: String,
    pub(super) echo: Echo,
    pub(super) joined: Option<String>,
    pub(super) left: Option<String>,
    /// A line that only our own decisions exclude.
    pub(super) aside: Option<String>,
    pub(super) too_long: Option<String>,
    pub(super) refused: Option<String>,
    pub(super) fences: Vec<Fence>,
    /// Whether a fence is a line that the other members hear.
    pub(super) fence_is_heard: bool,
}

/// Whether the author of a line receives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Echo {
    Always,
    #[default]
    Never,
    If(Condition),
}

/// A question whose answer only the asking client receives.
#[derive(Clone, Debug)]
pub(super) struct Fence {
    pub(super) when: Option<Condition>,
    /// Whether the answer is a decision of ours.
    pub(super) ours: bool,
    pub(super) sent: String,
    pub(super) seen: String,
}

impl Voice {
    /// Takes one line of a `words` file; `None` if it is not one.
    pub(super) fn line(&mut self, field: &str, value: &str) -> Option<()> {
        match field {
            "names" => self.unique_names = one_of(value, ["plain", "unique"])?,
            "crowd" => self.few = one_of(value, ["many", "few"])?,
            "world" => self.one_world = one_of(value, ["rooms", "one"])?,
            "enter" => self.enter = asked(value)?,
            "present" => self.present = Some(value.to_owned()),
            "replayed" => {
                self.replayed = Some(guarded(value)?).map(|(when, rest)| (when, rest.to_owned()));
            }
            "say" => value.clone_into(&mut self.say),
            "heard" => value.clone_into(&mut self.heard),
            "echo" => {
                self.echo = match value {
                    "always" => Echo::Always,
                    "never" => Echo::Never,
                    reading => Echo::If(Condition::parsed(reading)?),
                }
            }
            "joined" => self.joined = Some(value.to_owned()),
            "left" => self.left = Some(value.to_owned()),
            "aside" => self.aside = Some(value.to_owned()),
            "too-long" => self.too_long = Some(value.to_owned()),
            "refused" => self.refused = Some(value.to_owned()),
            "fence" if value == "say" => self.fence_is_heard = true,
            "fence" => {
                let (when, rest) = guarded(value)?;
                let ours = rest.strip_prefix("ours: ");
                let (sent, seen) = asked(ours.unwrap_or(rest))?;
                self.fences.push(Fence { when, ours: ours.is_some(), sent, seen });
            }
            _ => return None,
        }
        Some(())
    }

    /// The name of a user in case files, as a template.
    pub(super) fn name(&self, user: &str) -> String {
        let plain = user.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if self.unique_names && plain { format!("{{{user}}}") } else { user.to_owned() }
    }

    /// A text in which `{x+20000}` is as many `x` as make the whole line, LF included, 20,000 bytes
    /// long.
    pub(super) fn filled(&self, text: &str) -> Option<String> {
        let around = self.say.replace("{text}", "").replace(r"\n", "\n").len();
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}')?;
            filled += before;
            match inside.split_once('+') {
                Some((unit, total)) => {
                    let count = total.parse::<usize>().ok()?.checked_sub(around)?;
                    filled += &["{", unit, "*", &count.to_string(), "}"].concat();
                }
                None => filled += &["{", inside, "}"].concat(),
            }
            rest = after;
        }
        Some(filled + rest)
    }

    /// The line that a client sends to say `text`; a text with a brace may be long (see `filled`).
    pub(super) fn said(&self, text: &str) -> Option<String> {
        Some(self.say.replace("{text}", &self.filled(text)?))
    }

    /// The line that members receive for a text.
    pub(super) fn told(&self, user: &str, room: &str, text: &str) -> Option<String> {
        Some(fill(&self.heard, user, room, &self.filled(text)?))
    }
}

/// A template with a user, a room and a text.
pub(super) fn fill(template: &str, user: &str, room: &str, text: &str) -> String {
    template.replace("{user}", user).replace("{room}", room).replace("{text}", text)
}

fn one_of(value: &str, [no, yes]: [&str; 2]) -> Option<bool> {
    if value == yes { Some(true) } else { (value == no).then_some(false) }
}

fn asked(value: &str) -> Option<(String, String)> {
    let (sent, seen) = value.split_once(" =>")?;
    Some((sent.to_owned(), seen.trim_start_matches(' ').to_owned()))
}

/// Strips `[clause=reading] ` from the front.
pub(super) fn guarded(line: &str) -> Option<(Option<Condition>, &str)> {
    let Some(rest) = line.strip_prefix('[') else { return Some((None, line)) };
    let (condition, rest) = rest.split_once("] ")?;
    Some((Some(Condition::parsed(condition)?), rest))
}
