//! What becomes of a client at the end of its stream.

use super::cast::Cast;
use crate::choice::END;
use crate::script::Reading;
use crate::stage::{Played, Stage};
use crate::wire::Heard;
use std::time::Duration;

/// Which reading of a half-close a server has takes a wait to find out: staying leaves no trace. What is said
/// after it decides: who has departed does not hear it, and its connection ends.
pub(super) fn half_close(stage: &mut Stage<'_>) -> Played {
    let mut cast = Cast::of(stage);
    cast.play(stage, "ann joins ann\nbob joins bob\nann sees bob join\nbob half-closes")?;
    let until = stage.bounds.until(Duration::from_millis(700));
    // Where everybody hears everybody there may be lines of others.
    while stage.wire("bob")?.hear(until) == Heard::Bytes {}
    cast.play(stage, "ann says there?")?;
    let reading = |name: &str, bytes: String| Reading { name: name.to_owned(), bytes, last: false };
    let heard = cast.heard_template("ann", "there?")?;
    let readings = [reading("stays", heard), reading("departs", END.to_owned())];
    let stays = stage.choose("bob", &readings)?.name == "stays";
    if stays {
        cast.play(stage, "ann echoes there?\nbob resets\nann sees bob leave")?;
    } else {
        // Its connection may end before its departure is told: what ann says meanwhile may come first.
        let left = cast.left(stage, "bob")?.unwrap_or_default();
        let echo = if cast.echoes { cast.heard(stage, "ann", "there?")? } else { Vec::new() };
        stage.one_of("ann", &[&[&left[..], &echo].concat(), &[&echo[..], &left].concat()])?;
    }
    cast.play(stage, "ann says alone\nann echoes alone\nann fence")
}

/// All that a client is owed at the end of its stream is written, and is more than a server writes at once.
pub(super) fn flushed(stage: &mut Stage<'_>) -> Played {
    const LINES: usize = 60;
    let mut cast = Cast::of(stage);
    cast.play(stage, "ann joins ann\nbob joins bob\nann sees bob join")?;
    let texts: Vec<String> = (0..LINES).map(|number| Cast::text(stage, number, 900)).collect();
    let mut sent = Vec::new();
    for text in &texts {
        sent.extend(cast.sent(stage, text)?);
    }
    stage.send("bob", &sent)?;
    stage.half_close("bob")?;
    for text in &texts {
        let heard = cast.heard(stage, "bob", text)?;
        stage.expect("ann", &heard)?;
        if cast.echoes {
            stage.expect("bob", &heard)?;
        }
    }
    cast.play(stage, "bob closed\nann sees bob leave\nann fence")
}

/// The departure of the first member may take effect after the second has come: only what it said may not
/// be there.
pub(super) fn room_again(stage: &mut Stage<'_>) -> Played {
    let mut cast = Cast::of(stage);
    cast.play(stage, "ann joins ann\nann says old\nann echoes old\nann closes")?;
    cast.play(stage, "bob joins bob\nbob says new")?;
    let left = cast.left(stage, "ann")?.unwrap_or_default();
    let heard = cast.heard(stage, "bob", "new")?;
    if stage.one_of("bob", &[&heard, &left])? == 1 {
        stage.expect("bob", &heard)?;
    }
    Ok(())
}
