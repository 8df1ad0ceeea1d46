//! The state of the clients of a case, and the expansion of neutral steps into steps of one
//! dialect.
//!
//! `a joins ann` is `a tries ann` (sends the lines that let it in) and `a enters ann` (sees that it
//! is in); `a refused` is the answer if it is not let in. `a tries-crlf ann` ends these lines in CR
//! LF; `a tries-half ann` leaves the last LF out. `a joins ann in room2` joins another room, where
//! there are several.

use super::declarations::Condition;
use super::script::{Action, Step};
use super::stage::Stage;
use super::voice::{Echo, Voice, fill};

/// The clients and members of a case, as far as its neutral steps say.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    members: Vec<Member>,
    /// The lines said in each room, where newcomers are shown them.
    said: Vec<Line>,
    fences: usize,
}

#[derive(Clone, Debug)]
struct Member {
    who: String,
    user: String,
    room: String,
    here: bool,
    /// Lines that the fences of others sent to it, and that it has not seen yet.
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
    /// The steps that `who verb rest` expands to; `None` if it is not a neutral step.
    pub(super) fn steps(&mut self, voice: &Voice, who: &str, verb: &str, rest: &str) -> Steps {
        match verb {
            "joins" => {
                let mut steps = tries(voice, who, rest, str::to_owned);
                steps = at(Stage::Enter, steps);
                steps.extend(self.enters(voice, who, rest));
                Some(steps)
            }
            "tries" => Some(tries(voice, who, rest, str::to_owned)),
            "tries-crlf" => Some(tries(voice, who, rest, |sent| sent.replace(r"\n", r"\r\n"))),
            "tries-half" => Some(tries(voice, who, rest, |sent| {
                sent.strip_suffix(r"\n").unwrap_or(sent).to_owned()
            })),
            "enters" => Some(self.enters(voice, who, rest)),
            "refused" => Some(self.sees(who, voice.refused.clone(), Stage::Refused)),
            "says" | "types" => self.says(voice, who, rest, verb == "says"),
            "hears" => {
                let (other, text) = rest.split_once(": ")?;
                let heard = self.heard(voice, other, text)?;
                Some(self.sees(who, Some(heard), Stage::Hears))
            }
            "echoes" => {
                let heard = self.heard(voice, who, rest)?;
                let when = match &voice.echo {
                    Echo::Always => None,
                    Echo::Never => return Some(Vec::new()),
                    Echo::If(condition) => Some(condition.clone()),
                };
                let mut steps = self.sees(who, Some(heard), Stage::Echo);
                steps.last_mut()?.when = when;
                Some(steps)
            }
            "sees" => self.notice(voice, who, rest),
            "fence" => self.fence(voice, who, rest),
            _ => None,
        }
    }

    /// The steps of one line of a case, alternatives excluded; `None` if the line is not
    /// understood.
    pub(super) fn line(&mut self, voice: &Voice, who: &str, what: &str) -> Steps {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        if let Some(steps) = self.steps(voice, who, verb, rest) {
            return Some(steps);
        }
        let action = match verb {
            ">" => Action::Send(rest.to_owned()),
            "<" => Action::Expect { bytes: rest.to_owned(), proves: false },
            "<<" => Action::Expect { bytes: rest.to_owned(), proves: true },
            "<*" => Action::ExpectAll(rest.to_owned()),
            "lists" | "lists-in-order" => {
                Action::List { line: rest.to_owned(), ordered: verb == "lists-in-order" }
            }
            "drains" => Action::Drain,
            "connects" => Action::Connect,
            "ends" => Action::Ends,
            "closed" => Action::Closed,
            "silent" => Action::Silent,
            "half-closes" => Action::HalfClose,
            "closes" => Action::Close,
            "resets" => Action::Reset,
            _ => return None,
        };
        let mut steps = Vec::new();
        if matches!(action, Action::Expect { .. } | Action::Ends | Action::Closed | Action::Silent)
        {
            steps = self.unseen(who);
        }
        if matches!(
            action,
            Action::HalfClose | Action::Close | Action::Reset | Action::Ends | Action::Closed
        ) {
            self.goes(who);
        }
        steps.push(step(who, action));
        Some(steps)
    }

    /// The lines that the client has received before it sees the next one.
    pub(super) fn unseen(&mut self, who: &str) -> Vec<Step> {
        let member = self.members.iter_mut().rev().find(|member| member.who == who);
        let unseen = member.map(|member| std::mem::take(&mut member.unseen)).unwrap_or_default();
        at(Stage::Hears, unseen.into_iter().map(|bytes| step(who, expect(bytes))).collect())
    }

    /// The client is gone, or about to go.
    pub(super) fn goes(&mut self, who: &str) {
        self.members.iter_mut().filter(|member| member.who == who).for_each(|one| one.here = false);
    }

    fn enters(&mut self, voice: &Voice, who: &str, rest: &str) -> Vec<Step> {
        let (user, room) = placed(voice, rest);
        let fill = |text: &str, user: &str, said: &str| fill(text, user, &room, said);
        let mut steps = Vec::new();
        if !voice.enter.1.is_empty() {
            let seen = step(who, expect(fill(&voice.enter.1, &user, "")));
            steps.extend(at(Stage::Enter, vec![seen]));
        }
        steps.extend(self.shown(voice, who, &room));
        let (who, unseen) = (who.to_owned(), Vec::new());
        self.members.push(Member { who, user, room, here: true, unseen });
        steps
    }

    /// What a joiner sees of a room. Other cases judge the order: not every server keeps members in
    /// a list.
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
        let line = voice.said(text)?;
        if !whole {
            let half = line.strip_suffix(r"\n")?.to_owned();
            return Some(vec![step(who, Action::Send(half))]);
        }
        let member = self.member(who)?;
        let (room, user) = (member.room.clone(), member.user.clone());
        self.said.push(Line { room, user, text: voice.filled(text)? });
        Some(vec![step(who, Action::Send(line))])
    }

    fn notice(&mut self, voice: &Voice, who: &str, what: &str) -> Steps {
        if what == "too-long" {
            let mut steps = self.unseen(who);
            steps.extend(voice.too_long.clone().map(|bytes| step(who, expect(bytes))));
            return Some(steps);
        }
        let (other, what) = what.split_once(' ')?;
        let (template, stage) = match what {
            "join" => (&voice.joined, Stage::Joined),
            "leave" => (&voice.left, Stage::Left),
            _ => return None,
        };
        let Some(template) = template else { return Some(Vec::new()) };
        let notice = self.fill(template, other, "")?;
        Some(self.sees(who, Some(notice), stage))
    }

    fn sees(&mut self, who: &str, bytes: Option<String>, stage: Stage) -> Vec<Step> {
        let mut steps = self.unseen(who);
        steps.extend(at(stage, bytes.map(|bytes| step(who, expect(bytes))).into_iter().collect()));
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

    /// The member with this client name, or the last one that had it.
    fn member(&self, who: &str) -> Option<&Member> {
        self.members.iter().rev().find(|member| member.who == who)
    }

    /// The line that others receive when the client says `text`.
    pub(super) fn heard(&self, voice: &Voice, who: &str, text: &str) -> Option<String> {
        let member = self.member(who)?;
        voice.told(&member.user, &member.room, text)
    }

    /// A template with the user and the room of the client filled in.
    pub(super) fn fill(&self, template: &str, who: &str, text: &str) -> Option<String> {
        let member = self.member(who)?;
        Some(fill(template, &member.user, &member.room, text))
    }
}

/// The user and the room of `ann in room2`, as templates.
fn placed(voice: &Voice, rest: &str) -> (String, String) {
    let (user, room) = rest.split_once(" in ").unwrap_or((rest, "room"));
    (voice.name(user), format!("{{{room}}}"))
}

fn tries(voice: &Voice, who: &str, rest: &str, cut: impl Fn(&str) -> String) -> Vec<Step> {
    let (user, room) = placed(voice, rest);
    let sent = cut(&fill(&voice.enter.0, &user, &room, ""));
    vec![step(who, Action::Send(sent))]
}

fn step(who: &str, action: Action) -> Step {
    Step { who: who.to_owned(), when: None, stage: None, action }
}

fn at(stage: Stage, steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().map(|step| Step { stage: Some(stage), ..step }).collect()
}

fn expect(bytes: String) -> Action {
    Action::Expect { bytes, proves: false }
}
