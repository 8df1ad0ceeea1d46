//! Runs of module Names that no server could have had, and one that it could.

use crate::acceptor::names::lines::{Shown, shown};
use crate::acceptor::names::relation::Line;
use crate::acceptor::names::trace::{Part, Run, What, accept};
use crate::acceptor::search::Rejected;

type Forge = fn(&mut Run);

fn part(did: &[(What, usize)], received: &[&str]) -> Part {
    let text: String = received.iter().map(|line| [line, "\r\n"].concat()).collect();
    let received = shown(&text).expect("the test writes lines");
    Part { did: did.to_vec(), received, whole: true }
}

/// It is called p, says three messages, tells q something, and quits. (The n-th message of the n-th
/// client has the text a1 and so on.)
fn first() -> Part {
    let mut did = vec![(What::Name(0), 0), (What::Join(0), 1), (What::Say, 2), (What::Say, 2)];
    did.extend([(What::Say, 2), (What::Tell(1), 7), (What::Quit, 9)]);
    let heard = [
        "OK Welcome, p!",
        "OK Joined x (0 users)",
        "ROOM x p a1",
        "ROOM x p a2",
        "ROOM x p a3",
        "JOIN x q",
        "ROOM x q b1",
        "OK Sent",
        "LEAVE x q",
        "OK Goodbye!",
    ];
    part(&did, &heard)
}

/// It may not be called p, is shown two messages of x, moves to y, and leaves that.
fn second() -> Part {
    let mut did = vec![(What::Name(0), 0), (What::Name(1), 1), (What::Join(0), 2), (What::Say, 6)];
    did.extend([
        (What::Tell(2), 7),
        (What::Join(1), 9),
        (What::Leave, 11),
        (What::EndOfStream, 12),
    ]);
    let heard = [
        "ERROR Username taken",
        "OK Welcome, q!",
        "OK Joined x (1 users)",
        "JOIN x p",
        "ROOM x p a2",
        "ROOM x p a3",
        "ROOM x q b1",
        "PRIVMSG p a1",
        "ERROR User not found",
        "OK Joined y (0 users)",
        "JOIN y p",
        "OK Left y",
    ];
    part(&did, &heard)
}

/// It gets the name of the first one, joins the second one in y, tells itself something, and finds
/// x empty.
fn third() -> Part {
    let mut did = vec![(What::Name(0), 0), (What::Join(1), 1), (What::Tell(0), 3)];
    did.extend([(What::Join(0), 6), (What::Quit, 7)]);
    let heard = [
        "OK Welcome, p!",
        "OK Joined y (1 users)",
        "JOIN y q",
        "PRIVMSG p c1",
        "OK Sent",
        "LEAVE y q",
        "OK Joined x (0 users)",
        "OK Goodbye!",
    ];
    part(&did, &heard)
}

fn true_run() -> Run {
    Run { names: 3, rooms: 2, kept: 2, parts: vec![first(), second(), third()] }
}

/// The place of `line` among what client `id` received.
fn place(run: &Run, id: usize, line: &str) -> usize {
    let line = shown(&format!("{line}\r\n")).expect("a line")[0];
    run.parts[id].received.iter().position(|heard| *heard == line).expect("it heard that")
}

fn remove(run: &mut Run, id: usize, line: &str) {
    let at = place(run, id, line);
    run.parts[id].received.remove(at);
}

fn insert(run: &mut Run, id: usize, before: &str, line: &str) {
    let at = place(run, id, before);
    run.parts[id].received.insert(at, shown(&format!("{line}\r\n")).expect("a line")[0]);
}

fn replace(run: &mut Run, id: usize, line: &str, other: &str) {
    insert(run, id, line, other);
    remove(run, id, line);
}

fn swap(run: &mut Run, id: usize, line: &str, other: &str) {
    let (one, two) = (place(run, id, line), place(run, id, other));
    run.parts[id].received.swap(one, two);
}

fn all_rejected(forgeries: &[(&str, Forge)]) {
    for (name, forge) in forgeries {
        let mut run = true_run();
        forge(&mut run);
        let verdict = accept(&run);
        assert!(matches!(verdict, Err(Rejected::Never { .. })), "{name}: {verdict:?}");
    }
}

/// [channels/name-1] [channels/join-4] [channels/move-2] [channels/tell-5] [channels/history-1]
/// [channels/history-4] [common/unique-2]
#[test]
fn a_correct_run_with_names_is_accepted() {
    accept(&true_run()).unwrap();
}

/// [common/order-1] [common/order-3] [channels/msg-1] [channels/room-1]
#[test]
fn forged_messages_are_rejected() {
    all_rejected(&[
        ("a message is missing", |run| remove(run, 1, "ROOM x q b1")),
        ("a message comes twice", |run| insert(run, 0, "JOIN x q", "ROOM x p a3")),
        ("two are swapped", |run| swap(run, 0, "ROOM x p a1", "ROOM x p a2")),
        ("it was said under another name", |run| {
            replace(run, 1, "ROOM x q b1", "ROOM x p b1");
        }),
        ("it was said in the other room", |run| replace(run, 1, "ROOM x q b1", "ROOM y q b1")),
        ("nobody said it", |run| replace(run, 0, "ROOM x q b1", "ROOM x q b2")),
        ("it reaches a client in another room", |run| {
            insert(run, 1, "OK Left y", "ROOM x p a3");
        }),
        ("an answer before the question", |run| run.parts[0].did[2].1 = 3),
    ]);
}

/// [common/unique-1] [common/unique-2] [channels/name-4] [common/eos-6] [channels/leave-2]
/// [channels/quit-1]
#[test]
fn forged_names_and_departures_are_rejected() {
    all_rejected(&[
        ("a name is held by two", |run| {
            // The first one sees a second p come.
            for part in &mut run.parts {
                part.did.iter_mut().filter(|(what, _)| *what == What::Name(1)).for_each(|did| {
                    did.0 = What::Name(0);
                });
            }
            replace(run, 1, "OK Welcome, q!", "OK Welcome, p!");
            replace(run, 0, "JOIN x q", "JOIN x p");
        }),
        ("a taken name is given", |run| {
            run.parts[1].did.remove(1);
            remove(run, 1, "OK Welcome, q!");
            replace(run, 1, "ERROR Username taken", "OK Welcome, p!");
        }),
        ("a name that nobody has is refused", |run| {
            run.parts[2] = part(
                &[(What::Name(2), 0), (What::Quit, 1)],
                &["ERROR Username taken", "OK Goodbye!"],
            );
        }),
        ("a farewell before the question", |run| run.parts[0].did[6].1 = 10),
        ("a departure is missing", |run| remove(run, 2, "LEAVE y q")),
        ("a move without a departure", |run| remove(run, 0, "LEAVE x q")),
        ("a departure is told twice", |run| insert(run, 0, "OK Goodbye!", "LEAVE x q")),
        ("a departure that was none", |run| insert(run, 1, "OK Left y", "LEAVE y p")),
        ("a farewell is not the last", |run| swap(run, 0, "LEAVE x q", "OK Goodbye!")),
        ("a farewell to a client that did not quit", |run| {
            let farewell = run.parts[0].received[9];
            run.parts[1].received.push(farewell);
        }),
    ]);
}

/// [common/tell-1] [common/tell-3] [channels/tell-2] [channels/tell-3] [channels/tell-5]
#[test]
fn forged_private_messages_are_rejected() {
    all_rejected(&[
        ("a receipt for what was not delivered", |run| remove(run, 1, "PRIVMSG p a1")),
        ("what was delivered has no receipt", |run| {
            replace(run, 0, "OK Sent", "ERROR User not found");
        }),
        ("a receipt where nobody has the name", |run| {
            replace(run, 1, "ERROR User not found", "OK Sent");
        }),
        ("a receipt too much", |run| insert(run, 0, "LEAVE x q", "OK Sent")),
        ("it reaches another", |run| {
            remove(run, 1, "PRIVMSG p a1");
            insert(run, 2, "LEAVE y q", "PRIVMSG p a1");
        }),
        ("it reaches another as well", |run| insert(run, 2, "LEAVE y q", "PRIVMSG p a1")),
        ("it comes twice", |run| insert(run, 1, "ERROR User not found", "PRIVMSG p a1")),
        ("the receipt comes first", |run| swap(run, 2, "PRIVMSG p c1", "OK Sent")),
    ]);
}

/// [channels/join-1] [channels/join-4] [channels/join-5] [channels/join-6] [channels/history-1]
/// [channels/history-2] [channels/history-4] [channels/move-2]
#[test]
fn forged_scenes_are_rejected() {
    all_rejected(&[
        ("the history lacks the last", |run| remove(run, 1, "ROOM x p a3")),
        ("the history has one too many", |run| insert(run, 1, "ROOM x p a2", "ROOM x p a1")),
        ("the history has the first", |run| {
            replace(run, 1, "ROOM x p a3", "ROOM x p a1");
            swap(run, 1, "ROOM x p a1", "ROOM x p a2");
        }),
        ("the history is in another order", |run| swap(run, 1, "ROOM x p a2", "ROOM x p a3")),
        ("the history of a room that was gone", |run| {
            insert(run, 2, "OK Goodbye!", "ROOM x p a3");
        }),
        ("the history of the other room", |run| insert(run, 2, "PRIVMSG p c1", "ROOM x p a3")),
        ("the present members are not shown", |run| remove(run, 1, "JOIN x p")),
        ("the present members are not counted", |run| {
            replace(run, 1, "OK Joined x (1 users)", "OK Joined x (0 users)");
        }),
        ("the joiner hears of itself", |run| insert(run, 1, "ROOM x q b1", "JOIN x q")),
        ("a move is answered as a departure", |run| {
            insert(run, 1, "OK Joined y (0 users)", "OK Left x");
        }),
        ("something of the old room after a move", |run| {
            insert(run, 1, "OK Left y", "LEAVE x p");
        }),
        ("a line that is none of its own", |run| {
            let line = Line { who: 2, n: 1 };
            run.parts[2].received.insert(1, Shown::Message { room: 0, name: 0, line });
        }),
    ]);
}
