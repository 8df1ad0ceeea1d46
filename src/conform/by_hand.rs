//! Shell commands that reproduce a failure by hand with `nc`.

use super::escapes::printed;
use super::text::harmless;
use super::transcript::{Event, Transcript, What};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// Maximum number of clients in commands by hand.
const CLIENTS: usize = 6;
/// Maximum number of segments per client; a client with more shows only one cut, which usually
/// shows the same fault.
const PIECES: usize = 12;
/// Maximum length of a command; a longer one is not readable.
const LENGTH: usize = 1500;
/// Milliseconds between the turns of the clients: enough for a server to answer in between.
const TURN: usize = 300;
/// How long clients stay after the last turn, so that the answers can arrive.
const STAY: usize = 1000;

/// The actions of one client, each with its turn.
struct Client<'a> {
    who: &'a str,
    begins: usize,
    sends: Vec<(usize, Vec<&'a [u8]>)>,
    end: Option<(usize, End)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Closes,
    Resets,
}

/// The lines that reproduce by hand the actions in `transcript`, headed and indented, or nothing if
/// they are too long. Pauses keep the order of the actions and, if `cut`, the segments.
pub(super) fn by_hand(transcript: &Transcript, address: SocketAddr, cut: bool) -> Option<String> {
    let (clients, turns) = clients(&transcript.events);
    let sends = clients.iter().any(|client| !client.sends.is_empty());
    if !sends || clients.len() > CLIENTS {
        return None;
    }
    let end = turns * TURN + STAY;
    let several = clients.len() > 1;
    let mut text =
        String::from(if several { "\n  By hand, in a shell:\n" } else { "\n  By hand:\n" });
    for client in &clients {
        let command = client.command(address, (turns * TURN, end), cut);
        if command.len() > LENGTH {
            return None;
        }
        let _ = if several {
            writeln!(text, "    {command} | sed 's/^/{} < /' &", harmless(client.who))
        } else {
            writeln!(text, "    {command}")
        };
    }
    if several {
        text += "    wait\n";
    }
    if clients.iter().any(|client| client.end.is_some_and(|(_, how)| how == End::Resets)) {
        text += "    # where a client resets its connection, nc can only close it\n";
    }
    Some(text)
}

/// The clients in order of appearance, and how many turns follow the first. A turn ends when
/// another client acts, or when something arrived: the next bytes sent may depend on it.
fn clients(events: &[Event]) -> (Vec<Client<'_>>, usize) {
    let mut clients: Vec<Client<'_>> = Vec::new();
    let (mut turn, mut actor, mut waited) = (0, "", false);
    for event in events {
        let act = match &event.what {
            What::Sent(bytes) => Act::Sends(bytes),
            What::Note(note) => match note.as_str() {
                "connects" => Act::Connects,
                "closes" | "closes its sending half" => Act::Ends(End::Closes),
                "resets" => Act::Ends(End::Resets),
                _ => continue,
            },
            What::Got(_) | What::Segments(_) => {
                waited = true;
                continue;
            }
        };
        if !actor.is_empty() && (waited || actor != event.who) {
            turn += 1;
        }
        (actor, waited) = (&event.who, false);
        let place = clients.iter().rposition(|client| client.who == event.who);
        // A client that comes back after leaving has another connection.
        let back = |place: &usize| matches!(act, Act::Connects) && clients[*place].end.is_some();
        let place = place.filter(|place| !back(place));
        let place = place.unwrap_or_else(|| {
            clients.push(Client { who: &event.who, begins: turn, sends: Vec::new(), end: None });
            clients.len() - 1
        });
        clients[place].does(act, turn);
    }
    (clients, turn)
}

#[derive(Clone, Copy)]
enum Act<'a> {
    Connects,
    Sends(&'a [u8]),
    Ends(End),
}

impl<'a> Client<'a> {
    fn does(&mut self, act: Act<'a>, turn: usize) {
        match act {
            Act::Connects => {}
            Act::Ends(end) => self.end = Some((turn, end)),
            Act::Sends(bytes) => match self.sends.last_mut() {
                Some((last, parts)) if *last == turn => parts.push(bytes),
                _ => self.sends.push((turn, vec![bytes])),
            },
        }
    }

    /// One pipeline: the bytes to send, with pauses, into `nc`. It stays until `end` unless the
    /// client leaves earlier.
    fn command(&self, address: SocketAddr, (last, end): (usize, usize), cut: bool) -> String {
        let mut doing = Vec::new();
        // A client that connects later is started later.
        let mut now = self.begins * TURN;
        let all: usize = self.sends.iter().map(|(_, parts)| parts.len()).sum();
        for (turn, parts) in &self.sends {
            pause(&mut doing, now, turn * TURN);
            now = turn * TURN;
            let pieces = match cut && parts.len() > 1 {
                false => vec![printed(&parts.concat())],
                true if all <= PIECES => parts.iter().map(|part| printed(part)).collect(),
                true => vec![printed(parts[0]), printed(&parts[1..].concat())],
            };
            doing.push(pieces.join("; sleep 0.1; "));
        }
        let leaves = self.end.map(|(turn, _)| turn * TURN);
        pause(&mut doing, now, leaves.unwrap_or(end));
        if doing.is_empty() {
            doing.push("true".to_owned());
        }
        // After this idle time `nc` ends whatever the server does.
        let idle = (last + STAY).div_ceil(1000) + 1;
        let close = if leaves.is_some() { "-N " } else { "" };
        let later = if self.begins == 0 { String::new() } else { slept(self.begins * TURN) + "; " };
        let (ip, port) = (address.ip(), address.port());
        let command = format!("({}) | nc {close}-w {idle} {ip} {port}", doing.join("; "));
        if later.is_empty() { command } else { format!("{{ {later}{command}; }}") }
    }
}

fn pause(doing: &mut Vec<String>, now: usize, then: usize) {
    if then > now {
        doing.push(slept(then - now));
    }
}

fn slept(millis: usize) -> String {
    match (millis / 1000, millis % 1000 / 100) {
        (whole, 0) => format!("sleep {whole}"),
        (whole, tenths) => format!("sleep {whole}.{tenths}"),
    }
}

#[cfg(test)]
mod tests {
    use super::by_hand;
    use crate::transcript::Transcript;
    use std::process::Command;

    fn address() -> std::net::SocketAddr {
        "127.0.0.1:1234".parse().expect("an address")
    }

    /// The bytes that a shell sends for these lines, with `cat` as `nc` and no pauses.
    fn run(text: &str) -> Vec<u8> {
        let program = format!("nc() {{ cat; }}\nsleep() {{ :; }}\n{}", &text[1..]);
        let lines = program.lines().filter(|line| !line.contains("By hand"));
        let program = lines.collect::<Vec<_>>().join("\n");
        let output = Command::new("sh").arg("-c").arg(&program).output().expect("a shell");
        assert!(output.status.success(), "{program}");
        output.stdout
    }

    #[test]
    fn a_shell_sends_exactly_the_bytes() {
        let mut transcript = Transcript::new();
        let bytes =
            [b"-e 50% \\n it's \"\0\xff\x80\x1b\r".as_slice(), &[b'x'; 30], b"12\n"].concat();
        transcript.note("a", "connects");
        transcript.sent("a", &bytes);
        for cut in [false, true] {
            assert_eq!(run(&by_hand(&transcript, address(), cut).expect("lines")), bytes);
        }
        transcript.sent("a", b"more\n");
        let cut = by_hand(&transcript, address(), true).expect("lines");
        assert!(cut.contains("sleep 0.1; printf 'more"), "{cut}");
        assert_eq!(run(&cut), [&bytes[..], b"more\n"].concat());
    }

    #[test]
    fn several_clients_keep_their_order() {
        let mut transcript = Transcript::new();
        transcript.note("a", "connects");
        transcript.sent("a", b"JOIN r ann\n");
        transcript.got("a", b"ann has joined\n");
        transcript.note("b", "connects");
        transcript.sent("b", b"JOIN r bob\n");
        transcript.sent("a", b"hello\n");
        transcript.note("b", "resets");
        let text = by_hand(&transcript, address(), false).expect("lines");
        let wanted = [
            "\n  By hand, in a shell:\n",
            r"    (printf 'JOIN r ann\n'; sleep 0.6; printf 'hello\n'; sleep 1.3) | nc -w 3 ",
            "127.0.0.1 1234 | sed 's/^/a < /' &\n",
            r"    { sleep 0.3; (printf 'JOIN r bob\n'; sleep 0.6) | nc -N -w 3 127.0.0.1 1234; } ",
            "| sed 's/^/b < /' &\n    wait\n",
            "    # where a client resets its connection, nc can only close it\n",
        ]
        .concat();
        assert_eq!(text, wanted);
        let mut seen: Vec<String> =
            String::from_utf8_lossy(&run(&text)).lines().map(str::to_owned).collect();
        seen.sort();
        assert_eq!(seen, ["a < JOIN r ann", "a < hello", "b < JOIN r bob"]);
    }

    #[test]
    fn a_client_that_connects_again_is_another_connection() {
        let mut transcript = Transcript::new();
        for name in ["ann", "eve"] {
            transcript.note("a", "connects");
            transcript.sent("a", format!("JOIN r {name}\n").as_bytes());
            transcript.got("a", format!("{name} has joined\n").as_bytes());
            transcript.note("a", "closes");
        }
        let text = by_hand(&transcript, address(), false).expect("lines");
        assert_eq!(text.matches("| nc -N ").count(), 2, "{text}");
        let seen = String::from_utf8_lossy(&run(&text)).into_owned();
        assert!(seen.contains("a < JOIN r ann\n") && seen.contains("a < JOIN r eve\n"), "{seen}");
    }

    #[test]
    fn a_crowd_is_left_out() {
        let mut transcript = Transcript::new();
        transcript.note("a", "connects");
        assert!(by_hand(&transcript, address(), false).is_none(), "nothing is sent");
        for number in 0..7 {
            transcript.sent(&format!("c{number}"), b"x\n");
        }
        assert!(by_hand(&transcript, address(), false).is_none(), "a crowd");
    }
}
