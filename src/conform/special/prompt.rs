//! The time of an answer that nothing delays. A machine may be slow at any time, so the shortest of
//! many measurements counts.

use super::cast::Cast;
use crate::attempt::{Attempt, Played};
use crate::failure::Trouble;
use std::time::{Duration, Instant};

/// Four exchanges take some 5 ms; where Nagle's algorithm waits for acknowledgements, at least 160
/// ms.
const NAGLE: Duration = Duration::from_millis(100);

/// Sends two lines in two segments, again and again, to a client that answers. With Nagle's
/// algorithm the second segment waits for the acknowledgement of the first, which the client's
/// system delays, to send it together with an answer.
pub(super) fn prompt(attempt: &mut Attempt<'_>) -> Played {
    // The system acknowledges at once until it has seen some answers.
    const BEFORE: usize = 30;
    // Not every exchange has to wait: that depends on what the system has still to acknowledge.
    const TOGETHER: usize = 4;
    const ROUNDS: usize = 10;
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nbob joins bob\nann sees bob join")?;
    let events = attempt.transcript.events.len();
    for _ in 0..BEFORE {
        exchange(attempt, &mut cast)?;
        attempt.transcript.events.truncate(events);
    }
    let mut shortest = Duration::MAX;
    for _ in 0..ROUNDS {
        attempt.transcript.events.truncate(events);
        let (mut sum, mut longest) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..TOGETHER {
            let before = attempt.transcript.events.len();
            let took = exchange(attempt, &mut cast)?;
            // The longest is shown: its times tell where the waiting is.
            if took > longest {
                attempt.transcript.events.drain(events..before);
            } else {
                attempt.transcript.events.truncate(before);
            }
            (sum, longest) = (sum + took, longest.max(took));
        }
        shortest = shortest.min(sum);
    }
    judged(attempt, shortest, NAGLE, "at best, in ten tries, four exchanges")
}

/// The time until all clients have received two lines of ann, and then one of bob.
fn exchange(attempt: &mut Attempt<'_>, cast: &mut Cast<'_>) -> Played<Duration> {
    let begun = Instant::now();
    cast.play(attempt, "ann says first")?;
    // So that the server can read and write each by itself.
    std::thread::sleep(Duration::from_millis(1));
    cast.play(attempt, "ann says second")?;
    cast.play(attempt, "bob hears ann: first\nbob hears ann: second")?;
    cast.play(attempt, "ann echoes first\nann echoes second")?;
    cast.play(attempt, "bob says answer\nann hears bob: answer\nbob echoes answer")?;
    Ok(begun.elapsed())
}

/// Clients that join after a hundred others do not wait longer than those.
pub(super) fn prompt_in_a_crowd(attempt: &mut Attempt<'_>) -> Played {
    const THERE: usize = 100;
    const MORE: usize = 5;
    /// Less than the second that a server waits if it scans its list of clients from time to time.
    const LONG: Duration = Duration::from_millis(400);
    let mut cast = Cast::of(attempt);
    let mut shortest = Duration::MAX;
    for number in 0..THERE + MORE {
        let begun = Instant::now();
        // Each in its own room, so that there are few notices.
        cast.play(attempt, &format!("c{number} joins c{number} in room{number}"))?;
        if number >= THERE {
            shortest = shortest.min(begun.elapsed());
        }
    }
    judged(attempt, shortest, LONG, "all five joins after the hundredth")
}

fn judged(attempt: &mut Attempt<'_>, shortest: Duration, most: Duration, what: &str) -> Played {
    let millis = shortest.as_millis();
    attempt.findings.proofs.push(format!("the quickest took {millis} ms"));
    if shortest < most {
        return Ok(());
    }
    Err(Trouble::rule(format!("{what} take {millis} ms or more"), "an answer at once"))
}
