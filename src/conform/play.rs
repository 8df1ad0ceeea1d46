//! Plays the steps of a case.

use super::attempt::{Attempt, Played};
use super::script::{Action, Step};

/// Plays all steps up to the first failure.
pub(super) fn play(attempt: &mut Attempt<'_>, steps: &[Step]) -> Played {
    for step in steps {
        let who = step.who.as_str();
        let setting = &attempt.setting;
        if step.when.as_ref().is_some_and(|when| !setting.readings.holds(when, setting.book)) {
            continue;
        }
        match &step.action {
            Action::Connect => attempt.connect(who)?,
            Action::Send(template) => attempt.say(who, template)?,
            Action::Expect { bytes, proves } => {
                if *proves {
                    attempt.proves(who, bytes)?;
                } else {
                    attempt.expect_pattern(who, bytes)?;
                }
            }
            Action::ExpectAll(lines) => attempt.expect_all(who, lines)?,
            Action::List { line, ordered } => attempt.lists(who, line, *ordered)?,
            Action::Fence { user, text } => attempt.fence(who, user, text)?,
            Action::OneOf(readings) => {
                if attempt.choose(who, readings)?.last {
                    return Ok(());
                }
            }
            Action::Ends => attempt.ends(who, false)?,
            Action::Closed => attempt.ends(who, true)?,
            Action::Silent => attempt.silent(who)?,
            Action::Drain => attempt.drain(who)?,
            Action::HalfClose => attempt.half_close(who)?,
            Action::Close => attempt.close(who),
            Action::Reset => attempt.reset(who),
        }
    }
    Ok(())
}
