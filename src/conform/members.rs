//! Members of the one room of simple, for cases that steps cannot express.

use super::attempt::{ANSWER, Attempt, Played};
use super::failure::Trouble;
use std::time::{Duration, Instant};

/// Pause before a name that is still in use is tried again.
const AGAIN: Duration = Duration::from_millis(20);
const MEMBERS: [&str; 4] = ["ann", "bob", "cat", "dan"];

fn joins(attempt: &mut Attempt<'_>, who: &str, user: &str) -> Played {
    attempt.say(who, &format!(r"JOIN {{{user}}}\n"))?;
    attempt.sees(who, r"OK\n")
}

/// The client hears this message next; joins of others may be announced before it, or not.
fn hears(attempt: &mut Attempt<'_>, who: &str, message: &str) -> Played {
    let notices = MEMBERS.iter().map(|user| format!(r"JOINED {{{user}}}\n"));
    let wanted = [message.to_owned()].into_iter().chain(notices);
    let wanted: Played<Vec<_>> = wanted.map(|template| attempt.pattern(&template)).collect();
    let wanted = wanted?;
    for _ in 0..MEMBERS.len() {
        if attempt.matches(who, &wanted)? == 0 {
            return Ok(());
        }
    }
    attempt.expect_pattern(who, message)
}

/// Each of four members speaks, and the three others hear it.
pub(super) fn everybody_hears(attempt: &mut Attempt<'_>) -> Played {
    for user in MEMBERS {
        joins(attempt, user, user)?;
    }
    for speaker in MEMBERS {
        attempt.say(speaker, &format!(r"SEND I am {speaker}\n"))?;
        for listener in MEMBERS.into_iter().filter(|user| *user != speaker) {
            hears(attempt, listener, &format!(r"MSG {{{speaker}}} I am {speaker}\n"))?;
        }
    }
    Ok(())
}

/// A name passes from client to client, and each owner leaves in another way. The document does not
/// say when exactly the name becomes free.
pub(super) fn name_comes_free(attempt: &mut Attempt<'_>) -> Played {
    joins(attempt, "leaver", "ann")?;
    attempt.say("leaver", r"LEAVE\n")?;
    takes_the_name(attempt, "closer", "LEAVE")?;
    attempt.close("closer");
    takes_the_name(attempt, "resetter", "a close")?;
    attempt.reset("resetter");
    takes_the_name(attempt, "last", "a reset")
}

fn takes_the_name(attempt: &mut Attempt<'_>, who: &str, after: &str) -> Played {
    let until = attempt.bounds.until(ANSWER);
    let wanted = [attempt.pattern(r"OK\n")?, attempt.pattern(r"ERROR{..}\n")?];
    loop {
        attempt.say(who, r"JOIN {ann}\n")?;
        if attempt.matches(who, &wanted)? == 0 {
            return Ok(());
        }
        if Instant::now() >= until {
            let what = format!("the name of who has gone by {after} is still refused");
            return Err(Trouble::rule(what, "it can be taken, in a moment at the latest"));
        }
        // The server may close after an error, so the next try uses a new connection.
        attempt.close(who);
        std::thread::sleep(AGAIN);
    }
}
