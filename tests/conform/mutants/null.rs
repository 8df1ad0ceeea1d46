//! Null servers fit in no conversation.

use super::conversations::conversations;
use super::foretold::foretold;
use super::play::{never, play};
use parlance_conform::mutants::Null;
use parlance_model::Dialect;
use std::net::TcpListener;
use std::time::Duration;

#[test]
fn a_null_server_is_noticed_at_once() {
    for null in Null::ALL {
        for dialect in [Dialect::Rooms, Dialect::Simple, Dialect::Login, Dialect::Channels] {
            let server = null.serve(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
            let conversation = &conversations(dialect)[0];
            let patience = Duration::from_millis(300);
            let said =
                play(conversation, &foretold(conversation), server.address(), patience, &never);
            assert!(said.is_err(), "{}: {dialect:?}", null.name());
        }
    }
}
