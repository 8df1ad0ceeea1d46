//! Plays the steps of a case.

use super::attempt::{Attempt, Played};
use super::choice::END;
use super::failure::{Outcome, Place, Trouble};
use super::script::{Action, Reading, Step};
use super::stage::Stage;
use super::voice::Voice;

/// Plays all steps up to the first failure.
pub(super) fn play(attempt: &mut Attempt<'_>, steps: &[Step]) -> Played {
    for step in steps {
        let setting = &attempt.setting;
        if step.when.as_ref().is_some_and(|when| !setting.readings.holds(when, setting.book)) {
            continue;
        }
        if step.stage.is_some_and(|stage| setting.habits.lacks(stage)) {
            continue;
        }
        let leads = matches!(step.stage, Some(Stage::Enter | Stage::Joined))
            || matches!(step.action, Action::Connect);
        attempt.preparing &= leads;
        let stage = step.stage.or_else(|| refusal(step, &setting.book.voice));
        let place = Place { stage, before: attempt.preparing, words: false };
        if performed(attempt, step).map_err(|trouble| trouble.at(place))? {
            return Ok(());
        }
    }
    Ok(())
}

/// Plays one step; whether the case ends with it.
fn performed(attempt: &mut Attempt<'_>, step: &Step) -> Played<bool> {
    let who = step.who.as_str();
    match &step.action {
        Action::Connect => attempt.connect(who)?,
        Action::Send(template) => attempt.say(who, template)?,
        Action::Expect { bytes, proves: true } => attempt.proves(who, bytes)?,
        Action::Expect { bytes, proves: false } => attempt.expect_pattern(who, bytes)?,
        Action::ExpectAll(lines) => attempt.expect_all(who, lines)?,
        Action::List { line, ordered } => attempt.lists(who, line, *ordered)?,
        Action::Fence { user, text } => attempt.fence(who, user, text)?,
        Action::OneOf(readings) => return Ok(attempt.choose(who, readings)?.last),
        Action::Ends => attempt.ends(who, false)?,
        Action::Closed => attempt.ends(who, true)?,
        Action::Silent => attempt.silent(who)?,
        Action::Drain => attempt.drain(who)?,
        Action::HalfClose => attempt.half_close(who)?,
        Action::Close => attempt.close(who),
        Action::Reset => attempt.reset(who),
    }
    Ok(false)
}

/// The stage of a step that expects the dialect's error.
fn refusal(step: &Step, voice: &Voice) -> Option<Stage> {
    let keyword = voice.refused.as_ref()?.split(['{', '\\']).next()?;
    match &step.action {
        Action::Expect { bytes, .. } if bytes.starts_with(keyword) => Some(Stage::Refused),
        Action::OneOf(readings) => {
            let refuses = |one: &Reading| one.bytes == END || one.bytes.starts_with(keyword);
            readings.iter().any(refuses).then_some(Stage::Refused)
        }
        _ => None,
    }
}

impl Trouble {
    /// The same trouble, in this step.
    fn at(self, place: Place) -> Trouble {
        match self {
            Trouble::Failure(mut failure) => {
                failure.place = place;
                failure.place.words = place.stage == Some(Stage::Refused)
                    && matches!(&failure.outcome, Outcome::Mismatch { at, got }
                        if *at > 0 && memchr::memchr(b' ', got).is_some_and(|word| word < *at));
                Trouble::Failure(failure)
            }
            unknown @ Trouble::Unknown(_) => unknown,
        }
    }
}
