//! Clients that do what every dialect has, in the words of the one that is judged.

use crate::attempts::Whose;
use crate::breach::Trouble;
use crate::play::play;
use crate::readings::Condition;
use crate::scene::Scene;
use crate::stage::{Played, Stage};
use crate::voice::{Echo, Voice};

/// Who is where, and how it is said.
pub(super) struct Cast<'a> {
    scene: Scene,
    pub(super) voice: &'a Voice,
    /// Whether who says a line is sent it too.
    pub(super) echoes: bool,
}

impl<'a> Cast<'a> {
    pub(super) fn of(stage: &Stage<'a>) -> Cast<'a> {
        let setting = &stage.setting;
        let voice = &setting.book.voice;
        let echoes = match &voice.echo {
            Echo::Always => true,
            Echo::Never => false,
            Echo::If(condition) => setting.readings.holds(condition, setting.book),
        };
        Cast { scene: Scene::default(), voice, echoes }
    }

    /// Plays lines of a case, one per line, but for alternatives.
    pub(super) fn play(&mut self, stage: &mut Stage<'_>, lines: &str) -> Played {
        for line in lines.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
            let steps = line
                .split_once(' ')
                .and_then(|(who, what)| self.scene.line(self.voice, who, what))
                .ok_or_else(|| Trouble::Unknown(format!("not understood: {line}")))?;
            play(stage, &steps)?;
        }
        Ok(())
    }

    /// What is sent to say `text`.
    pub(super) fn sent(&self, stage: &Stage<'_>, text: &str) -> Played<Vec<u8>> {
        stage.bytes(&self.voice.said(text).unwrap_or_default())
    }

    /// What others are sent when `who` says `text`.
    pub(super) fn heard(&self, stage: &Stage<'_>, who: &str, text: &str) -> Played<Vec<u8>> {
        stage.bytes(&self.heard_template(who, text)?)
    }

    /// As `heard`, as a template.
    pub(super) fn heard_template(&self, who: &str, text: &str) -> Played<String> {
        let unknown = || Trouble::Unknown(format!("{who} has not joined"));
        self.scene.heard(self.voice, who, text).ok_or_else(unknown)
    }

    /// What others are sent when `who` leaves, if anything.
    pub(super) fn left(&self, stage: &Stage<'_>, who: &str) -> Played<Option<Vec<u8>>> {
        self.notice(stage, self.voice.left.as_ref(), who)
    }

    /// What others are sent when `who` joins, if anything.
    pub(super) fn joined(&self, stage: &Stage<'_>, who: &str) -> Played<Option<Vec<u8>>> {
        self.notice(stage, self.voice.joined.as_ref(), who)
    }

    fn notice(
        &self,
        stage: &Stage<'_>,
        notice: Option<&String>,
        who: &str,
    ) -> Played<Option<Vec<u8>>> {
        let Some(notice) = notice else { return Ok(None) };
        let unknown = || Trouble::Unknown(format!("{who} has not joined"));
        Ok(Some(stage.bytes(&self.scene.fill(notice, who, "").ok_or_else(unknown)?)?))
    }

    /// A text of about so many bytes that begins with a number; shorter where long lines are refused.
    pub(super) fn text(stage: &Stage<'_>, number: usize, bytes: usize) -> String {
        let (clause, reading) = ("common/framing-8".to_owned(), "smaller".to_owned());
        let smaller = Condition { clause, reading, so: true };
        let short = stage.setting.readings.holds(&smaller, stage.setting.book);
        format!("{number:06}{{x*{}}}", if short { bytes.min(200) } else { bytes })
    }
}

/// Where everybody hears everybody: drops all whole lines about other attempts.
pub(super) fn ours(stage: &Stage<'_>, bytes: &mut Vec<u8>) {
    if !stage.setting.book.voice.one_world {
        return;
    }
    let own = &stage.names.nonce;
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let others = |line: &&[u8]| {
        line.ends_with(b"\n") && stage.setting.attempts.names(line, own) == Whose::Others
    };
    *bytes = lines.filter(|line| !others(line)).flatten().copied().collect();
}
