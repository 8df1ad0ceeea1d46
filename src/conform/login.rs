//! Cases of login that steps cannot express: lists in any order, and a minute of silence.

use super::attempt::{Attempt, Played};
use super::failure::{Outcome, Trouble};
use super::script::Reading;
use super::wire::Heard;
use std::time::{Duration, Instant};

/// Number of users in the list: so many that a random order is never the order of login, and fewer
/// than the document requires a server to serve.
const USERS: usize = 8;
/// How often the list is requested: some servers use another order each time.
const QUESTIONS: usize = 8;

/// Maximum idle time of a client, by the document.
const IDLE: Duration = Duration::from_secs(60);
/// How much earlier or later still counts as that time, and how long after it the server counts as
/// one without the rule.
const EARLY: Duration = Duration::from_secs(3);
const LATE: Duration = Duration::from_secs(15);
/// Interval at which the client that is not idle sends a line.
const BEAT: Duration = Duration::from_secs(5);

fn log_in(attempt: &mut Attempt<'_>, who: &str) -> Played {
    attempt.say(who, &format!(r"LOGIN {{{who}}}\n"))?;
    attempt.sees(who, r"OK\n")
}

/// Every user is in the list once, in any order. The order, and whether the command exists at all,
/// are readings.
pub(super) fn user_list(attempt: &mut Attempt<'_>) -> Played {
    // Neither in alphabetical order nor in the reverse order.
    let names: Vec<String> = (0..USERS).map(|number| format!("u{}", number * 3 % USERS)).collect();
    for name in &names {
        log_in(attempt, name)?;
    }
    let [asks, hears] = [names[0].as_str(), names[1].as_str()];
    let Some(first) = first_listed(attempt, &names, asks, hears)? else {
        attempt.findings.reading = Some("unknown".to_owned());
        return Ok(());
    };
    let mut in_order = listed(attempt, &names, asks, Some(first))?;
    let after = [format!(r"MSG {{{asks}}} after\n"), format!(r"MSG {{{hears}}} answer\n")];
    let after = [attempt.bytes(&after[0])?, attempt.bytes(&after[1])?];
    if attempt.one_of(asks, &[&after[0], &after[1]])? == 0 {
        attempt.expect(asks, &after[1])?;
    }
    for _ in 1..QUESTIONS {
        attempt.say(asks, r"WHO\n")?;
        in_order &= listed(attempt, &names, asks, None)?;
    }
    let reading = if in_order { "in-order" } else { "another-order" };
    attempt.findings.reading = Some(reading.to_owned());
    attempt.fence(asks, &format!("{{{asks}}}"), "fence")
}

/// Requests the list and returns which of `names` is its first; nothing if the answer is no list.
/// When `hears` has heard the text of `asks` after it, and has answered, the answer to the command
/// has arrived or there is none.
fn first_listed(
    attempt: &mut Attempt<'_>,
    names: &[String],
    asks: &str,
    hears: &str,
) -> Played<Option<usize>> {
    let reading = |name: &str, bytes: String| Reading { name: name.to_owned(), bytes, last: false };
    attempt.say(asks, r"WHO\nMSG after\n")?;
    let signs = [
        reading("here", format!(r"MSG {{{asks}}} after\n")),
        reading("gone", format!(r"INFO {{{asks}}} disconnected\n")),
    ];
    if attempt.choose(hears, &signs)?.name == "here" {
        attempt.say(hears, r"MSG answer\n")?;
    }
    let mut lines: Vec<Reading> =
        names.iter().map(|name| reading(name, format!(r"USER {{{name}}}\n"))).collect();
    // An error, or no answer: the command is unknown. Another answer is none of the document's.
    let texts = [format!(r"MSG {{{asks}}} after\n"), format!(r"MSG {{{hears}}} answer\n")];
    for line in [r"ERR{..}\n".to_owned()].into_iter().chain(texts) {
        lines.push(reading("another line", line));
    }
    lines.push(reading("the end", "{end}".to_owned()));
    let first = attempt.choose(asks, &lines)?.name.clone();
    Ok(names.iter().position(|name| *name == first))
}

/// Reads the rest of a list after its `first` name; returns whether it is in the order of `names`.
fn listed(
    attempt: &mut Attempt<'_>,
    names: &[String],
    asks: &str,
    first: Option<usize>,
) -> Played<bool> {
    let mut left = Vec::new();
    for name in names {
        left.push(attempt.bytes(&format!(r"USER {{{name}}}\n"))?);
    }
    let mut in_order = first.is_none_or(|first| first == 0);
    if let Some(first) = first {
        left.remove(first);
    }
    while !left.is_empty() {
        let wanted: Vec<&[u8]> = left.iter().map(Vec::as_slice).collect();
        let which = attempt.one_of(asks, &wanted)?;
        in_order &= which == 0;
        left.remove(which);
    }
    Ok(in_order)
}

/// What happened to an idle client.
struct IdleOutcome {
    /// When its stream ended, if it did.
    ended: Option<Duration>,
    /// The bytes that it received.
    heard: Vec<u8>,
}

/// One client that has logged in and one that has not are both silent, beside one that sends a line
/// now and then. What happens to them is a reading; the departure of the first must be announced to
/// the others.
pub(super) fn idle(attempt: &mut Attempt<'_>) -> Played {
    log_in(attempt, "awake")?;
    attempt.connect("nameless")?;
    log_in(attempt, "asleep")?;
    let [named, nameless] = watched(attempt, ["asleep", "nameless"])?;
    let told = b"ERR idle-timeout\n";
    let early = |ended: &Duration| *ended < IDLE.checked_sub(EARLY).unwrap_or_default();
    let reading = match named.ended {
        None => "stays",
        Some(ended) if early(&ended) => "another-time",
        Some(_) if named.heard.is_empty() => "closed",
        Some(_) if named.heard == told => "told",
        Some(_) => "other-words",
    };
    if reading == "stays" && !named.heard.is_empty() {
        let (got, allowed) = (named.heard, vec!["nothing, or the end of the stream".to_owned()]);
        return Err(Trouble::failure("asleep", Outcome::Surplus { got }, allowed));
    }
    attempt.findings.reading = Some(reading.to_owned());
    if named.ended.is_some() {
        let notice = attempt.bytes(r"INFO {asleep} disconnected\n")?;
        departure_seen(attempt, "awake", &notice)?;
    }
    if reading == "told" && !attempt.setting.document_only {
        let so = nameless.ended.is_some() && nameless.heard == told;
        if !so {
            let what = "a client that has not logged in is not treated so when it is idle";
            return Err(Trouble::rule(
                what.to_owned(),
                "ERR idle-timeout, and the end of the stream",
            ));
        }
    }
    Ok(())
}

/// Watches two silent clients until they are gone or have been idle for too long; `awake` is not
/// idle.
fn watched(attempt: &mut Attempt<'_>, silent: [&str; 2]) -> Played<[IdleOutcome; 2]> {
    let begun = Instant::now();
    let mut ended = [None, None];
    while begun.elapsed() < IDLE + LATE && ended.iter().any(Option::is_none) {
        // Whatever the server makes of it, it is a line.
        attempt.say("awake", r"PING\n")?;
        let beat = attempt.bounds.until(Duration::ZERO) + BEAT;
        for (who, ended) in silent.iter().zip(&mut ended) {
            while ended.is_none() && Instant::now() < beat {
                match attempt.wire(who)?.hear(beat) {
                    Heard::Bytes => {}
                    Heard::Timeout | Heard::Broken | Heard::Flood => break,
                    Heard::End | Heard::Reset => *ended = Some(begun.elapsed()),
                }
            }
        }
        if attempt.bounds.is_over() {
            return Err(Trouble::Unknown("the time of the whole run is over".to_owned()));
        }
    }
    let [first, second] = ended;
    Ok([idle_outcome(attempt, silent[0], first)?, idle_outcome(attempt, silent[1], second)?])
}

fn idle_outcome(
    attempt: &mut Attempt<'_>,
    who: &str,
    ended: Option<Duration>,
) -> Played<IdleOutcome> {
    let heard = own_lines(attempt, who)?;
    if !heard.is_empty() {
        attempt.transcript.got(who, &heard);
    }
    let note = ended.map_or("the connection is still open".to_owned(), |after| {
        format!("the server ends the stream after {} s", after.as_secs())
    });
    attempt.transcript.note(who, note);
    Ok(IdleOutcome { ended, heard })
}

/// All bytes that have arrived, without the lines about other attempts.
fn own_lines(attempt: &mut Attempt<'_>, who: &str) -> Played<Vec<u8>> {
    let ahead = std::mem::take(&mut attempt.wire(who)?.ahead);
    let own = |line: &&[u8]| !attempt.is_about_others(line);
    Ok(ahead.split_inclusive(|&byte| byte == b'\n').filter(own).flatten().copied().collect())
}

/// The lines to this client must contain `notice` soon.
fn departure_seen(attempt: &mut Attempt<'_>, who: &str, notice: &[u8]) -> Played {
    let begun = Instant::now();
    let until = attempt.bounds.until(Duration::from_secs(2));
    loop {
        let wire = attempt.wire(who)?;
        if wire.ahead.windows(notice.len()).any(|part| part == notice) {
            attempt.transcript.got(who, notice);
            return Ok(());
        }
        if wire.hear(until) != Heard::Bytes {
            let millis = begun.elapsed().as_millis();
            let allowed = vec![super::escapes::shown(notice)];
            return Err(Trouble::failure(who, Outcome::Timeout { after: 0, millis }, allowed));
        }
    }
}
