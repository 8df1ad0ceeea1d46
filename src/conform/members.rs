//! Members of the one room of simple, as far as steps cannot say what becomes of them.

use super::breach::Trouble;
use super::stage::{ANSWER, Played, Stage};
use std::time::{Duration, Instant};

/// How long a name that is still taken is left alone.
const AGAIN: Duration = Duration::from_millis(20);
const MEMBERS: [&str; 4] = ["ann", "bob", "cat", "dan"];

fn joins(stage: &mut Stage<'_>, who: &str, user: &str) -> Played {
    stage.say(who, &format!(r"JOIN {{{user}}}\n"))?;
    stage.sees(who, r"OK\n")
}

/// `who` hears this message next; that others joined meanwhile it may be told before, or not.
fn hears(stage: &mut Stage<'_>, who: &str, message: &str) -> Played {
    let notices = MEMBERS.iter().map(|user| format!(r"JOINED {{{user}}}\n"));
    let wanted = [message.to_owned()].into_iter().chain(notices);
    let wanted: Played<Vec<_>> = wanted.map(|template| stage.pattern(&template)).collect();
    let wanted = wanted?;
    for _ in 0..MEMBERS.len() {
        if stage.matches(who, &wanted)? == 0 {
            return Ok(());
        }
    }
    stage.expect_pattern(who, message)
}

/// Each of four members speaks, and the three others hear it.
pub(super) fn everybody_hears(stage: &mut Stage<'_>) -> Played {
    for user in MEMBERS {
        joins(stage, user, user)?;
    }
    for speaker in MEMBERS {
        stage.say(speaker, &format!(r"SEND I am {speaker}\n"))?;
        for listener in MEMBERS.into_iter().filter(|user| *user != speaker) {
            hears(stage, listener, &format!(r"MSG {{{speaker}}} I am {speaker}\n"))?;
        }
    }
    Ok(())
}

/// A name goes from hand to hand: each owner goes in another way. When exactly it comes free the
/// document does not say.
pub(super) fn name_comes_free(stage: &mut Stage<'_>) -> Played {
    joins(stage, "leaver", "ann")?;
    stage.say("leaver", r"LEAVE\n")?;
    takes_the_name(stage, "closer", "LEAVE")?;
    stage.close("closer");
    takes_the_name(stage, "resetter", "a close")?;
    stage.reset("resetter");
    takes_the_name(stage, "last", "a reset")
}

fn takes_the_name(stage: &mut Stage<'_>, who: &str, after: &str) -> Played {
    let until = stage.bounds.until(ANSWER);
    let wanted = [stage.pattern(r"OK\n")?, stage.pattern(r"ERROR{..}\n")?];
    loop {
        stage.say(who, r"JOIN {ann}\n")?;
        if stage.matches(who, &wanted)? == 0 {
            return Ok(());
        }
        if Instant::now() >= until {
            let what = format!("the name of who has gone by {after} is still refused");
            return Err(Trouble::rule(what, "it can be taken, in a moment at the latest"));
        }
        // The server may close after an error: the next try is another connection's.
        stage.close(who);
        std::thread::sleep(AGAIN);
    }
}
