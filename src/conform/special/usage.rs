//! What a server keeps of clients that are gone. Only for one that the suite has started.

use super::cast::Cast;
use super::misuse;
use crate::breach::Trouble;
use crate::runner::Runner;
use crate::stage::{Played, Stage};
use std::time::{Duration, Instant};

/// A few descriptors more are nobody's fault.
const FEW: usize = 10;
/// Allocators do not give everything back.
const SPARE_KIB: u64 = 8 * 1024;

/// Clients that come and go in bad ways.
fn churn(stage: &mut Stage<'_>, rounds: usize) -> Played {
    let mut cast = Cast::of(stage);
    for number in 0..rounds {
        stage.connect("x")?;
        match number % 4 {
            0 => stage.send("x", &vec![b'y'; 15_000])?,
            // A name of its own each time: the last one may be taken until its departure.
            1 => cast.play(stage, &format!("x tries x{rounds}x{number} in room2"))?,
            2 => stage.send("x", b"nonsense\n")?,
            _ => {}
        }
        if number % 2 == 0 { stage.reset("x") } else { stage.close("x") }
    }
    // That the server has come so far is seen by its letting in who comes last, each time another.
    misuse::as_another(stage, &rounds.to_string(), |stage| {
        Cast::of(stage).play(stage, "ann joins ann\nann fence\nann closes")
    })
}

fn usage(run: &Runner<'_>) -> Played<(usize, u64)> {
    let unknown = || Trouble::Unknown("this system does not tell what a process uses".to_owned());
    run.server.usage().ok_or_else(unknown)
}

/// Waits until no more than `most` are in use; a server may take its time to close them, but not for ever.
fn closed(run: &Runner<'_>, stage: &Stage<'_>, most: usize) -> Played<Option<usize>> {
    let until = stage.bounds.until(Duration::from_secs(3));
    loop {
        let now = usage(run)?.0;
        if now <= most {
            return Ok(None);
        }
        if Instant::now() >= until {
            return Ok(Some(now));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(super) fn descriptors(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    churn(stage, 20)?;
    let before = usage(run)?.0;
    churn(stage, 200)?;
    match closed(run, stage, before + FEW)? {
        None => Ok(()),
        Some(after) => {
            let what =
                format!("{before} descriptors before 200 connections, {after} when they are over");
            Err(Trouble::rule(what, "as many as before"))
        }
    }
}

pub(super) fn memory(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    // What it takes once may stay: the first round warms up the allocator.
    churn(stage, 600)?;
    let before = usage(run)?.1;
    churn(stage, 1200)?;
    let after = usage(run)?.1;
    if after > before + SPARE_KIB {
        let what =
            format!("{before} KB resident before 1,200 connections, {after} KB when they are over");
        return Err(Trouble::rule(what, "about as much as before"));
    }
    Ok(())
}

/// All misuse there is, once to warm up and then twice more: what it leaves behind may not add up.
pub(super) fn misuse(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    let first = stage.names.nonce.clone();
    let mut before = None;
    for round in 0..3 {
        // Names and rooms of its own each time.
        stage.names.nonce = format!("{first}{round}");
        misuse::garbage(run, stage)?;
        misuse::rapid_connections(stage)?;
        misuse::endless_line(stage)?;
        stage.reset("flood");
        stage.transcript.events.clear();
        if before.is_none() {
            std::thread::sleep(stage.bounds.scaled(Duration::from_millis(200)));
            before = Some(usage(run)?);
        }
    }
    let (descriptors, memory) = before.unwrap_or_default();
    if let Some(now) = closed(run, stage, descriptors + FEW)? {
        let what =
            format!("{descriptors} descriptors after one round of misuse, {now} after three");
        return Err(Trouble::rule(what, "no more each time"));
    }
    let now = usage(run)?.1;
    if now > memory + 2 * SPARE_KIB {
        let what = format!("{memory} KB resident after one round of misuse, {now} KB after three");
        return Err(Trouble::rule(what, "no more each time"));
    }
    Ok(())
}
