//! What becomes of a client at the end of its stream.

use super::cast::Cast;
use crate::conform::pattern::Pattern;
use crate::conform::stage::{Played, Stage};
use crate::conform::wire::Heard;
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
    let heard = cast.heard(stage, "ann", "there?")?;
    let end = stage.pattern("{end}")?;
    let stays = stage.matches("bob", &[Pattern::of(&heard), end])? == 0;
    let reading = if stays { "stays" } else { "departs" };
    stage.findings.reading = Some(reading.to_owned());
    let order = if stays {
        "ann echoes there?\nbob resets\nann sees bob leave"
    } else {
        "ann sees bob leave\nann echoes there?"
    };
    cast.play(stage, order)?;
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
