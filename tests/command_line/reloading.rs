//! SIGHUP with a configuration file.
//!
//! Goal: an operator changes what can change without losing a client, is told of each option what
//! became of it, and cannot break a server that runs by a mistake in the file. Method: the program,
//! a file that is written anew, the signal, and clients that see the effect. Limits: of limits
//! those of clients are tried; the others are set in the same call.

use crate::certificates::folder;
use crate::process::{Chat, Daemon, command};
use rustix::process::Signal;
use std::fs;
use std::path::PathBuf;

struct Configured {
    path: PathBuf,
    daemon: Daemon,
}

impl Configured {
    fn start(name: &str, text: &str) -> Configured {
        let path = folder(name).join("parlance.toml");
        fs::write(&path, text).expect("it is written");
        let mut command = command();
        command.arg("--config").arg(&path).args(["--listen", "rooms://127.0.0.1:0"]);
        let daemon = Daemon::launch(&mut command, 1).expect("it starts");
        Configured { path, daemon }
    }

    /// Loads a new text, and returns so many lines of the log.
    fn reload<const LINES: usize>(&self, text: &str) -> [String; LINES] {
        fs::write(&self.path, text).expect("it is written");
        self.daemon.signal(Signal::HUP);
        [(); LINES].map(|()| self.daemon.logged())
    }

    /// Whether one more client is let in, which stays if so.
    fn lets_in(&self, name: &str) -> Option<Chat> {
        let mut chat = Chat::connect(self.daemon.address());
        chat.send(format!("JOIN {name} {name}\n"));
        (chat.line() == format!("{name} has joined")).then_some(chat)
    }
}

fn text(clients_max: usize) -> String {
    let log = "off,parlance_server::reload=info"; // and nothing of the clients
    format!("[log]\nlog = '{log}'\n[limits]\nclients-max = {clients_max}\n")
}

/// [common/reload-1] [common/reload-2]
#[test]
fn limits_change_for_clients_to_come_and_each_change_is_logged() {
    let configured = Configured::start("limits", &text(1));
    let mut ann = configured.lets_in("ann").expect("the first");
    assert!(configured.lets_in("bob").is_none());
    let [logged] = configured.reload(&text(2));
    let named = ["changed, for clients that come", "clients-max from=1 to=2", ".toml:4"];
    assert!(named.iter().all(|part| logged.contains(part)), "{logged}");
    let _bob = configured.lets_in("bob").expect("the second");
    let [logged] = configured.reload(&text(1));
    assert!(logged.contains("clients-max"), "{logged}");
    assert!(configured.lets_in("cat").is_none());
    assert_eq!(ann.fence("ann"), Vec::<String>::new(), "nobody is thrown out");
    let [logged] = configured.reload(&text(1));
    assert!(logged.contains("nothing has changed"), "{logged}");
}

/// [common/reload-1]
#[test]
fn options_that_cannot_change_are_named_each_time_and_the_others_change() {
    let configured = Configured::start("cannot", &text(1));
    let wanted = text(2) + "[process]\nthreads = 7\n";
    let [changed, stays] = configured.reload(&wanted);
    assert!(changed.contains("INFO") && changed.contains("clients-max"), "{changed}");
    let named = ["WARN", "cannot change before the next start", "threads from= to=7"];
    assert!(named.iter().all(|part| stays.contains(part)), "{stays}");
    let [again] = configured.reload(&wanted);
    assert!(again.contains("cannot change") && again.contains("threads"), "{again}");
    let proxied = text(2) + "[network]\nproxy-protocol = ['192.0.2.0/24']\n";
    let [proxied] = configured.reload(&proxied);
    let named = ["WARN", "cannot change before the next start", "option=proxy-protocol"];
    assert!(named.iter().all(|part| proxied.contains(part)), "{proxied}");
}

/// [common/reload-1]
#[test]
fn a_file_with_a_fault_changes_nothing_and_its_fault_is_logged() {
    let configured = Configured::start("broken", &text(1));
    let _ann = configured.lets_in("ann").expect("the first");
    for (text, named) in [
        (text(2) + "client-max = 3\n", ":5: there is no key 'client-max'"),
        (text(2) + "idle-timeout = '5w'\n", ":5: invalid value '5w'"),
        (text(2) + "[tls]\ntls-key = ['x']\n", ":6: '--tls-key' without a listener of TLS"),
        (text(2) + "[", ":5: "),
    ] {
        let [logged] = configured.reload(&text);
        let name = configured.path.display();
        assert!(logged.contains("ERROR") && logged.contains("the old one stays"), "{logged}");
        assert!(logged.contains(&format!("{name}{named}")), "{logged} names {named}");
        assert!(configured.lets_in("bob").is_none());
    }
    fs::remove_file(&configured.path).expect("it is ours");
    configured.daemon.signal(Signal::HUP);
    assert!(configured.daemon.logged().contains("cannot be read"));
    let [logged] = configured.reload(&text(2));
    assert!(logged.contains("clients-max"), "{logged}");
    configured.lets_in("bob").expect("the second");
}

/// [common/reload-1]
#[test]
fn the_filter_of_the_log_changes() {
    let configured = Configured::start("filter", "[log]\nlog = 'error'\n");
    let [] = configured.reload("[log]\nlog = 'debug'\n");
    configured.daemon.line_logged(r#"option=log from="error" to="debug""#);
    let _ann = configured.lets_in("ann").expect("it is let in");
    configured.daemon.line_logged(" connected ");
}
