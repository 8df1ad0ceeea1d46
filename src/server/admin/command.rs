//! The commands of an operator, as lines. [common/admin-2]

use crate::bans::BanTarget;
use crate::config::units::parse_seconds;
use parlance_core::protocol::{Explanation, Name};
use std::fmt;
use std::time::Duration;

/// Maximum bytes of a line of a command. [common/admin-2]
pub(super) const COMMAND_BYTES_MAX: usize = 4096;

/// Maximum bytes of a name in a command: no dialect has longer ones.
const NAME_BYTES_MAX: usize = 64;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `clients`: every client.
    Clients,
    /// `rooms`: every room that has members.
    Rooms,
    /// `show ID|NAME`: all that is known of one client.
    Show(Whom),
    /// `kick ID|NAME [REASON]`: ends the client, which is told so.
    Kick(Whom, Option<Explanation>),
    /// `ban TARGET [for TIME] [REASON]`: keeps an address, a network or a name out, and ends the
    /// clients that are meant.
    Ban {
        /// The address, the network or the name.
        target: BanTarget,
        /// For how long; `None` is until it is removed.
        span: Option<Duration>,
        /// What they are told.
        why: Option<Explanation>,
    },
    /// `unban TARGET`: removes a ban.
    Unban(BanTarget),
    /// `bans`: every ban.
    Bans,
    /// `log [FILTER]`: shows the filter of the log, or changes it until the next reload.
    Log(Option<String>),
    /// `reload`: reads the configuration anew, as SIGHUP does, and tells what has changed.
    Reload,
    /// `drain`: lets nobody in any more, and stops when the clients have gone, as SIGUSR2 does.
    Drain,
    /// `stats`: the server as a whole.
    Stats,
    /// `help`: the commands.
    Help,
}

/// Which client is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// That of the connection with this number.
    Connection(u64),
    /// The one of this name.
    Name(Name),
}

/// Each command with its arguments and its purpose, for `help` and for errors.
pub(super) const COMMANDS: [(&str, &str, &str); 12] = [
    ("clients", "", "every client"),
    ("rooms", "", "every room that has members"),
    ("show", "ID|NAME", "all that is known of a client"),
    ("kick", "ID|NAME [REASON]", "end a client, which is told so"),
    ("ban", "TARGET [for TIME] [REASON]", "keep an address, a network or a name out"),
    ("unban", "TARGET", "remove a ban"),
    ("bans", "", "every ban"),
    ("log", "[FILTER]", "show or change the filter of the log"),
    ("reload", "", "read the configuration anew"),
    ("drain", "", "let nobody in any more, and stop when the clients have gone"),
    ("stats", "", "the server as a whole"),
    ("help", "", "these commands"),
];

impl Whom {
    /// A number of a connection, or a name; `name:` stands before a name of digits.
    ///
    /// # Errors
    /// A message for the operator, which names the text.
    ///
    /// ```
    /// use parlance_server::admin::Whom;
    ///
    /// assert_eq!(Whom::parse("7").unwrap(), Whom::Connection(7));
    /// assert_eq!(Whom::parse("name:7").unwrap().to_string(), "name:7");
    /// assert!(Whom::parse("two words").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Whom, String> {
        // As it is shown: 007 and +7 are names.
        if let Some(conn) = text.parse::<u64>().ok().filter(|conn| conn.to_string() == text) {
            return Ok(Whom::Connection(conn));
        }
        let name = Name::new(text.strip_prefix("name:").unwrap_or(text).as_bytes(), NAME_BYTES_MAX);
        name.map(Whom::Name).ok_or_else(|| {
            format!("{text:?} is neither the number of a connection nor a name: see `clients`")
        })
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Whom::Connection(conn) => conn.fmt(f),
            Whom::Name(name) => {
                let is_clear = Whom::parse(name.as_str()).is_ok_and(|read| read == *self);
                write!(f, "{}{name}", if is_clear { "" } else { "name:" })
            }
        }
    }
}

impl Command {
    /// The command of a line, which has no line end.
    ///
    /// # Errors
    /// A message for the operator, which names the word at fault and says what would be right.
    ///
    /// ```
    /// use parlance_server::admin::Command;
    ///
    /// assert_eq!(Command::parse("clients").unwrap(), Command::Clients);
    /// assert!(Command::parse("kick").unwrap_err().contains("kick ID|NAME [REASON]"));
    /// assert!(Command::parse("kcik 7").unwrap_err().contains("`kick`"));
    /// ```
    pub fn parse(line: &str) -> Result<Command, String> {
        let (word, rest) = word_and_rest(line);
        let Some((_, arguments, _)) = COMMANDS.iter().find(|(name, ..)| *name == word) else {
            return Err(unknown(word));
        };
        let usage = || format!("write `{}`", format!("{word} {arguments}").trim_end());
        let alone = |command| if rest.is_empty() { Ok(command) } else { Err(usage()) };
        let needs = |text: &str| if text.is_empty() { Err(usage()) } else { Ok(()) };
        match word {
            "clients" => alone(Command::Clients),
            "rooms" => alone(Command::Rooms),
            "bans" => alone(Command::Bans),
            "reload" => alone(Command::Reload),
            "drain" => alone(Command::Drain),
            "stats" => alone(Command::Stats),
            "log" => Ok(Command::Log(Some(rest.to_owned()).filter(|rest| !rest.is_empty()))),
            "show" => needs(rest).and_then(|()| Whom::parse(rest)).map(Command::Show),
            "kick" => {
                needs(rest)?;
                let (whom, why) = word_and_rest(rest);
                Ok(Command::Kick(Whom::parse(whom)?, explanation(why)?))
            }
            "ban" => needs(rest).and_then(|()| ban(rest)),
            "unban" => needs(rest).and_then(|()| rest.parse()).map(Command::Unban),
            _ => alone(Command::Help),
        }
    }

    /// Whether the answer has a row for each client, room or ban, whenever it is asked for: a ban
    /// ends each client once.
    pub(super) fn has_long_answer(&self) -> bool {
        matches!(self, Command::Clients | Command::Rooms | Command::Bans)
    }
}

/// The first word, and what is behind it; without the spaces around both.
fn word_and_rest(text: &str) -> (&str, &str) {
    let text = text.trim_matches(' ');
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_matches(' '))
}

fn explanation(text: &str) -> Result<Option<Explanation>, String> {
    (!text.is_empty()).then(|| Explanation::new(text)).transpose()
}

fn ban(rest: &str) -> Result<Command, String> {
    let (target, rest) = word_and_rest(rest);
    let (span, why) = match word_and_rest(rest) {
        ("for", rest) => {
            let (span, why) = word_and_rest(rest);
            let wrong = |error| format!("{span:?} is no time: {error}");
            // Two days are not two seconds, and the reason may begin with its unit.
            if span.ends_with(|letter: char| letter.is_ascii_digit()) {
                return Err(wrong(format!("write its unit too, like {span}s, {span}h or {span}d")));
            }
            let span = parse_seconds(span).map_err(wrong)?;
            if span.is_zero() {
                return Err("a ban for no time keeps nobody out".to_owned());
            }
            (Some(span), why)
        }
        _ => (None, rest),
    };
    Ok(Command::Ban { target: target.parse()?, span, why: explanation(why)? })
}

fn unknown(word: &str) -> String {
    let likeness = |name: &str| strsim::jaro(word, name);
    let nearest = COMMANDS.iter().map(|(name, ..)| *name);
    let nearest = nearest.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|name| likeness(name) > 0.7) {
        Some(name) => format!("{word:?} is no command; did you mean `{name}`?"),
        None => format!("{word:?} is no command: see `help`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Command, Whom};
    use parlance_core::protocol::Explanation;
    use std::time::Duration;

    fn why(text: &str) -> Explanation {
        Explanation::new(text).expect(text)
    }

    /// [common/admin-2]
    #[test]
    fn commands_have_arguments_with_spaces_at_their_end_alone() {
        assert_eq!(
            Command::parse("kick  7  take a break "),
            Ok(Command::Kick(Whom::Connection(7), Some(why("take a break"))))
        );
        assert_eq!(
            Command::parse("ban 192.0.2.0/24 for 2h spam, again"),
            Ok(Command::Ban {
                target: "192.0.2.0/24".parse().expect("a network"),
                span: Some(Duration::from_secs(7200)),
                why: Some(why("spam, again")),
            })
        );
        assert_eq!(
            Command::parse("ban joe"),
            Ok(Command::Ban { target: "joe".parse().expect("a name"), span: None, why: None })
        );
        assert_eq!(Command::parse("log"), Ok(Command::Log(None)));
        assert_eq!(
            Command::parse("log info,parlance::client=debug"),
            Ok(Command::Log(Some("info,parlance::client=debug".to_owned())))
        );
    }

    /// [common/admin-2]
    #[test]
    fn a_number_is_a_connection_as_it_is_shown_and_a_name_otherwise() {
        assert_eq!(Whom::parse("7"), Ok(Whom::Connection(7)));
        for text in ["name:7", "007", "+7", "-7", "joe", "name:name:x"] {
            let whom = Whom::parse(text).expect(text);
            assert!(matches!(whom, Whom::Name(_)), "{text}");
            assert_eq!(whom.to_string(), text);
        }
    }

    /// [common/admin-2]
    #[test]
    fn each_command_is_known_and_each_fault_is_named() {
        for (word, arguments, _) in COMMANDS {
            let line = if arguments.is_empty() || arguments.starts_with('[') {
                word.to_owned()
            } else {
                format!("{word} joe")
            };
            assert!(Command::parse(&line).is_ok(), "{line}");
        }
        for (line, named) in [
            ("", "\"\" is no command"),
            ("zzz", "see `help`"),
            ("clients now", "write `clients`"),
            ("show", "write `show ID|NAME`"),
            ("kick \u{e4}", "neither the number of a connection nor a name"),
            ("kick joe a\u{7}", "without '\\u{7}'"),
            ("ban joe for ever", "\"ever\" is no time"),
            ("ban joe for 0s", "keeps nobody out"),
            ("ban joe for 2 days of spam", "\"2\" is no time: write its unit too, like 2s, 2h"),
            ("ban 7 spam", "for a name write name:7"),
            ("ban 192.0.2.1/24", "192.0.2.0/24"),
            ("unban", "write `unban TARGET`"),
        ] {
            let error = Command::parse(line).expect_err(line);
            assert!(error.contains(named), "{line}: {error}");
        }
    }
}
