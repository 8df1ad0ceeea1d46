//! Shell commands that reproduce a failure by hand with `nc`.

use super::command::for_a_shell;
use super::escapes::printed;
use super::text::harmless;
use super::transcript::{Event, Transcript, What};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

/// Maximum number of clients in commands by hand.
const CLIENTS: usize = 6;
/// Maximum number of segments per client; a client with more shows only one cut, which usually
/// shows the same fault.
const PIECES: usize = 12;
/// Maximum length of all commands; longer ones are not readable.
const LENGTH: usize = 4000;
/// Length of a command from which each of its parts has a line.
const LINE: usize = 160;
/// Milliseconds between the turns of the clients: enough for a server to answer in between.
const TURN: usize = 300;
/// Milliseconds from which a pause between two actions is kept: the case is about it.
const LONG_PAUSE: usize = 10_000;
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

/// How a shell reaches the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hands<'a> {
    pub(super) address: SocketAddr,
    /// What lies between the lines and the socket, if anything does.
    pub(super) layers: Option<&'static str>,
    /// The command that starts the server, which does not run any more when the page is read.
    pub(super) command: Option<&'a [String]>,
}

impl Hands<'_> {
    /// The lines that reproduce by hand the actions in `transcript`, headed and indented. Pauses
    /// keep the order of the actions and, if `cut`, the segments.
    ///
    /// # Errors
    ///
    /// Why no such lines show it.
    pub(super) fn shown(self, transcript: &Transcript, cut: bool) -> Result<String, String> {
        if let Some(layers) = self.layers {
            return Err(format!("it does not speak {layers}"));
        }
        let script = script(&transcript.events);
        let Script { clients, starts, stop } = &script;
        if clients.iter().all(|client| client.sends.is_empty()) {
            return Err("no client of this case sends a line".to_owned());
        }
        if clients.len() > CLIENTS {
            return Err(format!("the case has {} clients", clients.len()));
        }
        let several = clients.len() > 1 || stop.is_some();
        let mut text =
            String::from(if several { "\n  By hand, in a shell:\n" } else { "\n  By hand:\n" });
        text += &self.start();
        let group = several && self.command.is_some();
        text += if group { "    (\n" } else { "" };
        for client in clients {
            let command = client.command(self.address, starts, cut);
            let _ = if several {
                writeln!(text, "    {command} | sed 's/^/{} < /' &", harmless(client.who))
            } else {
                writeln!(text, "    {command}")
            };
        }
        if let Some(turn) = stop {
            let _ = writeln!(text, "    ({}; kill -TERM $server) &", slept(starts[*turn].max(1)));
        }
        text += if several { "    wait\n" } else { "" };
        text += if group { "    )\n" } else { "" };
        text += match (self.command, stop) {
            (None, _) => "",
            (Some(_), None) => "    kill -TERM $server\n",
            (Some(_), Some(_)) => "    wait $server; echo \"its status is $?\"\n",
        };
        let resets = |client: &Client<'_>| matches!(client.end, Some((_, End::Resets)));
        if clients.iter().any(resets) {
            text += "    # where a client resets its connection, nc can only close it\n";
        }
        if text.len() > LENGTH {
            return Err("too much is sent".to_owned());
        }
        Ok(text)
    }

    /// The lines that start the server and wait until it listens.
    fn start(self) -> String {
        let Some(command) = self.command else { return String::new() };
        let (ip, port) = (self.address.ip(), self.address.port());
        let words = command.iter().map(|word| for_a_shell(word, port, quoted));
        let command = words.collect::<Vec<_>>().join(" ");
        format!("    {command} & server=$!\n    until nc -z {ip} {port}; do sleep 0.1; done\n")
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", harmless(word).replace('\'', "'\\''"))
}

/// What the clients do.
struct Script<'a> {
    /// In order of appearance.
    clients: Vec<Client<'a>>,
    /// When each turn begins, in milliseconds.
    starts: Vec<usize>,
    /// The turn in which the server is told to stop.
    stop: Option<usize>,
}

/// The actions in turns. A turn ends when another client acts, when something arrived, on which the
/// next bytes sent may depend, or with a long pause.
fn script(events: &[Event]) -> Script<'_> {
    let mut script = Script { clients: Vec::new(), starts: vec![0], stop: None };
    let (mut actor, mut waited, mut last) = ("", false, Duration::ZERO);
    for event in events {
        let act = match &event.what {
            What::Sent(bytes) => Act::Sends(bytes),
            What::Note(note) => match note.as_str() {
                "connects" => Act::Connects,
                "closes" | "closes its sending half" => Act::Ends(End::Closes),
                "resets" => Act::Ends(End::Resets),
                "SIGTERM" => Act::Stops,
                // The suite waited for what did not come: no pause of the case.
                note if note.starts_with("nothing for ") => {
                    last = event.at;
                    continue;
                }
                _ => continue,
            },
            What::Got(_) | What::Segments(_) => {
                waited = true;
                continue;
            }
        };
        let pause =
            usize::try_from(event.at.saturating_sub(last).as_millis()).unwrap_or(usize::MAX);
        let long = pause >= LONG_PAUSE;
        if !actor.is_empty() && (waited || long || actor != event.who) {
            // Whole seconds: how long exactly makes no difference.
            let after = if long { pause.div_ceil(1000) * 1000 } else { TURN };
            script.starts.push(script.starts[script.starts.len() - 1] + after);
        }
        (actor, waited, last) = (&event.who, false, event.at);
        script.does(&event.who, act);
    }
    script
}

impl<'a> Script<'a> {
    fn does(&mut self, who: &'a str, act: Act<'a>) {
        let turn = self.starts.len() - 1;
        if matches!(act, Act::Stops) {
            self.stop = Some(turn);
            return;
        }
        let clients = &mut self.clients;
        let place = clients.iter().rposition(|client| client.who == who);
        // A client that comes back after leaving has another connection.
        let back = |place: &usize| matches!(act, Act::Connects) && clients[*place].end.is_some();
        let place = place.filter(|place| !back(place));
        let place = place.unwrap_or_else(|| {
            clients.push(Client { who, begins: turn, sends: Vec::new(), end: None });
            clients.len() - 1
        });
        clients[place].does(act, turn);
    }
}

#[derive(Clone, Copy)]
enum Act<'a> {
    Connects,
    Sends(&'a [u8]),
    Ends(End),
    /// The server is told to stop.
    Stops,
}

impl<'a> Client<'a> {
    fn does(&mut self, act: Act<'a>, turn: usize) {
        match act {
            Act::Connects | Act::Stops => {}
            Act::Ends(end) => self.end = Some((turn, end)),
            Act::Sends(bytes) => match self.sends.last_mut() {
                Some((last, parts)) if *last == turn => parts.push(bytes),
                _ => self.sends.push((turn, vec![bytes])),
            },
        }
    }

    /// One pipeline: the bytes to send, with pauses, into `nc`. It stays after the last turn unless
    /// the client leaves earlier.
    fn command(&self, address: SocketAddr, starts: &[usize], cut: bool) -> String {
        let last = starts[starts.len() - 1];
        let begins = starts[self.begins];
        let mut doing = Vec::new();
        // A client that connects later is started later.
        let mut now = begins;
        let all: usize = self.sends.iter().map(|(_, parts)| parts.len()).sum();
        for (turn, parts) in &self.sends {
            pause(&mut doing, now, starts[*turn]);
            now = starts[*turn];
            let pieces = match cut && parts.len() > 1 {
                false => vec![printed(&parts.concat())],
                true if all <= PIECES => parts.iter().map(|part| printed(part)).collect(),
                true => vec![printed(parts[0]), printed(&parts[1..].concat())],
            };
            for (number, piece) in pieces.into_iter().enumerate() {
                doing.extend((number > 0).then(|| "sleep 0.1".to_owned()));
                doing.extend(piece);
            }
        }
        let leaves = self.end.map(|(turn, _)| starts[turn]);
        pause(&mut doing, now, leaves.unwrap_or(last + STAY));
        if doing.is_empty() {
            doing.push("true".to_owned());
        }
        // After this idle time `nc` ends whatever the server does.
        let idle = (last + STAY).div_ceil(1000) + 1;
        let close = if leaves.is_some() { "-N " } else { "" };
        let later = if self.begins == 0 { String::new() } else { slept(begins) + "; " };
        let (ip, port) = (address.ip(), address.port());
        let length: usize = doing.iter().map(String::len).sum();
        let parts = doing.join(if length > LINE { ";\n      " } else { "; " });
        let command = format!("({parts}) | nc {close}-w {idle} {ip} {port}");
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
    use super::Hands;
    use crate::transcript::Transcript;
    use std::process::Command;
    use std::time::Duration;

    fn address() -> std::net::SocketAddr {
        "127.0.0.1:1234".parse().expect("an address")
    }

    fn by_hand(transcript: &Transcript, cut: bool) -> Result<String, String> {
        Hands { address: address(), layers: None, command: None }.shown(transcript, cut)
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
            assert_eq!(run(&by_hand(&transcript, cut).expect("lines")), bytes);
        }
        transcript.sent("a", b"more\n");
        let cut = by_hand(&transcript, true).expect("lines");
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
        let text = by_hand(&transcript, false).expect("lines");
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
        let text = by_hand(&transcript, false).expect("lines");
        assert_eq!(text.matches("| nc -N ").count(), 2, "{text}");
        let seen = String::from_utf8_lossy(&run(&text)).into_owned();
        assert!(seen.contains("a < JOIN r ann\n") && seen.contains("a < JOIN r eve\n"), "{seen}");
    }

    #[test]
    fn a_crowd_is_left_out() {
        let mut transcript = Transcript::new();
        transcript.note("a", "connects");
        assert!(by_hand(&transcript, false).is_err(), "nothing is sent");
        for number in 0..7 {
            transcript.sent(&format!("c{number}"), b"x\n");
        }
        assert_eq!(by_hand(&transcript, false), Err("the case has 8 clients".to_owned()));
        let layers = Hands { address: address(), layers: Some("tls"), command: None };
        assert_eq!(layers.shown(&transcript, false), Err("it does not speak tls".to_owned()));
    }

    /// As pasted, with a real `nc` or one of the test: it starts the server, talks to it and ends
    /// it.
    #[test]
    fn a_server_that_was_started_is_started_again_and_ended() {
        let mut transcript = Transcript::new();
        transcript.note("a", "connects");
        transcript.sent("a", b"hi\n");
        let command: Vec<String> =
            ["sh", "-c", "echo up $0 >&2; exec sleep 600", "{port}"].map(str::to_owned).into();
        let hands = Hands { address: address(), layers: None, command: Some(&command) };
        let text = hands.shown(&transcript, false).expect("lines");
        let wanted = "\n  By hand:\n    \
                      sh -c 'echo up $0 >&2; exec sleep 600' 1234 & server=$!\n    \
                      until nc -z 127.0.0.1 1234; do sleep 0.1; done\n    \
                      (printf 'hi\\n'; sleep 1) | nc -w 2 127.0.0.1 1234\n    kill -TERM $server\n";
        assert_eq!(text, wanted);
        assert_eq!(run(&text), b"hi\n", "and the shell ends, so the server has ended");
        transcript.note("server", "SIGTERM");
        let text = hands.shown(&transcript, false).expect("lines");
        let end = "    (sleep 0.3; kill -TERM $server) &\n    wait\n    )\n    wait $server; echo \
                   \"its status is $?\"\n";
        assert!(text.ends_with(end), "{text}");
        assert_eq!(run(&text), b"a < hi\nits status is 143\n", "{text}");
    }

    #[test]
    fn a_long_pause_is_kept() {
        let mut transcript = Transcript::new();
        transcript.note("a", "connects");
        transcript.sent("a", b"1\n");
        transcript.sent("a", b"2\n");
        transcript.events[2].at += Duration::from_millis(20_100);
        let text = by_hand(&transcript, false).expect("lines");
        assert!(text.contains(r"(printf '1\n'; sleep 21; printf '2\n'; sleep 1)"), "{text}");
        // A wait in vain is none of them.
        let mut waited = transcript.clone();
        waited.note("a", "nothing for 2000 ms");
        waited.events[3].at = waited.events[2].at;
        waited.events.swap(2, 3);
        let text = by_hand(&waited, false).expect("lines");
        assert!(!text.contains("sleep 21"), "{text}");
    }

    #[test]
    fn no_line_is_longer_than_any_reader_reads() {
        let mut transcript = Transcript::new();
        let bytes: Vec<u8> = (0..900_u32).map(|byte| b'a' + (byte * byte % 23) as u8).collect();
        transcript.sent("a", &bytes);
        let text = by_hand(&transcript, false).expect("lines");
        assert!(text.lines().all(|line| line.len() < 300), "{text}");
        assert_eq!(run(&text), bytes);
    }
}
