//! What happens to a client at the end of its stream.

use super::cast::Cast;
use crate::attempt::{Attempt, Played};
use crate::choice::END;
use crate::script::Reading;
use crate::wire::Heard;
use std::time::Duration;

/// Finds out the server's reading of a half-close by a line that is said after it: a client that
/// has departed does not hear it, and its connection ends. A client that stays leaves no other
/// trace.
pub(super) fn half_close(attempt: &mut Attempt<'_>) -> Played {
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nbob joins bob\nann sees bob join\nbob half-closes")?;
    let until = attempt.bounds.until(Duration::from_millis(700));
    // Where all clients hear each other, lines of others may arrive.
    while attempt.wire("bob")?.hear(until) == Heard::Bytes {}
    cast.play(attempt, "ann says there?")?;
    let reading = |name: &str, bytes: String| Reading { name: name.to_owned(), bytes, last: false };
    let heard = cast.heard_template("ann", "there?")?;
    let readings = [reading("stays", heard), reading("departs", END.to_owned())];
    let stays = attempt.choose("bob", &readings)?.name == "stays";
    if stays {
        cast.play(attempt, "ann echoes there?\nbob resets\nann sees bob leave")?;
    } else {
        // Its connection may end before its departure is announced, so ann's line may come first.
        let left = cast.left(attempt, "bob")?.unwrap_or_default();
        let echo = if cast.echoes { cast.heard(attempt, "ann", "there?")? } else { Vec::new() };
        attempt.one_of("ann", &[&[&left[..], &echo].concat(), &[&echo[..], &left].concat()])?;
    }
    cast.play(attempt, "ann says alone\nann echoes alone\nann fence")
}

/// All lines that are pending for a client at the end of its stream are written, although they are
/// more than a server writes at once.
pub(super) fn flushed(attempt: &mut Attempt<'_>) -> Played {
    const LINES: usize = 60;
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nbob joins bob\nann sees bob join")?;
    let texts: Vec<String> = (0..LINES).map(|number| Cast::text(attempt, number, 900)).collect();
    let mut sent = Vec::new();
    for text in &texts {
        sent.extend(cast.sent(attempt, text)?);
    }
    attempt.send("bob", &sent)?;
    attempt.half_close("bob")?;
    for text in &texts {
        let heard = cast.heard(attempt, "bob", text)?;
        attempt.expect("ann", &heard)?;
        if cast.echoes {
            attempt.expect("bob", &heard)?;
        }
    }
    cast.play(attempt, "bob closed\nann sees bob leave\nann fence")
}

/// The departure of the first member may take effect after the second has joined: only its lines
/// may not be there.
pub(super) fn room_again(attempt: &mut Attempt<'_>) -> Played {
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nann says old\nann echoes old\nann closes")?;
    cast.play(attempt, "bob joins bob\nbob says new")?;
    let left = cast.left(attempt, "ann")?.unwrap_or_default();
    let heard = cast.heard(attempt, "bob", "new")?;
    if attempt.one_of("bob", &[&heard, &left])? == 1 {
        attempt.expect("bob", &heard)?;
    }
    Ok(())
}
