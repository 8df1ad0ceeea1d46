//! Runs of module Rooms that no server could have had, and one that it could.

use crate::acceptor::rooms::relation::Kind;
use crate::acceptor::rooms::trace::{Part, Run, What, accept, events};
use crate::acceptor::search::Rejected;

type Forge = fn(&mut Run);

fn part(room: usize, did: &[(What, usize)], received: &str, whole: bool) -> Part {
    let received = events(received, room).expect("the test writes events");
    Part { room, did: did.to_vec(), received, whole }
}

/// `a` and `b` talk, `b` makes a mistake and goes; `c` is alone in another room, and stalls.
fn true_run() -> Run {
    let a = [(What::Join, 0), (What::Say, 1), (What::Say, 3), (What::EndOfStream, 6)];
    let b = [(What::Join, 0), (What::Say, 1), (What::Fail, 3)];
    let c = [(What::Join, 0), (What::Say, 1), (What::Say, 1)];
    let heard_by_a = "a has joined\na: 1\nb has joined\nb: 1\na: 2\nb has left\n";
    let parts = vec![
        part(0, &a, heard_by_a, true),
        part(0, &b, "b has joined\nb: 1\na: 2\nERROR\n", true),
        part(1, &c, "c has joined\nc: 1\n", false),
    ];
    Run { rooms: 2, parts, shutdown: false }
}

#[test]
fn a_correct_run_is_accepted() {
    accept(&true_run()).unwrap();
}

/// [common/order-1] [common/order-2] [common/eos-3] [common/eos-6] [rooms/error-3] [rooms/room-1]
#[test]
fn forged_runs_are_rejected() {
    let forgeries: [(&str, Forge); 14] = [
        ("an event is missing", |run| _ = run.parts[0].received.remove(3)),
        ("an event comes twice", |run| {
            let twice = run.parts[1].received[1];
            run.parts[1].received.insert(1, twice);
        }),
        ("two hear another order", |run| run.parts[1].received.swap(1, 2)),
        ("the last event is missing", |run| _ = run.parts[0].received.pop()),
        ("its own join is not its first", |run| run.parts[1].received.swap(0, 1)),
        ("a joiner hears what was before", |run| {
            let before = run.parts[0].received[1];
            run.parts[1].received.insert(0, before);
        }),
        ("a departure without an end", |run| _ = run.parts[1].did.pop()),
        ("it hears of its own departure", |run| {
            let left = run.parts[0].received[5];
            run.parts[1].received.insert(3, left);
        }),
        ("an error that nothing caused", |run| {
            let error = run.parts[1].received[3];
            run.parts[0].received.push(error);
        }),
        ("an error before the rest", |run| run.parts[1].received.swap(2, 3)),
        ("a line of the other room", |run| {
            let said = run.parts[2].received[1];
            run.parts[0].received.push(said);
        }),
        ("a line that nobody said", |run| run.parts[2].received[1].n = 7),
        ("an answer before the question", |run| run.parts[0].did[1].1 = 5),
        ("a departure told as a join", |run| run.parts[0].received[5].kind = Kind::Join),
    ];
    for (name, forge) in forgeries {
        let mut run = true_run();
        forge(&mut run);
        let verdict = accept(&run);
        assert!(matches!(verdict, Err(Rejected::Never { .. })), "{name}: {verdict:?}");
    }
}
