//! How the clients of each dialect talk, as far as a test that is about something else needs it:
//! they enter one room, each under a name of its own, and say things.

use super::Chat;
use std::net::SocketAddr;

/// Templates: `{user}`, `{text}`, `{count}` and `{present}` stand for what they name.
pub struct Wire {
    pub dialect: &'static str,
    /// What a client sends to enter.
    enter: &'static str,
    /// What it then hears.
    entered: &'static str,
    /// What `entered` has for each who is there already.
    present: &'static str,
    /// What the others hear.
    notice: &'static str,
    /// What a member sends to say something.
    say: &'static str,
    /// What is heard of it.
    said: &'static str,
    /// Whether who says it hears it too.
    echo: bool,
}

const WIRES: &[Wire] = &[
    Wire {
        dialect: "rooms",
        enter: "JOIN r {user}\n",
        entered: "{user} has joined\n",
        present: "",
        notice: "{user} has joined\n",
        say: "{text}\n",
        said: "{user}: {text}\n",
        echo: true,
    },
    Wire {
        dialect: "lobby",
        enter: "{user}\n",
        entered: "",
        present: "",
        notice: "",
        say: "{text}\n",
        said: "{user}:{text}\n",
        echo: true,
    },
    Wire {
        dialect: "simple",
        enter: "JOIN {user}\n",
        entered: "OK\n",
        present: "",
        notice: "JOINED {user}\n",
        say: "SEND {text}\n",
        said: "MSG {user} {text}\n",
        echo: false,
    },
    Wire {
        dialect: "login",
        enter: "LOGIN {user}\n",
        entered: "OK\n",
        present: "",
        notice: "",
        say: "MSG {text}\n",
        said: "MSG {user} {text}\n",
        echo: true,
    },
    Wire {
        dialect: "channels",
        enter: "USERNAME {user}\nJOIN r\n",
        entered: "OK Welcome, {user}!\r\nOK Joined r ({count} users)\r\n{present}",
        present: "JOIN r {user}\r\n",
        notice: "JOIN r {user}\r\n",
        say: "MSG {text}\n",
        said: "ROOM r {user} {text}\r\n",
        echo: true,
    },
];

impl Wire {
    pub fn of(dialect: &str) -> &'static Wire {
        let found = WIRES.iter().find(|wire| wire.dialect == dialect);
        found.unwrap_or_else(|| panic!("how do the clients of {dialect} talk?"))
    }

    /// That of every dialect there is.
    pub fn all() -> Vec<&'static Wire> {
        ["rooms", "lobby", "simple", "login", "channels"].map(Wire::of).to_vec()
    }

    /// A member of the room, where `present` are and nobody has said anything but on arrival.
    #[track_caller]
    pub fn enter(&self, address: SocketAddr, user: &str, present: &[&str]) -> Chat {
        let mut chat = Chat::connect(address);
        chat.send(self.enter.replace("{user}", user));
        let there: String =
            present.iter().map(|user| self.present.replace("{user}", user)).collect();
        let entered = self.entered.replace("{user}", user).replace("{present}", &there);
        chat.expect(entered.replace("{count}", &present.len().to_string()));
        if self.entered.is_empty() {
            self.say(&mut chat, user, "here"); // nothing else shows that it has entered
        }
        chat
    }

    /// What those who are there hear of an [`enter`](Wire::enter).
    pub fn arrival(&self, user: &str) -> String {
        let here = if self.entered.is_empty() { self.said(user, "here") } else { String::new() };
        self.notice.replace("{user}", user) + &here
    }

    /// Says `text` as the member `user`, and hears itself where that is the rule.
    #[track_caller]
    pub fn say(&self, chat: &mut Chat, user: &str, text: &str) {
        chat.send(self.say.replace("{text}", text));
        if self.echo {
            chat.expect(self.said(user, text));
        }
    }

    /// What is heard when `user` says `text`.
    pub fn said(&self, user: &str, text: &str) -> String {
        self.said.replace("{user}", user).replace("{text}", text)
    }
}
