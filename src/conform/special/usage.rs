//! The resources that a server keeps for clients that are gone. Only for a server that the suite
//! has started.

use super::cast::Cast;
use super::misuse;
use crate::attempt::{Attempt, Played};
use crate::failure::Trouble;
use std::time::{Duration, Instant};

/// A few more descriptors are not a leak.
const FEW: usize = 10;
/// Allocators do not give everything back.
const SPARE_KIB: u64 = 8 * 1024;
/// Rounds after the first one: memory is judged by whether it grows in each.
const ROUNDS: usize = 3;
/// How long clients come and go in one round, at `--patience 1`; a server whose backlog is full
/// costs a second for each connection.
const CHURN: Duration = Duration::from_secs(4);

/// Clients that connect and leave in bad ways.
fn churn(attempt: &mut Attempt<'_>, rounds: usize) -> Played {
    let mut cast = Cast::of(attempt);
    let until = attempt.bounds.until(CHURN);
    for number in (0..rounds).take_while(|_| Instant::now() < until) {
        attempt.connect("x")?;
        match number % 4 {
            0 => attempt.send("x", &vec![b'y'; 15_000])?,
            // Its own name each time: the last one may be in use until its departure.
            1 => cast.play(attempt, &format!("x tries x{rounds}x{number} in room2"))?,
            2 => attempt.send("x", b"nonsense\n")?,
            _ => {}
        }
        if number % 2 == 0 { attempt.reset("x") } else { attempt.close("x") }
    }
    // The server has processed them when it lets in a last client, each time another one.
    misuse::as_another(attempt, &rounds.to_string(), |attempt| {
        Cast::of(attempt).play(attempt, "ann joins ann\nann fence\nann closes")
    })
}

fn usage(attempt: &Attempt<'_>) -> Played<(usize, u64)> {
    let unknown = || Trouble::Unknown("this system does not tell what a process uses".to_owned());
    attempt.setting.server.usage().ok_or_else(unknown)
}

/// Waits until no more than `most` are in use; a server may close them late, but not never.
fn closed(attempt: &Attempt<'_>, most: usize) -> Played<Option<usize>> {
    let until = attempt.bounds.until(Duration::from_secs(3));
    loop {
        let now = usage(attempt)?.0;
        if now <= most {
            return Ok(None);
        }
        if Instant::now() >= until {
            return Ok(Some(now));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(super) fn descriptors(attempt: &mut Attempt<'_>) -> Played {
    churn(attempt, 20)?;
    let before = usage(attempt)?.0;
    churn(attempt, 200)?;
    match closed(attempt, before + FEW)? {
        None => Ok(()),
        Some(after) => {
            let what =
                format!("{before} descriptors before 200 connections, {after} when they are over");
            Err(Trouble::rule(what, "as many as before"))
        }
    }
}

pub(super) fn memory(attempt: &mut Attempt<'_>) -> Played {
    // The first round warms up the allocator, whose memory may stay.
    churn(attempt, 600)?;
    let mut sizes = vec![usage(attempt)?.1];
    for _ in 0..ROUNDS {
        churn(attempt, 400)?;
        sizes.push(usage(attempt)?.1);
    }
    grows(&sizes, "400 connections")
}

/// A server whose memory grows in each round keeps something of each; one whose memory grows in
/// some has an allocator, or a garbage collector, that takes its time.
fn grows(sizes: &[u64], round: &str) -> Played {
    let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
    let share = SPARE_KIB / u64::try_from(sizes.len()).unwrap_or(u64::MAX);
    let each = sizes.windows(2).all(|pair| pair[1] > pair[0] + share / 2);
    if !each || last <= first + SPARE_KIB {
        return Ok(());
    }
    let told: Vec<String> = sizes.iter().map(u64::to_string).collect();
    let what = format!("after rounds of {round} {} KB are resident", told.join(", "));
    Err(Trouble::rule(what, "no more each time"))
}

/// All misuse, once to warm up and then again and again: the resources left behind may not add up.
pub(super) fn misuse(attempt: &mut Attempt<'_>) -> Played {
    let first = attempt.names.nonce.clone();
    let (mut before, mut sizes) = (0, Vec::new());
    for round in 0..=ROUNDS {
        // Its own names and rooms each time.
        attempt.names.nonce = format!("{first}{round}");
        misuse::garbage(attempt)?;
        misuse::rapid_connections(attempt)?;
        misuse::endless_line(attempt)?;
        attempt.reset("flood");
        attempt.transcript.events.clear();
        // So that what ends late has ended.
        std::thread::sleep(attempt.bounds.scaled(Duration::from_millis(200)));
        let (descriptors, memory) = usage(attempt)?;
        if round == 0 {
            before = descriptors;
        }
        sizes.push(memory);
    }
    if let Some(now) = closed(attempt, before + FEW)? {
        let what = format!("{before} descriptors after one round of misuse, {now} after the last");
        return Err(Trouble::rule(what, "no more each time"));
    }
    grows(&sizes, "misuse")
}
