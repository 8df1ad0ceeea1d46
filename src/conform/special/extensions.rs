//! Answers of the extensions whose lines depend on what the server counts: numbers, times, bounds.

use super::cast::Cast;
use crate::ConformError;
use crate::attempt::{Attempt, Played};
use crate::escapes::shown;
use crate::failure::Trouble;
use crate::server::Server;
use crate::wire::Heard;
use std::time::Duration;

/// How long one line of an answer may take.
const LINE: Duration = Duration::from_secs(2);
/// How often an answer is asked for while others talk.
const ROUNDS: usize = 5;
/// The most bytes of names and texts in one answer.
const RECALL_BYTES: usize = 262_144;

/// One line of an answer to `/history`.
#[derive(Debug)]
struct Told {
    id: u64,
    time: String,
    user: String,
    text: String,
}

/// `/help` counts its lines, and has one for each command that is on.
pub(super) fn help(attempt: &mut Attempt<'_>) -> Played {
    Cast::of(attempt).play(attempt, "ann joins ann")?;
    attempt.say("ann", r"/help\n")?;
    let count = counted(attempt, "ann", "OK Help")?;
    let mut commands = Vec::new();
    for _ in 0..count {
        let line = line(attempt, "ann", "HELP {command}: {text}")?;
        let command = line.strip_prefix("HELP ").and_then(|line| line.split_once(": "));
        let Some((command, _)) = command else { return Err(strange(&line, "HELP {..}: {..}")) };
        commands.push(command.split(' ').next().unwrap_or_default().to_owned());
    }
    for wanted in ["/help", "/history", "/topic"] {
        if !commands.iter().any(|command| command == wanted) {
            let what = format!("{wanted} is not among the {count} commands");
            return Err(Trouble::rule(what, "/help, /history and /topic are listed"));
        }
    }
    attempt.fence("ann", "{ann}", "fence")
}

/// What was said is shown from the last line to the first, three lines at a time.
pub(super) fn pages(attempt: &mut Attempt<'_>) -> Played {
    let texts: Vec<String> = (0..8).map(|number| format!("m{number}")).collect();
    said(attempt, &texts)?;
    let (mut found, mut before) = (Vec::new(), None);
    for _ in 0..texts.len() {
        let page = asked(attempt, "ann", Some(3), before)?;
        let Some(first) = page.first() else { break };
        before = Some(first.id);
        found.splice(0..0, page.into_iter().map(|told| told.text));
        if found.len() > texts.len() {
            break;
        }
    }
    if found != texts {
        let what = format!("going back three lines at a time shows {}", found.join(" "));
        return Err(Trouble::rule(what, &texts.join(" ")));
    }
    attempt.fence("ann", "{ann}", "fence")
}

/// Ids grow, also where the lines of another room lie between; times are dates to the millisecond
/// and do not go back; names are those of the authors.
pub(super) fn lines(attempt: &mut Attempt<'_>) -> Played {
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\ncat joins cat in room2")?;
    for number in 0..4 {
        let (who, text) = (["ann", "cat"][number % 2], format!("m{number}"));
        cast.play(attempt, &format!("{who} says {text}\n{who} echoes {text}"))?;
    }
    let [here, there] = ["ann", "cat"].map(|who| asked(attempt, who, None, None));
    let (here, there) = (here?, there?);
    for (who, told) in [("ann", &here), ("cat", &there)] {
        let user = String::from_utf8_lossy(&attempt.bytes(&format!("{{{who}}}"))?).into_owned();
        let wrong = told.iter().find(|told| told.user != user || !is_date(&told.time));
        if let Some(Told { id, time, user, .. }) = wrong {
            let what = format!("line {id} is of {user} at {time}");
            return Err(Trouble::rule(what, "its author, and a time as 2026-11-30T18:04:05.678Z"));
        }
    }
    let mut all: Vec<&Told> = here.iter().chain(&there).collect();
    all.sort_by(|a, b| a.text.cmp(&b.text));
    let grow = |pair: &[&Told]| pair[0].id < pair[1].id && pair[0].time <= pair[1].time;
    if all.len() != 4 || !all.windows(2).all(grow) {
        let told: Vec<_> =
            all.iter().map(|one| format!("{} {} {}", one.id, one.time, one.text)).collect();
        let what = format!("in the order in which they were said: {}", told.join(", "));
        return Err(Trouble::rule(
            what,
            "four lines with ids that grow and times that do not fall",
        ));
    }
    attempt.fence("ann", "{ann}", "fence")
}

/// While another member talks, the lines of an answer come one behind the other.
pub(super) fn undisturbed(attempt: &mut Attempt<'_>) -> Played {
    let texts: Vec<String> = (0..20).map(|number| format!("m{number:02}")).collect();
    said(attempt, &texts)?;
    Cast::of(attempt).play(attempt, "bob joins bob\nann sees bob join")?;
    let mut bob = attempt.take("bob")?;
    for round in 0..ROUNDS {
        let chatter: Vec<String> = (0..50).map(|number| format!("r{round} {number}\n")).collect();
        attempt.send("ann", b"/history 20\n")?;
        if bob.send(chatter.concat().as_bytes(), LINE).is_err() {
            return Err(Trouble::rule("bob cannot send", "a member can talk"));
        }
        attempt.transcript.note("bob", "says 50 lines");
        let (mut is_answered, mut is_over, last) = (false, false, format!("r{round} 49"));
        while !is_answered || !is_over {
            let line = line(attempt, "ann", "the answer, and all lines of bob's")?;
            is_over |= line.ends_with(&last);
            if line.starts_with("OK History") {
                is_answered = true;
                whole(attempt, count_of(&line, "OK History")?)?;
            }
        }
    }
    attempt.fence("ann", "{ann}", "fence")
}

/// The rest of an answer to ann, with nothing between its lines.
fn whole(attempt: &mut Attempt<'_>, count: usize) -> Played {
    for _ in 0..count {
        let line = line(attempt, "ann", "HISTORY {..}")?;
        told(&line)?;
    }
    Ok(())
}

/// Lines and topic are there after the server has ended and started again with the same data.
pub(super) fn outlives_the_server(attempt: &mut Attempt<'_>) -> Played {
    let unknown = |error: ConformError| Trouble::Unknown(error.to_string());
    let command = attempt.setting.server.command().unwrap_or_default();
    let server = Server::start(command, attempt.bounds).map_err(unknown)?;
    // The layers are those of the setting's own server.
    attempt.setting.address = server.address();
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nann says one\nann echoes one")?;
    attempt.say("ann", r"/topic tea\n/history\n")?;
    attempt.sees("ann", r"TOPIC #{room} {ann} tea\r\nOK History #{room} (1)\r\n")?;
    let line = line(attempt, "ann", "HISTORY {..}")?;
    let before = told(&line)?;
    attempt.transcript.note("server", "SIGTERM");
    if server.asked_to_stop(attempt.bounds.until(Duration::from_secs(7))).is_none() {
        return Err(Trouble::overdue("it goes on running", "its end within 6 s"));
    }
    attempt.hang_up();
    server.start_again().map_err(unknown)?;
    attempt.transcript.note("server", "starts again");
    attempt.setting.address = server.address();
    attempt.say("bob", r"USERNAME {bob}\nJOIN #{room}\n")?;
    let shown = r"ROOM #{room} {ann} one\r\nTOPIC #{room} {ann} tea\r\n";
    attempt.expect_pattern("bob", &[r"OK{..}\r\nOK{..}\r\n", shown].concat())?;
    attempt.say("bob", r"MSG two\n")?;
    attempt.sees("bob", r"ROOM #{room} {bob} two\r\n")?;
    let after = asked(attempt, "bob", None, None)?;
    let ids: Vec<u64> = after.iter().map(|told| told.id).collect();
    if after.len() != 2 || ids[0] != before.id || ids[1] <= ids[0] {
        let what = format!("line {} before its end, then lines {ids:?}", before.id);
        return Err(Trouble::rule(what, "the same line, and a line with a larger id"));
    }
    Ok(())
}

/// As many of the last lines as have 262,144 bytes of names and texts.
pub(super) fn bound(attempt: &mut Attempt<'_>) -> Played {
    const TEXT: usize = 10_000;
    const LINES: usize = 40;
    let texts: Vec<String> =
        (0..LINES).map(|number| format!("{number:06}{}", "x".repeat(TEXT - 6))).collect();
    said(attempt, &texts)?;
    let user = attempt.bytes("{ann}")?.len();
    let most = RECALL_BYTES / (TEXT + user);
    let found = asked(attempt, "ann", Some(1000), None)?;
    let texts: Vec<&String> = texts[LINES - most..].iter().collect();
    if found.iter().map(|told| &told.text).collect::<Vec<_>>() != texts {
        let what = format!(
            "of {LINES} lines of {} bytes, name and text together, {} are shown",
            TEXT + user,
            found.len()
        );
        let allowed = format!("the last {most}: no more have 262,144 bytes");
        return Err(Trouble::rule(what, &allowed));
    }
    attempt.fence("ann", "{ann}", "fence")
}

/// Ann joins and says these texts, and hears them all.
fn said(attempt: &mut Attempt<'_>, texts: &[String]) -> Played {
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann")?;
    for text in texts {
        cast.play(attempt, &format!("ann says {text}\nann echoes {text}"))?;
    }
    Ok(())
}

/// Asks for the last lines of the room and returns the answer.
fn asked(
    attempt: &mut Attempt<'_>,
    who: &str,
    lines_max: Option<usize>,
    before: Option<u64>,
) -> Played<Vec<Told>> {
    let count = lines_max.map_or(String::new(), |count| format!(" {count}"));
    let before = before.map_or(String::new(), |id| format!(" before {id}"));
    attempt.send(who, format!("/history{count}{before}\n").as_bytes())?;
    let count = counted(attempt, who, "OK History")?;
    (0..count).map(|_| line(attempt, who, "HISTORY {..}").and_then(|line| told(&line))).collect()
}

/// The number in the first line of an answer.
fn counted(attempt: &mut Attempt<'_>, who: &str, begin: &str) -> Played<usize> {
    let line = line(attempt, who, &format!("{begin} {{..}}({{n}})"))?;
    count_of(&line, begin)
}

fn count_of(line: &str, begin: &str) -> Played<usize> {
    let inside = line.strip_prefix(begin).and_then(|rest| rest.strip_suffix(')'));
    let count = inside.and_then(|rest| rest.rsplit_once('(')).map(|(_, count)| count.parse());
    match count {
        Some(Ok(count)) if count <= 1000 => Ok(count),
        _ => Err(strange(line, &format!("{begin} {{..}}({{n}})"))),
    }
}

/// `HISTORY {id} {time} {room} {user} {text}`.
fn told(line: &str) -> Played<Told> {
    let words: Vec<&str> = line.splitn(6, ' ').collect();
    match words[..] {
        ["HISTORY", id, time, _, user, text] if id.bytes().all(|byte| byte.is_ascii_digit()) => {
            let id = id.parse().map_err(|_| strange(line, "HISTORY with an id below 2^64"))?;
            let [time, user, text] = [time, user, text].map(str::to_owned);
            Ok(Told { id, time, user, text })
        }
        _ => Err(strange(line, "HISTORY {id} {time} {room} {user} {text}")),
    }
}

/// `2026-11-30T18:04:05.678Z`.
fn is_date(time: &str) -> bool {
    let form = "0000-00-00T00:00:00.000Z";
    let fits = |(got, wanted): (char, char)| match wanted {
        '0' => got.is_ascii_digit(),
        sign => got == sign,
    };
    time.len() == form.len() && time.chars().zip(form.chars()).all(fits)
}

fn strange(line: &str, wanted: &str) -> Trouble {
    Trouble::rule(format!("the answer is {}", shown(line.as_bytes())), wanted)
}

/// The next line, without its end.
fn line(attempt: &mut Attempt<'_>, who: &str, wanted: &str) -> Played<String> {
    let until = attempt.bounds.until(LINE);
    let begun = std::time::Instant::now();
    loop {
        let ahead = &mut attempt.wire(who)?.ahead;
        if let Some(end) = ahead.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = ahead.drain(..=end).collect();
            attempt.transcript.got(who, &line);
            let line = String::from_utf8_lossy(&line);
            return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
        }
        let heard = attempt.wire(who)?.hear(until);
        if heard != Heard::Bytes {
            let after = attempt.wire(who)?.ahead.len();
            let allowed = vec![wanted.to_owned()];
            return Err(attempt.ended(who, heard, after, begun, allowed));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{count_of, is_date, told};

    #[test]
    fn answers_are_read_strictly() {
        assert_eq!(count_of("OK History #den (12)", "OK History").ok(), Some(12));
        for wrong in ["OK History #den 12", "OK History (x)", "OK History (1001)", "ERROR (3)"] {
            assert!(count_of(wrong, "OK History").is_err(), "{wrong}");
        }
        let line = told("HISTORY 7 2026-11-30T18:04:05.678Z #den ann  two  spaces ").expect("one");
        assert_eq!((line.id, line.text.as_str()), (7, " two  spaces "));
        for wrong in ["HISTORY 7 now #den ann", "HISTORY x 1 #den ann a", "ROOM #den ann a b c"] {
            assert!(told(wrong).is_err(), "{wrong}");
        }
        assert!(is_date("2026-11-30T18:04:05.678Z"));
        for wrong in
            ["2026-11-30T18:04:05Z", "2026-11-30 18:04:05.678Z", "2026-11-30T18:04:05.6789"]
        {
            assert!(!is_date(wrong), "{wrong}");
        }
    }
}
