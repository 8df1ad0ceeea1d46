//! A server's reasons, as messages for the user.

use super::pending::Pending;
use super::sanitize::{sanitize, sanitize_name};

/// The message for an error: the server's `reason`, and the command that failed if it is known.
pub(super) fn explain(reason: &[u8], user: &str, asked: Option<&Pending>) -> String {
    let room = || match asked {
        Some(Pending::Enter(room)) => sanitize_name(room),
        _ => "that room".to_owned(),
    };
    match plain(reason).as_str() {
        "username-taken" => match asked {
            Some(Pending::Login(name)) => {
                let name = sanitize_name(name);
                format!("{name} is connected elsewhere; /ghost {name} ends that connection")
            }
            _ => format!("the name {user} is taken"),
        },
        "invalid-username" => format!("the server does not take {user} as a name"),
        "already-joined" | "already-logged-in" | "already-named" => {
            "you have a name already".to_owned()
        }
        "not-joined" | "not-logged-in" | "username-required" => "you are not logged in".to_owned(),
        "empty-message" => "an empty message is not sent".to_owned(),
        "user-not-found" => match asked {
            Some(Pending::Told { to, .. }) => format!("nobody is called {}", sanitize_name(to)),
            _ => "there is no such user".to_owned(),
        },
        "unknown-command" => "the server does not know that command".to_owned(),
        "line-too-long" => "that was too long for the server".to_owned(),
        "idle-timeout" => "the server heard nothing from you for too long".to_owned(),
        "server-full" => "the server is full".to_owned(),
        "invalid-room" => format!("the server does not take {} as a room", room()),
        "not-in-a-room" => "you are in no room: join one first".to_owned(),
        "" => match asked {
            Some(Pending::Name) => format!("the server does not take {user}, or is full"),
            _ => "the server reports an error".to_owned(),
        },
        other if other.starts_with("already-in-") => format!("you are in {} already", room()),
        _ => format!("the server says: {}", sanitize(reason)),
    }
}

/// One form of a reason: `Username taken` and `username-taken` are equal.
pub(super) fn plain(reason: &[u8]) -> String {
    let lower = sanitize(reason).to_ascii_lowercase();
    lower.replace([' ', '_'], "-")
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::pending::Pending;

    #[test]
    fn both_spellings_of_a_reason_are_understood() {
        for reason in ["username-taken", "Username taken"] {
            assert_eq!(
                explain(reason.as_bytes(), "bob", Some(&Pending::Name)),
                "the name bob is taken"
            );
        }
    }

    #[test]
    fn every_reason_of_the_dialects_has_words() {
        let reasons = [
            "username-taken",
            "invalid-username",
            "already-joined",
            "not-joined",
            "empty-message",
            "unknown-command",
            "line-too-long",
            "already-logged-in",
            "not-logged-in",
            "user-not-found",
            "idle-timeout",
            "server-full",
            "Username taken",
            "Invalid username",
            "Already named",
            "Username required",
            "Invalid room",
            "Already in #r",
            "Not in a room",
            "User not found",
            "Empty message",
            "Unknown command",
            "Line too long",
            "Server full",
            "",
        ];
        for reason in reasons {
            let words = explain(reason.as_bytes(), "bob", None);
            assert!(!words.contains("says"), "{reason}: {words}");
        }
    }

    #[test]
    fn the_failed_command_is_named() {
        let told = Pending::Told { to: b"\x1beve".into(), text: b"hi".into() };
        assert_eq!(explain(b"user-not-found", "bob", Some(&told)), r"nobody is called \x1beve");
        let enter = Pending::Enter(b"#r".into());
        assert_eq!(explain(b"Already in #r", "bob", Some(&enter)), "you are in #r already");
        assert_eq!(
            explain(b"Invalid room", "bob", Some(&enter)),
            "the server does not take #r as a room"
        );
    }

    #[test]
    fn a_reason_of_another_server_is_shown_safely() {
        assert_eq!(explain(b"no \x1b[2J", "bob", None), r"the server says: no \x1b[2J");
    }
}
