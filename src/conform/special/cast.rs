//! Clients that act in the words of the dialect under test.

use crate::attempt::{Attempt, Played};
use crate::declarations::Condition;
use crate::failure::Trouble;
use crate::nonces::Origin;
use crate::play::play;
use crate::scene::Scene;
use crate::stage::Stage;
use crate::voice::{Echo, Voice};

/// The clients of a case, and the lines of the dialect.
pub(super) struct Cast<'a> {
    scene: Scene,
    pub(super) voice: &'a Voice,
    /// Whether the author of a line receives it too.
    pub(super) echoes: bool,
}

impl<'a> Cast<'a> {
    pub(super) fn of(attempt: &Attempt<'a>) -> Cast<'a> {
        let setting = &attempt.setting;
        let voice = &setting.book.voice;
        let echoes = match &voice.echo {
            Echo::Always => true,
            Echo::Never => false,
            Echo::If(condition) => setting.readings.holds(condition, setting.book),
        };
        let echoes = echoes && !setting.habits.lacks(Stage::Echo);
        Cast { scene: Scene::default(), voice, echoes }
    }

    /// Plays lines of a case, one per line, alternatives excluded.
    pub(super) fn play(&mut self, attempt: &mut Attempt<'_>, lines: &str) -> Played {
        for line in lines.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
            let steps = line
                .split_once(' ')
                .and_then(|(who, what)| self.scene.line(self.voice, who, what))
                .ok_or_else(|| Trouble::Unknown(format!("not understood: {line}")))?;
            play(attempt, &steps)?;
        }
        Ok(())
    }

    /// The bytes that a client sends to say `text`.
    pub(super) fn sent(&self, attempt: &Attempt<'_>, text: &str) -> Played<Vec<u8>> {
        attempt.bytes(&self.voice.said(text).unwrap_or_default())
    }

    /// The bytes that others receive when the client says `text`.
    pub(super) fn heard(&self, attempt: &Attempt<'_>, who: &str, text: &str) -> Played<Vec<u8>> {
        attempt.bytes(&self.heard_template(who, text)?)
    }

    /// As `heard`, as a template.
    pub(super) fn heard_template(&self, who: &str, text: &str) -> Played<String> {
        let unknown = || Trouble::Unknown(format!("{who} has not joined"));
        self.scene.heard(self.voice, who, text).ok_or_else(unknown)
    }

    /// The bytes that others receive when the client leaves, if any.
    pub(super) fn left(&self, attempt: &Attempt<'_>, who: &str) -> Played<Option<Vec<u8>>> {
        self.notice(attempt, self.voice.left.as_ref(), who, Stage::Left)
    }

    /// The bytes that others receive when the client joins, if any.
    pub(super) fn joined(&self, attempt: &Attempt<'_>, who: &str) -> Played<Option<Vec<u8>>> {
        self.notice(attempt, self.voice.joined.as_ref(), who, Stage::Joined)
    }

    fn notice(
        &self,
        attempt: &Attempt<'_>,
        notice: Option<&String>,
        who: &str,
        stage: Stage,
    ) -> Played<Option<Vec<u8>>> {
        let lacks = attempt.setting.habits.lacks(stage);
        let Some(notice) = notice.filter(|_| !lacks) else { return Ok(None) };
        let unknown = || Trouble::Unknown(format!("{who} has not joined"));
        Ok(Some(attempt.bytes(&self.scene.fill(notice, who, "").ok_or_else(unknown)?)?))
    }

    /// A text of about `bytes` bytes that begins with a number; shorter where long lines are
    /// refused.
    pub(super) fn text(attempt: &Attempt<'_>, number: usize, bytes: usize) -> String {
        let (clause, reading) = ("common/framing-8".to_owned(), "smaller".to_owned());
        let smaller = Condition { clause, reading, so: true };
        let short = attempt.setting.readings.holds(&smaller, attempt.setting.book);
        format!("{number:06}{{x*{}}}", if short { bytes.min(200) } else { bytes })
    }
}

/// Drops all whole lines about other attempts, where all clients hear each other.
pub(super) fn ours(attempt: &Attempt<'_>, bytes: &mut Vec<u8>) {
    if !attempt.setting.book.voice.one_world {
        return;
    }
    let own = &attempt.names.nonce;
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let others = |line: &&[u8]| {
        line.ends_with(b"\n") && attempt.setting.nonces.origin(line, own) == Origin::Other
    };
    *bytes = lines.filter(|line| !others(line)).flatten().copied().collect();
}
