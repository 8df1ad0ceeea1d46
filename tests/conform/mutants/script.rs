//! Conversations as data.

use parlance_model::{Config, Dialect};
use std::time::Duration;

/// The actions of clients, one after the other; each action waits until all its consequences have
/// arrived. At the end the remaining clients close their sending halves, one by one.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) name: &'static str,
    pub(super) dialect: Dialect,
    pub(super) steps: Vec<(usize, Step)>,
    pub(super) config: Config,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Connect,
    /// In one write.
    Send(Vec<u8>),
    /// The client closes its sending half.
    Finish,
    /// The client resets its connection.
    Reset,
    /// This much time passes: the server's clock is advanced.
    Time(Duration),
}

/// A conversation made of lines such as `0: JOIN r a\n`; `0 resets`, `0 finishes`, `0 waits 100`.
/// Clients connect when they are first named. A backslash escapes as in Rust; `{n}c` in a line is
/// the character c, n times. In simple, where messages are not answered, each line is followed by
/// one that is, so that the next action comes after it.
pub(super) fn conversation(name: &'static str, dialect: Dialect, script: &str) -> Conversation {
    let mut steps = Vec::new();
    let mut connected = Vec::new();
    for line in script.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        let (who, what) = line.split_at(line.find([':', ' ']).expect("someone does something"));
        let who: usize = who.parse().expect("a number");
        if !connected.contains(&who) {
            connected.push(who);
            assert_eq!(who + 1, connected.len(), "clients are numbered as they come");
            steps.push((who, Step::Connect));
        }
        match what.strip_prefix(": ") {
            Some(bytes) => {
                let bytes = unescaped(bytes);
                let fence = dialect == Dialect::Simple && bytes.ends_with(b"\n");
                steps.push((who, Step::Send(bytes)));
                if fence {
                    steps.push((who, Step::Send(b"?\n".to_vec())));
                }
            }
            None => steps.extend(action(what.trim()).map(|step| (who, step))),
        }
    }
    Conversation { name, dialect, steps, config: Config::default() }
}

fn action(words: &str) -> Option<Step> {
    match words.split_once(' ').unwrap_or((words, "")) {
        ("comes", _) => None,
        ("finishes", _) => Some(Step::Finish),
        ("resets", _) => Some(Step::Reset),
        ("waits", time) => Some(Step::Time(Duration::from_secs(time.parse().unwrap()))),
        _ => panic!("{words:?}"),
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        if first == '\\' {
            length = 2;
            match &rest[1..2] {
                "n" => bytes.push(b'\n'),
                "r" => bytes.push(b'\r'),
                "t" => bytes.push(b'\t'),
                "0" => bytes.push(0),
                "s" => bytes.push(b' '),
                "x" => {
                    bytes.push(u8::from_str_radix(&rest[2..4], 16).unwrap());
                    length = 4;
                }
                other => panic!("\\{other}"),
            }
        } else if first == '{' {
            let (number, after) = rest[1..].split_once('}').expect("it ends");
            bytes.extend(vec![after.as_bytes()[0]; number.parse().unwrap()]);
            length = number.len() + 3;
        } else {
            bytes.extend_from_slice(&rest.as_bytes()[..length]);
        }
        rest = &rest[length..];
    }
    bytes
}
