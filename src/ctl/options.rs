//! The command line of `parlance ctl`.
#![allow(clippy::doc_markdown, reason = "the comments on options are the text of --help")]

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The word behind the program's name.
pub const CTL: &str = "ctl";

/// Ask and command a running server
///
/// The server must have been started with --admin PATH; the socket is there for the user that runs
/// it, and for root.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "ctl",
    bin_name = "parlance ctl",
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Options {
    /// The server's admin socket, as its --admin says
    #[arg(
        long,
        env = "PARLANCE_ADMIN",
        value_name = "PATH",
        default_value = "/run/parlance/admin.sock",
        global = true
    )]
    pub socket: PathBuf,

    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,

    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// A command to the server.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List every client: its connection's number, its name, where it is and what it has sent
    Clients,
    /// List every room that has members
    Rooms,
    /// Show all that is known of one client
    Show {
        /// The number of its connection, or its name; name:7 is the name 7
        #[arg(value_name = "ID|NAME", value_parser = parse_word)]
        whom: String,
    },
    /// End one client; it is told so, and its room hears that it has left
    Kick {
        /// The number of its connection, or its name; name:7 is the name 7
        #[arg(value_name = "ID|NAME", value_parser = parse_word)]
        whom: String,
        /// What the client is told
        #[arg(value_name = "REASON")]
        reason: Vec<String>,
    },
    /// Keep an address, a network or a name out, and end the clients that are meant
    Ban {
        /// Like 192.0.2.7, 192.0.2.0/24, 2001:db8::/32 or a name; name:7 is the name 7
        #[arg(value_name = "TARGET", value_parser = parse_word)]
        target: String,
        /// For how long, like 30m, 2h or 7d [default: until it is removed]
        #[arg(long = "for", value_name = "TIME", value_parser = parse_word)]
        span: Option<String>,
        /// What those are told who are kept out
        #[arg(value_name = "REASON")]
        reason: Vec<String>,
    },
    /// Remove a ban
    Unban {
        /// As `bans` shows it
        #[arg(value_name = "TARGET", value_parser = parse_word)]
        target: String,
    },
    /// List every ban
    Bans,
    /// Show the filter of the log, or change it until the next reload
    Log {
        /// Like info, or info,parlance::client=debug
        #[arg(value_name = "FILTER")]
        filter: Option<String>,
    },
    /// Have the server read its configuration anew, and show what has changed
    Reload,
    /// Let nobody in any more; the server stops when the clients have gone
    Drain,
    /// Show the server as a whole: whether it is ready, and the figures of each dialect
    Stats,
    /// Show who sends most
    Top(Top),
}

/// Options of `top`.
#[derive(Clone, Debug, Parser)]
pub struct Top {
    /// The time between two looks, like 2s or 500ms
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_interval)]
    pub interval: Duration,
    /// How many clients to show
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub lines: usize,
    /// How often to look [default: until Ctrl-C at a terminal, else once]
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
}

impl Options {
    /// The options that `arguments` give, the program's name first.
    ///
    /// # Errors
    /// A message for the user; also the text of `--help`.
    pub fn from_arguments(arguments: Vec<OsString>) -> Result<Options, clap::Error> {
        let arguments = arguments.into_iter();
        // A variable that is set and empty counts as not set, as for the daemon.
        let command = Options::command().mut_args(|option| {
            let value = option.get_env().and_then(std::env::var_os);
            let is_empty = value.is_some_and(|value| value.is_empty());
            if is_empty { option.env(Resettable::Reset) } else { option }
        });
        parlance_printable::arguments(command, arguments, |command, typed| {
            let mut matches = command.try_get_matches_from_mut(typed)?;
            let options = Options::from_arg_matches_mut(&mut matches)?;
            if says_a_time(&options.action) {
                let error =
                    "a reason cannot begin with 'for': write --for TIME for a ban that ends";
                return Err(command.error(ErrorKind::ValueValidation, error));
            }
            Ok(options)
        })
    }
}

impl Action {
    /// The line to the server. `top` asks for the clients.
    pub fn line(&self) -> String {
        let with = |word: &str, parts: &[&str]| {
            let parts = parts.iter().filter(|part| !part.is_empty());
            parts.fold(word.to_owned(), |line, part| line + " " + part)
        };
        match self {
            Action::Clients | Action::Top(_) => "clients".to_owned(),
            Action::Rooms => "rooms".to_owned(),
            Action::Show { whom } => with("show", &[whom]),
            Action::Kick { whom, reason } => with("kick", &[whom, &reason.join(" ")]),
            Action::Ban { target, span, reason } => {
                let reason = reason.join(" ");
                match span {
                    Some(span) => with("ban", &[target, "for", span, &reason]),
                    None => with("ban", &[target, &reason]),
                }
            }
            Action::Unban { target } => with("unban", &[target]),
            Action::Bans => "bans".to_owned(),
            Action::Log { filter } => with("log", &[filter.as_deref().unwrap_or_default()]),
            Action::Reload => "reload".to_owned(),
            Action::Drain => "drain".to_owned(),
            Action::Stats => "stats".to_owned(),
        }
    }

    /// Whether the answer is one row and not a list.
    pub(crate) fn has_one_row(&self) -> bool {
        matches!(
            self,
            Action::Show { .. }
                | Action::Kick { .. }
                | Action::Log { .. }
                | Action::Drain
                | Action::Stats
        )
    }
}

/// One word: the server would take what is behind a space for something else, like a reason.
fn parse_word(text: &str) -> Result<String, String> {
    let is_word = !text.is_empty() && !text.contains(char::is_whitespace);
    is_word.then(|| text.to_owned()).ok_or_else(|| "it is not one word".to_owned())
}

/// Whether the server would take the reason of a ban for its time.
fn says_a_time(action: &Action) -> bool {
    let Action::Ban { span: None, reason, .. } = action else { return false };
    reason.join(" ").split_whitespace().next() == Some("for")
}

/// A time with its unit, or a number of seconds; at least 100 ms.
fn parse_interval(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.trim_end_matches(char::is_alphabetic).len());
    let factor = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        _ => return Err("a time has a unit like 500ms, 2s or 1m".to_owned()),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * factor);
    match seconds.map(Duration::try_from_secs_f64) {
        Some(Ok(span)) if span >= Duration::from_millis(100) => Ok(span),
        _ => Err("a time is at least 100ms, like 500ms, 2s or 1m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Options;
    use std::ffi::OsString;
    use std::time::Duration;

    fn options(words: &str) -> Result<Options, String> {
        let words = words.split(' ').map(OsString::from);
        let arguments = std::iter::once("ctl".into()).chain(words).collect();
        Options::from_arguments(arguments).map_err(|error| error.to_string())
    }

    fn line(words: &str) -> String {
        options(words).expect(words).action.line()
    }

    #[test]
    fn a_command_line_is_a_line_to_the_server() {
        assert_eq!(line("kick 7 take a break"), "kick 7 take a break");
        assert_eq!(line("kick joe"), "kick joe");
        assert_eq!(line("ban 192.0.2.0/24 --for 2h no spam"), "ban 192.0.2.0/24 for 2h no spam");
        assert_eq!(line("ban joe"), "ban joe");
        assert_eq!(line("log"), "log");
        assert_eq!(line("log debug --json"), "log debug");
        assert_eq!(line("top"), "clients");
    }

    /// What the server reads is what was typed: no reason becomes a part of the one that is meant,
    /// or the time of a ban.
    #[test]
    fn an_argument_is_not_read_as_several() {
        let parse = |words: &[&str]| {
            let words = ["ctl"].iter().chain(words).map(OsString::from).collect();
            Options::from_arguments(words).map_err(|error| error.to_string())
        };
        for words in [
            &["kick", "joe smith"][..],
            &["show", "joe "],
            &["kick", ""],
            &["ban", "joe smith"],
            &["unban", "192.0.2.7 x"],
            &["ban", "joe", "--for", "2h spam"],
        ] {
            assert!(parse(words).unwrap_err().contains("not one word"), "{words:?}");
        }
        for words in [&["ban", "joe", "for", "2", "days"][..], &["ban", "joe", " for ever"]] {
            assert!(parse(words).unwrap_err().contains("--for TIME"), "{words:?}");
        }
        assert_eq!(line("ban joe --for 2h for spam"), "ban joe for 2h for spam");
        assert_eq!(line("kick joe for spam"), "kick joe for spam");
    }

    #[test]
    fn a_wrong_word_or_time_is_named() {
        assert!(options("kcik 7").unwrap_err().contains("kcik"));
        assert!(options("top --interval 1x").unwrap_err().contains("1x"));
        assert!(options("top --interval 10ms").unwrap_err().contains("100ms"));
        assert!(options("top --interval nan").is_err());
        let top = options("top --interval 1.5").expect("a number of seconds").action;
        let super::Action::Top(top) = top else { panic!("it is `top`") };
        assert_eq!(top.interval, Duration::from_millis(1500));
    }
}
