//! Plays the steps of a case.

use super::script::{Action, Step};
use super::stage::{Played, Stage};

/// Plays all steps, up to the first thing that is wrong.
pub(super) fn play(stage: &mut Stage, steps: &[Step]) -> Played {
    for step in steps {
        let who = step.who.as_str();
        match &step.action {
            Action::Connect => stage.connect(who)?,
            Action::Send(template) => stage.say(who, template)?,
            Action::Expect { bytes, proves } => {
                let bytes = stage.bytes(bytes)?;
                if *proves { stage.fence(who, &bytes)? } else { stage.expect(who, &bytes)? }
            }
            Action::OneOf(readings) => {
                if stage.choose(who, readings)?.last {
                    return Ok(());
                }
            }
            Action::Ends => stage.ends(who, false)?,
            Action::Closed => stage.ends(who, true)?,
            Action::Silent => stage.silent(who)?,
            Action::HalfClose => stage.half_close(who)?,
            Action::Close => stage.close(who),
            Action::Reset => stage.reset(who),
        }
    }
    Ok(())
}
