//! The environment.
//!
//! Goal: every option can be set by a variable, and the command line has the last word. Method:
//! two options whose effect clients can see. Limits: the others go the same way through the parser.

use crate::process::{Chat, Daemon, command};

/// [common/limit-2]
#[test]
fn variables_set_options() {
    let mut command = command();
    command.env("PARLANCE_LISTEN", "rooms://127.0.0.1:0,rooms://127.0.0.2:0");
    command.env("PARLANCE_CLIENTS_MAX", "1");
    let daemon = Daemon::launch(&mut command, 2).unwrap();
    assert_eq!(daemon.addresses()[1].ip().to_string(), "127.0.0.2");
    let _only = Chat::join(daemon.addresses()[0], "r", "u");
    Chat::connect(daemon.addresses()[1]).expect("ERROR\n");
}

/// [common/limit-2]
#[test]
fn options_override_variables() {
    let mut command = command();
    command.env("PARLANCE_LISTEN", "rooms://127.0.0.2:0").env("PARLANCE_CLIENTS_MAX", "1");
    command.args(["--listen", "rooms://127.0.0.1:0", "--clients-max", "2"]);
    let daemon = Daemon::launch(&mut command, 1).unwrap();
    assert_eq!(daemon.address().ip().to_string(), "127.0.0.1");
    let _one = Chat::join(daemon.address(), "r", "u");
    let _two = Chat::join(daemon.address(), "s", "u");
    Chat::connect(daemon.address()).expect("ERROR\n");
}
