//! Every mutation can be told from the right server.

use super::conversations::conversations;
use super::foretold::foretold;
use super::play::play_to;
use super::script::Conversation;
use parlance_conform::mutants::{Mutation, mutations, serve_with};
use parlance_model::Dialect;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// After this time a line is missing, if the right server sends it in that time. If the right
/// server does not either, the machine is slow at the moment, and both get twice the time.
const PATIENCE: Duration = Duration::from_millis(800);
const PATIENCE_MAX: Duration = Duration::from_secs(20);

/// Mutations that no conversation shows. Those that need time or load are tested in `slow`; those
/// that need many clients are tested by the histories of the conformance suite.
const ELSEWHERE: [&str; 8] = [
    "answers-after-forty-milliseconds",
    "backlog-lost-in-silence",
    "backlog-without-bound",
    "every-seventh-departure-told-to-some",
    "ghost-of-a-reader-that-stopped",
    "one-line-in-fifty-lost-for-all",
    "slow-reader-blocks-all",
    "text-leaks-into-other-channels",
];

/// Number of mutations tried at a time; the threads mostly wait.
const AT_A_TIME: usize = 32;

/// The difference that shows a mutation, if any.
fn noticed(mutation: &Mutation, dialect: Dialect) -> Option<String> {
    conversations(dialect).iter().find_map(|conversation| told_apart(mutation, conversation))
}

/// The mutation's behaviour in one conversation that the right server beside it does not show.
fn told_apart(mutation: &Mutation, conversation: &Conversation) -> Option<String> {
    let foretold = foretold(conversation);
    let played = |mutation, patience| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (dialect, config) = (conversation.dialect, conversation.config);
        let server = serve_with(dialect, mutation, config, listener).unwrap();
        play_to(conversation, &foretold, &server, patience)
    };
    let mut patience = PATIENCE;
    loop {
        let said = played(Some(mutation), patience).err()?;
        if played(None, patience).is_ok() {
            return Some(said);
        }
        patience *= 2;
        assert!(patience < PATIENCE_MAX, "{}: the right server fails too", conversation.name);
    }
}

#[test]
fn every_mutation_is_noticed() {
    let all: Vec<(&Mutation, Dialect)> = mutations()
        .filter(|mutation| !ELSEWHERE.contains(&mutation.name))
        .flat_map(|mutation| mutation.dialects.iter().map(move |dialect| (mutation, *dialect)))
        .collect();
    let next = AtomicUsize::new(0);
    let unnoticed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((mutation, dialect)) = all.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    // The reset may be processed too late for a client that connects right after
                    // it.
                    let mut rounds = (0..3).map(|_| noticed(mutation, *dialect));
                    match rounds.find_map(|said| said) {
                        Some(said) => println!("{}: {dialect:?}: {said}", mutation.name),
                        None => unnoticed.lock().unwrap().push((mutation.name, dialect)),
                    }
                }
            });
        }
    });
    let unnoticed = unnoticed.into_inner().unwrap();
    assert!(unnoticed.is_empty(), "nobody can tell these from a right server: {unnoticed:#?}");
}
