//! The message of a runtime about a fault that it met, found in a server's standard error.

/// How such a message begins: in Python, Rust, Go, Java, Node and C or C++.
const BEGINNINGS: [&str; 10] = [
    "Traceback (most recent call last)",
    "Exception in thread ",
    "Exception ignored in",
    "panic: ",
    "fatal error: ",
    "Unhandled exception",
    "Uncaught ",
    "terminate called ",
    "*** ",
    "Segmentation fault",
];
/// What the first line contains otherwise: in Rust, and of sanitizers.
const WORDS: [&str; 2] = [PANICKED, "ERROR: AddressSanitizer"];
/// Maximum number of lines between the first one and what it announces: in Python, an event loop
/// names the transport or the task.
const BETWEEN: usize = 3;

/// How Rust says it, after the name of the thread.
const PANICKED: &str = "' panicked at ";

/// Maximum number of lines of it that are shown: the first few, and the last.
const LINES_MAX: usize = 16;
const FIRST: usize = 4;

/// Such a message on a server's standard error.
#[derive(Clone, Debug)]
pub(super) struct Traceback {
    /// Its lines, as they came, but those in the middle of a long one.
    pub(super) lines: Vec<String>,
    /// Whether no other attempt ran that it could be about.
    pub(super) alone: bool,
}

/// The lines of the first message of this kind, shortened in the middle if it is long; of one that
/// only says that a client has gone away, if there is no other.
pub(super) fn first<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<Vec<String>> {
    let lines: Vec<&str> = lines.into_iter().collect();
    let mut messages = Vec::new();
    let mut at = 0;
    while let Some(next) = (at..lines.len()).position(|place| begins_at(&lines[place..])) {
        let found = message(&lines[at + next..]);
        at += next + found.len();
        messages.push(found);
    }
    let gone =
        |message: &&&[&str]| GONE.iter().any(|word| message.iter().any(|line| line.contains(word)));
    let found = messages.iter().find(|message| !gone(message)).or(messages.first())?;
    let mut shown: Vec<String> = found.iter().map(|line| (*line).to_owned()).collect();
    while shown.last().is_some_and(|line| line.trim().is_empty()) {
        shown.pop();
    }
    if shown.len() > LINES_MAX {
        let left = shown.len() - LINES_MAX;
        shown.splice(FIRST..FIRST + left, [format!("… {left} lines …")]);
    }
    Some(shown)
}

/// What runtimes say about a client that has gone away.
const GONE: [&str; 5] = ["BrokenPipe", "ConnectionReset", "Broken pipe", "EPIPE", "ECONNRESET"];

/// The lines of the message that begins the lines.
fn message<'l, 'a>(lines: &'l [&'a str]) -> &'l [&'a str] {
    let first = lines[0];
    if first.contains(PANICKED) {
        // The next line says why.
        return &lines[..lines.len().min(2)];
    }
    // In Python the last line is the first that is not indented, and says what is wrong.
    let mut python = first.starts_with("Traceback");
    let after = lines.iter().skip(1).take(BETWEEN);
    let announced = after.clone().position(|line| line.starts_with("Traceback"));
    let in_go = first.starts_with("panic: ") || first.starts_with("fatal error: ");
    for (number, line) in lines.iter().enumerate().skip(1) {
        let traceback = line.starts_with("Traceback") && !python;
        python |= traceback;
        if announced.is_some_and(|place| number <= place) {
            continue;
        }
        let go = in_go && (line.starts_with("goroutine ") || line.ends_with(')'));
        if !(line.starts_with([' ', '\t']) || line.trim().is_empty() || go || traceback) {
            return &lines[..number + usize::from(python && !begins_at(&lines[number..]))];
        }
    }
    lines
}

/// Whether a message begins with the first of these lines. In Node it is the name of an error, and
/// the calls follow.
fn begins_at(lines: &[&str]) -> bool {
    let name = lines[0].split([':', ' ']).next().unwrap_or_default();
    let calls = || lines.get(1).is_some_and(|line| line.starts_with("    at "));
    begins(lines[0]) || name.ends_with("Error") && calls()
}

fn begins(line: &str) -> bool {
    let whole = line.trim_start();
    BEGINNINGS.iter().any(|beginning| whole.starts_with(beginning))
        || WORDS.iter().any(|words| line.contains(words))
}

#[cfg(test)]
mod tests {
    use super::first;

    const PYTHON: &str = "\
listening
Exception in thread Thread-3 (serve):
Traceback (most recent call last):
  File \"server.py\", line 9, in serve
    word, room, name = line.split()
    ^^^^^^^^^^^^^^^^
ValueError: not enough values to unpack (expected 3, got 1)
bye
Traceback (most recent call last):
  File \"other.py\"
KeyError: 'x'";

    fn found(text: &str) -> Vec<String> {
        first(text.lines()).unwrap_or_default()
    }

    #[test]
    fn the_first_message_is_whole_and_alone() {
        let lines: Vec<&str> = PYTHON.lines().collect();
        assert_eq!(found(PYTHON), lines[1..7]);
        assert_eq!(found(&lines[7..].join("\n")), lines[8..]);
        assert_eq!(found("all is well\n  indented"), [""; 0]);
        let rust = "x\nthread 'main' panicked at src/main.rs:3:5:\nno room\nnote: run with";
        assert_eq!(found(rust), ["thread 'main' panicked at src/main.rs:3:5:", "no room"]);
        let java = "Exception in thread \"main\" java.lang.Error: x\n\tat A.b(A.java:1)\ndone";
        assert_eq!(found(java).len(), 2, "{:?}", found(java));
    }

    #[test]
    fn an_error_of_node_has_its_name_and_its_calls() {
        let node = "node:events:495\n      throw er; // Unhandled 'error' event\n      ^\n\n\
            Error [ERR_STREAM_WRITE_AFTER_END]: write after end\n    at writeAfterEnd (node:x:1)\n\
            \x20   at Socket.<anonymous> (/srv/rooms.js:12:48)\n\
            Emitted 'error' event on Socket instance at:\n    at emitErrorNT (node:x:2)\n";
        let found = found(node);
        assert_eq!(found[0], "Error [ERR_STREAM_WRITE_AFTER_END]: write after end");
        assert_eq!(
            (found.len(), &*found[2]),
            (3, "    at Socket.<anonymous> (/srv/rooms.js:12:48)")
        );
        assert_eq!(super::first("SomeError: x\nand no calls".lines()), None);
    }

    #[test]
    fn an_event_loop_announces_a_message_with_two_lines() {
        let text = "Unhandled exception in client_connected_cb\ntransport: <_Selector fd=7>\n\
            Traceback (most recent call last):\n  File \"s.py\", line 20\n\
            RuntimeError: dictionary changed size during iteration\nready\n";
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(found(text), lines[..5]);
    }

    #[test]
    fn a_client_that_has_gone_away_is_told_last() {
        let gone = "Traceback (most recent call last):\n  File \"s.py\"\nBrokenPipeError: [32]\n";
        let other = "Traceback (most recent call last):\n  File \"s.py\"\nKeyError: 'x'\n";
        assert_eq!(found(&format!("{gone}{other}"))[2], "KeyError: 'x'");
        assert_eq!(found(gone)[2], "BrokenPipeError: [32]");
    }

    #[test]
    fn a_long_message_keeps_its_ends() {
        let calls = "  File \"deep.py\"\n".repeat(500);
        let text = format!("Traceback (most recent call last):\n{calls}RecursionError: deep\n");
        let found = found(&text);
        assert_eq!(found.len(), 17);
        assert_eq!(found[4], "… 486 lines …");
        assert_eq!(found[16], "RecursionError: deep");
    }
}
