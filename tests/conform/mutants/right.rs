//! The server without a fault is right, and agrees with the product.

use super::conversations::conversations;
use super::foretold::foretold;
use super::play::{never, play, play_to};
use crate::process::Daemon;
use parlance_conform::mutants::{Handle, serve_with};
use parlance_model::{Config, Dialect};
use std::net::TcpListener;
use std::time::Duration;

const DIALECTS: [(Dialect, &str); 5] = [
    (Dialect::Rooms, "rooms"),
    (Dialect::Lobby, "lobby"),
    (Dialect::Simple, "simple"),
    (Dialect::Login, "login"),
    (Dialect::Channels, "channels"),
];

const PATIENCE: Duration = Duration::from_secs(20);

fn without_fault(dialect: Dialect, config: &Config) -> Handle {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    serve_with(dialect, None, *config, listener).unwrap()
}

#[test]
fn without_a_fault_it_behaves_as_the_model_foretells() {
    for (dialect, _) in DIALECTS {
        for conversation in conversations(dialect) {
            let server = without_fault(dialect, &conversation.config);
            play_to(&conversation, &foretold(&conversation), &server, PATIENCE)
                .unwrap_or_else(|said| panic!("{dialect:?}: {said}"));
        }
    }
}

#[test]
fn the_product_says_the_same_bytes() {
    let names: Vec<&str> = DIALECTS.iter().map(|(_, name)| *name).collect();
    for (dialect, name) in DIALECTS {
        let daemon = Daemon::serving(&names, &[]);
        for conversation in conversations(dialect) {
            if conversation.config == Config::default() {
                let address = daemon.address_of(name);
                play(&conversation, &foretold(&conversation), address, PATIENCE, &never)
                    .unwrap_or_else(|said| panic!("{dialect:?}: {said}"));
            }
        }
    }
}
