//! What clients say and see in a dialect, for cases that hold in every one.
//!
//! The `words` file of a dialect gives one line for each:
//!
//! ```text
//! crowd: few                               a server may serve so few clients that cases cannot run side by side
//! names: unique                            no two clients of the world may have one name (or: plain)
//! world: one                               everybody hears everybody, cases that run beside it too (or: rooms)
//! enter: JOIN {room} {user}\n => {user} has joined\n        what lets a client in, sent and seen
//! present: JOIN {room} {user}\r\n          what it sees then of each member that is there
//! replayed: [channels/history-1=replay] ROOM {room} {user} {text}\r\n     and of each line said before
//! say: {text}\n                            a line of text
//! heard: {user}: {text}\n                  what becomes of it
//! echo: always                             who said it sees it too (or: never, or a reading: login/msg-2=echo)
//! joined: {user} has joined\n              what others see (leave it out where they see nothing)
//! left: {user} has left\n
//! aside: OK{..}\r\n                        what a server may say beside all that, with --document-only
//! too-long: ERROR\n                        the answer to a line that is too long (or leave it out)
//! fence: say                               the answer to its own line is a proof that nothing else came
//! fence: [login/ping-1=pong] PING\n => PONG\n               or these, the first that applies; `ours:` in
//! fence: ours: {text}\n => ERR{..}\n                        front: not with --document-only
//! ```

use super::readings::Condition;
use super::script::{Action, Step};

/// How a dialect says what all dialects have.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about a dialect")]
pub(super) struct Voice {
    pub(super) unique_names: bool,
    pub(super) one_world: bool,
    pub(super) few: bool,
    pub(super) enter: (String, String),
    pub(super) present: Option<String>,
    pub(super) replayed: Option<(Option<Condition>, String)>,
    pub(super) say: String,
    pub(super) heard: String,
    pub(super) echo: Echo,
    pub(super) joined: Option<String>,
    pub(super) left: Option<String>,
    /// A line that only we do not expect.
    pub(super) aside: Option<String>,
    pub(super) too_long: Option<String>,
    pub(super) fences: Vec<Fence>,
    /// Whether a fence is a line that the other members hear.
    pub(super) fence_is_heard: bool,
}

/// Whether who says a line sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Echo {
    Always,
    #[default]
    Never,
    If(Condition),
}

/// A question that a server answers to nobody else.
#[derive(Clone, Debug)]
pub(super) struct Fence {
    pub(super) when: Option<Condition>,
    /// Whether the answer is a decision of ours.
    pub(super) ours: bool,
    pub(super) sent: String,
    pub(super) seen: String,
}

impl Voice {
    /// Takes one line of a `words` file; nothing if it is none.
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

    /// The name of a user as case files call it, as a template.
    pub(super) fn name(&self, user: &str) -> String {
        let plain = user.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if self.unique_names && plain { format!("{{{user}}}") } else { user.to_owned() }
    }
}

fn one_of(value: &str, [no, yes]: [&str; 2]) -> Option<bool> {
    if value == yes { Some(true) } else { (value == no).then_some(false) }
}

fn asked(value: &str) -> Option<(String, String)> {
    let (sent, seen) = value.split_once(" =>")?;
    Some((sent.to_owned(), seen.trim_start_matches(' ').to_owned()))
}

/// Takes `[clause=reading] ` off the front.
pub(super) fn guarded(line: &str) -> Option<(Option<Condition>, &str)> {
    let Some(rest) = line.strip_prefix('[') else { return Some((None, line)) };
    let (condition, rest) = rest.split_once("] ")?;
    Some((Some(Condition::parsed(condition)?), rest))
}

/// Who is where in a case, as far as its neutral steps tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    members: Vec<Member>,
    /// What was said in each room, where newcomers are shown it.
    said: Vec<Line>,
    fences: usize,
}

#[derive(Clone, Debug)]
struct Member {
    who: String,
    user: String,
    room: String,
    here: bool,
    /// What the fences of others made it hear, and it has not seen yet.
    unseen: Vec<String>,
}

#[derive(Clone, Debug)]
struct Line {
    room: String,
    user: String,
    text: String,
}

type Steps = Option<Vec<Step>>;

impl Scene {
    /// The steps that `who verb rest` stands for; nothing if that is no neutral step.
    pub(super) fn steps(&mut self, voice: &Voice, who: &str, verb: &str, rest: &str) -> Steps {
        match verb {
            "joins" => Some(self.joins(voice, who, rest)),
            "says" | "types" => self.says(voice, who, rest, verb == "says"),
            "hears" => {
                let (other, text) = rest.split_once(": ")?;
                let heard = self.fill(&voice.heard, other, text)?;
                Some(self.sees(who, Some(heard)))
            }
            "echoes" => {
                let heard = self.fill(&voice.heard, who, rest)?;
                let when = match &voice.echo {
                    Echo::Always => None,
                    Echo::Never => return Some(Vec::new()),
                    Echo::If(condition) => Some(condition.clone()),
                };
                let mut steps = self.sees(who, Some(heard));
                steps.last_mut()?.when = when;
                Some(steps)
            }
            "sees" => self.notice(voice, who, rest),
            "fence" => self.fence(voice, who, rest),
            _ => None,
        }
    }

    /// What `who` has heard before it sees the next thing.
    pub(super) fn unseen(&mut self, who: &str) -> Vec<Step> {
        let member = self.members.iter_mut().rev().find(|member| member.who == who);
        let unseen = member.map(|member| std::mem::take(&mut member.unseen)).unwrap_or_default();
        unseen.into_iter().map(|bytes| step(who, expect(bytes))).collect()
    }

    /// `who` is gone, or about to be.
    pub(super) fn goes(&mut self, who: &str) {
        self.members.iter_mut().filter(|member| member.who == who).for_each(|one| one.here = false);
    }

    fn joins(&mut self, voice: &Voice, who: &str, rest: &str) -> Vec<Step> {
        let (user, room) = rest.split_once(" in ").unwrap_or((rest, "room"));
        let (user, room) = (voice.name(user), format!("{{{room}}}"));
        let fill = |text: &str, user: &str, said: &str| {
            text.replace("{user}", user).replace("{room}", &room).replace("{text}", said)
        };
        let mut steps = vec![step(who, Action::Send(fill(&voice.enter.0, &user, "")))];
        if !voice.enter.1.is_empty() {
            steps.push(step(who, expect(fill(&voice.enter.1, &user, ""))));
        }
        steps.extend(self.shown(voice, who, &room));
        let (who, unseen) = (who.to_owned(), Vec::new());
        self.members.push(Member { who, user, room, here: true, unseen });
        steps
    }

    /// What a joiner sees of a room. In which order is for cases of their own: not every server keeps members
    /// in a list.
    fn shown(&self, voice: &Voice, who: &str, room: &str) -> Vec<Step> {
        let here = self.members.iter().filter(|member| member.here && member.room == room);
        let line = |present: &String| here.map(|one| fill(present, &one.user, room, "")).collect();
        let present: String = voice.present.as_ref().map(line).unwrap_or_default();
        let all = |lines: String| match lines.matches(r"\n").count() {
            0 => None,
            1 => Some(step(who, expect(lines))),
            _ => Some(step(who, Action::ExpectAll(lines))),
        };
        let said = self.said.iter().filter(|line| line.room == room);
        let Some((when, replayed)) = &voice.replayed else {
            return all(present).into_iter().collect();
        };
        let replayed: String =
            said.map(|line| fill(replayed, &line.user, room, &line.text)).collect();
        if replayed.is_empty() {
            return all(present).into_iter().collect();
        }
        let with = all(present.clone() + &replayed);
        let mut steps: Vec<Step> =
            with.into_iter().map(|step| Step { when: when.clone(), ..step }).collect();
        // The other reading, if there is one.
        if let Some(when) = when {
            let not = Condition { so: !when.so, ..when.clone() };
            let without = all(present).into_iter();
            steps.extend(without.map(|step| Step { when: Some(not.clone()), ..step }));
        }
        steps
    }

    fn says(&mut self, voice: &Voice, who: &str, text: &str, whole: bool) -> Steps {
        let line = self.fill(&voice.say, who, text)?;
        if !whole {
            let half = line.strip_suffix(r"\n")?.to_owned();
            return Some(vec![step(who, Action::Send(half))]);
        }
        let member = self.member(who)?;
        let (room, user) = (member.room.clone(), member.user.clone());
        self.said.push(Line { room, user, text: text.to_owned() });
        Some(vec![step(who, Action::Send(line))])
    }

    fn notice(&mut self, voice: &Voice, who: &str, what: &str) -> Steps {
        if what == "too-long" {
            return Some(self.sees(who, voice.too_long.clone()));
        }
        let (other, what) = what.split_once(' ')?;
        let template = match what {
            "join" => &voice.joined,
            "leave" => &voice.left,
            _ => return None,
        };
        let Some(template) = template else { return Some(Vec::new()) };
        let notice = self.fill(template, other, "")?;
        Some(self.sees(who, Some(notice)))
    }

    fn sees(&mut self, who: &str, bytes: Option<String>) -> Vec<Step> {
        let mut steps = self.unseen(who);
        steps.extend(bytes.map(|bytes| step(who, expect(bytes))));
        steps
    }

    fn fence(&mut self, voice: &Voice, who: &str, user: &str) -> Steps {
        let mut steps = self.unseen(who);
        self.fences += 1;
        let text = format!("fence-{}", self.fences);
        let member = self.member(who);
        let user = if user.is_empty() { member?.user.clone() } else { voice.name(user) };
        if let Some(member) = member.filter(|_| voice.fence_is_heard) {
            let heard = fill(&voice.heard, &member.user, &member.room, &text);
            let room = member.room.clone();
            let others = |other: &&mut Member| other.here && other.room == room && other.who != who;
            for other in self.members.iter_mut().filter(others) {
                other.unseen.push(heard.clone());
            }
        }
        steps.push(step(who, Action::Fence { user, text }));
        Some(steps)
    }

    /// Who is, or was last, called `who`.
    fn member(&self, who: &str) -> Option<&Member> {
        self.members.iter().rev().find(|member| member.who == who)
    }

    /// A template with the user and the room of `who`.
    fn fill(&self, template: &str, who: &str, text: &str) -> Option<String> {
        let member = self.member(who)?;
        Some(fill(template, &member.user, &member.room, text))
    }
}

fn fill(template: &str, user: &str, room: &str, text: &str) -> String {
    template.replace("{user}", user).replace("{room}", room).replace("{text}", text)
}

fn step(who: &str, action: Action) -> Step {
    Step { who: who.to_owned(), when: None, action }
}

fn expect(bytes: String) -> Action {
    Action::Expect { bytes, proves: false }
}
