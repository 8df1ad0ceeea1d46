//! Plays the steps of a case.

use super::script::{Action, Step};
use super::stage::{Played, Stage};

/// Plays all steps, up to the first thing that is wrong.
pub(super) fn play(stage: &mut Stage<'_>, steps: &[Step]) -> Played {
    for step in steps {
        let who = step.who.as_str();
        let setting = &stage.setting;
        if step.when.as_ref().is_some_and(|when| !setting.readings.holds(when, setting.book)) {
            continue;
        }
        match &step.action {
            Action::Connect => stage.connect(who)?,
            Action::Send(template) => stage.say(who, template)?,
            Action::Expect { bytes, proves } => {
                if *proves {
                    stage.proves(who, bytes)?;
                } else {
                    stage.expect_pattern(who, bytes)?;
                }
            }
            Action::ExpectAll(lines) => stage.expect_all(who, lines)?,
            Action::List { line, ordered } => stage.lists(who, line, *ordered)?,
            Action::Fence { user, text } => stage.fence(who, user, text)?,
            Action::OneOf(readings) => {
                if stage.choose(who, readings)?.last {
                    return Ok(());
                }
            }
            Action::Ends => stage.ends(who, false)?,
            Action::Closed => stage.ends(who, true)?,
            Action::Silent => stage.silent(who)?,
            Action::Drain => stage.drain(who)?,
            Action::HalfClose => stage.half_close(who)?,
            Action::Close => stage.close(who),
            Action::Reset => stage.reset(who),
        }
    }
    Ok(())
}
