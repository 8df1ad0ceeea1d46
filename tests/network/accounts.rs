//! Names that have accounts, whose passwords are checked when a scenario says so.

use super::bureau::Bureau;
use super::house::{House, LOOPBACK};
use super::log::events_in;
use super::observing::of;
use super::shelf::wall_of;
use super::wire::Client;
use parlance_core::limits::{HELD_INTERVAL, INQUIRIES_MAX, Limits};
use parlance_core::protocol::CloseReason;
use parlance_core::registry::{Asked, CallContext, Census, Effort, Verdict};
use parlance_server::accounts::{Hasher, Judge, WORKERS, work};
use parlance_server::{AccountRules, Kept};
use parlance_store::sqlite::Database;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;
use tracing::Level;

/// Accounts are optional, and clients can make them.
const OPEN: AccountRules =
    AccountRules { required: false, registration: true, takes_insecure_passwords: false };

fn house(rules: AccountRules) -> House {
    let kept = Kept { archive: None, accounts: Some(rules) };
    House::with_accounts(1, Limits::default(), kept, true)
}

/// A house where ann has an account, and is gone.
fn house_of_ann() -> (House, Bureau) {
    let (mut house, bureau) = (house(OPEN), Bureau::new());
    let ann = house.connect();
    assert_eq!(told(&mut house, &bureau, &ann, "/register ann ann-has-it"), "OK Welcome, ann!\r\n");
    ann.half_close();
    house.settle();
    (house, bureau)
}

/// What `client` is told when it sends a line and everything was judged.
fn told(house: &mut House, bureau: &Bureau, client: &Client, line: &str) -> String {
    house.send(client, &format!("{line}\r\n"));
    bureau.judge_all(house);
    client.heard()
}

/// [extensions/account-1]
#[test]
fn a_name_with_an_account_is_not_taken_by_username_and_others_are() {
    let (mut house, bureau) = house_of_ann();
    let [ann, bob] = [house.connect(), house.connect()];
    assert_eq!(told(&mut house, &bureau, &ann, "USERNAME ann"), "ERROR Password required\r\n");
    assert_eq!(told(&mut house, &bureau, &ann, "USERNAME Ann"), "OK Welcome, Ann!\r\n");
    assert_eq!(told(&mut house, &bureau, &bob, "USERNAME bob"), "OK Welcome, bob!\r\n");
    assert_eq!(told(&mut house, &bureau, &bob, "/register bobs-word"), "OK Registered bob\r\n");
}

/// [extensions/account-1]
#[test]
fn where_accounts_are_required_nobody_has_a_name_without_one() {
    let (mut house, bureau) = (house(AccountRules { required: true, ..OPEN }), Bureau::new());
    let ann = house.connect();
    assert_eq!(told(&mut house, &bureau, &ann, "USERNAME ann"), "ERROR Password required\r\n");
    let welcome = "OK Welcome, ann!\r\n";
    assert_eq!(told(&mut house, &bureau, &ann, "/register ann ann-has-it"), welcome);
    assert_eq!(told(&mut house, &bureau, &ann, "/logout"), "OK Logged out\r\n");
    assert_eq!(told(&mut house, &bureau, &ann, "/login ann ann-has-it"), welcome);
}

/// Hashes are counted, as they are what takes time. [extensions/account-2]
#[test]
fn a_login_to_an_unknown_name_is_the_same_work_as_one_with_a_wrong_password() {
    let (mut house, bureau) = house_of_ann();
    let eve = house.connect();
    let mut work = |line| {
        let before = bureau.hashes();
        let heard = told(&mut house, &bureau, &eve, line);
        (heard, bureau.hashes() - before)
    };
    let wrong = ("ERROR Wrong name or password\r\n".to_owned(), 1);
    assert_eq!(work("/login ann not-hers-"), wrong);
    assert_eq!(work("/login bob not-hers-"), wrong);
    assert_eq!(work("/login ann ann-has-it"), ("OK Welcome, ann!\r\n".to_owned(), 1));
}

/// [extensions/account-3]
#[test]
fn the_owner_of_a_name_ends_the_connection_that_has_it() {
    let (mut house, bureau) = house_of_ann();
    let [old, bob, new] = [house.connect(), house.connect(), house.connect()];
    told(&mut house, &bureau, &old, "/login ann ann-has-it\r\nJOIN #den");
    told(&mut house, &bureau, &bob, "USERNAME bob\r\nJOIN #den");
    assert_eq!(old.heard(), "JOIN #den bob\r\n");
    assert_eq!(told(&mut house, &bureau, &new, "/ghost ann"), "ERROR Password required\r\n");
    let taken = "ERROR Username taken\r\n";
    assert_eq!(told(&mut house, &bureau, &new, "/login ann ann-has-it"), taken);
    assert_eq!(told(&mut house, &bureau, &new, "/ghost bob"), "ERROR Password required\r\n");
    assert_eq!(told(&mut house, &bureau, &new, "/ghost ann"), "OK Welcome, ann!\r\n");
    assert_eq!(old.heard(), "ERROR Logged in elsewhere\r\n");
    assert_eq!(bob.heard(), "LEAVE #den ann\r\n");
    assert_eq!(told(&mut house, &bureau, &bob, "PRIVMSG ann hi"), "OK Sent\r\n");
    assert_eq!(new.heard(), "PRIVMSG bob hi\r\n");
    house.pass(Duration::from_secs(10));
    assert!(old.is_closed());
    assert!(house.endings().contains(&(CloseReason::Ghosted, 1)));
}

/// The old connection may end by itself before, or at the same moment. [extensions/account-3]
#[test]
fn a_ghost_that_has_departed_is_no_obstacle() {
    for ends in [|old: &Client| old.half_close(), |old: &Client| old.reset(true)] {
        let (mut house, bureau) = house_of_ann();
        let [old, new] = [house.connect(), house.connect()];
        told(&mut house, &bureau, &old, "/login ann ann-has-it\r\nJOIN #den");
        told(&mut house, &bureau, &new, "/login ann ann-has-it");
        new.heard();
        ends(&old);
        new.post(b"/ghost ann\r\n");
        house.settle();
        assert_eq!(new.heard(), "OK Welcome, ann!\r\n");
        new.half_close();
        house.pass(Duration::from_secs(10));
        assert_eq!(house.service.registry().census(), Census::default());
    }
}

/// Both passwords are right. [extensions/account-2] [extensions/account-3]
#[test]
fn of_two_logins_at_once_one_has_the_name() {
    let (mut house, bureau) = house_of_ann();
    let clients = [house.connect(), house.connect()];
    for client in &clients {
        client.post(b"/login ann ann-has-it\r\n");
    }
    house.settle();
    bureau.judge_all(&house);
    let mut heard = clients.each_ref().map(|client| client.heard());
    heard.sort();
    assert_eq!(heard, ["ERROR Username taken\r\n", "OK Welcome, ann!\r\n"]);
}

/// [extensions/account-4] [extensions/account-5]
#[test]
fn a_password_is_changed_by_whoever_knows_the_old_one_and_has_logged_in() {
    let (mut house, bureau) = house_of_ann();
    let [ann, bob] = [house.connect(), house.connect()];
    let mut tell = |client: &Client, line: &str| told(&mut house, &bureau, client, line);
    tell(&ann, "/login ann ann-has-it\r\nJOIN #den");
    tell(&bob, "USERNAME bob\r\nJOIN #den");
    ann.heard();
    assert_eq!(tell(&bob, "/password ann-has-it bob-has-it"), "ERROR Not logged in\r\n");
    assert_eq!(tell(&bob, "/logout"), "ERROR Not logged in\r\n");
    let wrong = "ERROR Wrong name or password\r\n";
    assert_eq!(tell(&ann, "/password not-hers- new-word-"), wrong);
    assert_eq!(tell(&ann, "/password ann-has-it new-word-"), "OK Password changed\r\n");
    assert_eq!(tell(&ann, "/register new-word-"), "ERROR Account exists\r\n");
    assert_eq!(tell(&ann, "/logout"), "OK Logged out\r\n");
    assert_eq!(bob.heard(), "LEAVE #den ann\r\n");
    assert_eq!(tell(&ann, "hi"), "ERROR Username required\r\n");
    assert_eq!(tell(&ann, "/login ann ann-has-it"), wrong);
    assert_eq!(tell(&ann, "/login ann new-word-"), "OK Welcome, ann!\r\n");
    assert_eq!(tell(&ann, "/password new-word- short"), {
        "ERROR Password must have 8 to 128 bytes and no spaces\r\n"
    });
}

/// It had a name in time. [extensions/account-5] [common/limit-1]
#[test]
fn a_client_that_has_logged_out_may_be_silent() {
    let (mut house, bureau) = (house(OPEN), Bureau::new());
    let ann = house.connect();
    told(&mut house, &bureau, &ann, "/register ann ann-has-it");
    assert_eq!(told(&mut house, &bureau, &ann, "/logout"), "OK Logged out\r\n");
    house.pass(Duration::from_secs(3_600));
    assert_eq!(told(&mut house, &bureau, &ann, "USERNAME bob"), "OK Welcome, bob!\r\n");
}

/// [extensions/account-6]
#[test]
fn passwords_are_refused_where_others_can_read_them() {
    let insecure = AccountRules { takes_insecure_passwords: true, ..OPEN };
    for (rules, expected) in
        [(OPEN, "ERROR Passwords need TLS\r\n"), (insecure, "OK Welcome, ann!\r\n")]
    {
        let kept = Kept { archive: None, accounts: Some(rules) };
        let mut house = House::with_accounts(1, Limits::default(), kept, false);
        let (ann, bureau) = (house.connect(), Bureau::new());
        assert_eq!(told(&mut house, &bureau, &ann, "/register ann ann-has-it"), expected);
    }
}

/// Neither password nor name is in the log, nor in what others are sent. [extensions/account-7]
#[test]
fn the_log_tells_of_logins_without_what_was_typed() {
    let (mut house, bureau) = house_of_ann();
    let events = events_in(Level::TRACE, || {
        let bob = house.connect();
        told(&mut house, &bureau, &bob, "USERNAME bob\r\nJOIN #den");
        let ann = house.connect();
        told(&mut house, &bureau, &ann, "/login hunter22 ann-has-it");
        told(&mut house, &bureau, &ann, "/login ann ann-has-it\r\nJOIN #den");
        told(&mut house, &bureau, &ann, "/password ann-has-it new-word-\r\n/password new-word-");
        told(&mut house, &bureau, &ann, "/login ann new-word-\r\n/logout");
        assert_eq!(bob.heard(), "JOIN #den ann\r\nLEAVE #den ann\r\n");
        house.send(&ann, "/login hunter22 ann-has-it\r\n");
        ann.reset(true);
        house.pass(HELD_INTERVAL);
    });
    for kind in ["logged in", "login failed", "password changed", "logged out"] {
        assert_eq!(of(&events, kind).len(), 1, "{kind}: {events:#?}");
    }
    assert!(of(&events, "login failed")[0].contains("fault=\"wrong_password\""), "{events:#?}");
    for secret in ["hunter22", "ann-has-it", "new-word-"] {
        assert!(!events.concat().contains(secret), "{secret}: {events:#?}");
    }
}

/// [extensions/account-8]
#[test]
fn passwords_are_not_tried_at_any_rate_but_from_loopback() {
    let (mut house, bureau) = house_of_ann();
    let [far, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|at| at.parse().expect("one"));
    let mut answers = |address, lines: &[&str]| {
        let client = house.knock(address);
        house.settle();
        lines.iter().map(|line| told(&mut house, &bureau, &client, line)).collect::<Vec<_>>()
    };
    let (wrong, late) =
        ("ERROR Wrong name or password\r\n", "ERROR Too many attempts, try again later\r\n");
    let tries = ["/login ann not-hers-"; 6];
    assert_eq!(answers(far, &tries), [wrong, wrong, wrong, wrong, wrong, late]);
    assert_eq!(answers(far, &["/login ann ann-has-it"]), [late], "a new connection is no other");
    assert_eq!(answers(other, &["/login ann ann-has-it"]), ["OK Welcome, ann!\r\n"]);
    assert_eq!(answers(LOOPBACK, &tries), [wrong; 6]);
}

/// [extensions/account-9]
#[test]
fn nobody_waits_for_a_hash_but_its_client_and_a_crowd_of_them_is_refused() {
    let (mut house, bureau) = house_of_ann();
    let bob = house.connect();
    told(&mut house, &bureau, &bob, "USERNAME bob\r\nJOIN #den");
    let clients: Vec<Client> = (0..=INQUIRIES_MAX).map(|_| house.connect()).collect();
    for client in &clients {
        house.send(client, "/login ann not-hers-\r\n");
    }
    house.send(&bob, "hi\r\n");
    assert_eq!(bob.heard(), "ROOM #den bob hi\r\n");
    let late = clients.iter().filter(|client| client.heard() == "ERROR Busy, try again later\r\n");
    assert_eq!(late.count(), 1);
    clients[0].reset(true);
    house.pass(HELD_INTERVAL);
    let before = bureau.hashes();
    bureau.judge_all(&house);
    assert_eq!(bureau.hashes() - before, INQUIRIES_MAX - 1, "not for one that is gone");
    assert_eq!(clients[1].heard(), "ERROR Wrong name or password\r\n");
}

/// A crowd that knows the document alone. [extensions/frame-1] [extensions/account-9]
#[test]
fn a_crowd_of_names_is_looked_up_however_many_there_are() {
    let (mut house, bureau) = (house(OPEN), Bureau::new());
    let clients: Vec<Client> = (0..INQUIRIES_MAX + 50).map(|_| house.connect()).collect();
    for (number, client) in clients.iter().enumerate() {
        house.send(client, &format!("USERNAME n{number}\r\n"));
    }
    bureau.judge_all(&house);
    for (number, client) in clients.iter().enumerate() {
        assert_eq!(client.heard(), format!("OK Welcome, n{number}!\r\n"));
    }
}

/// How many hashes are being made, and whether they may end.
#[derive(Default)]
struct Gate {
    state: Mutex<(usize, usize, bool)>,
    changed: Condvar,
}

impl Gate {
    /// Waits until `count` hashes have begun and not ended.
    fn wait_for(&self, count: usize) {
        let state = self.state.lock().expect("no hash panics");
        drop(self.changed.wait_while(state, |(running, ..)| *running < count));
    }

    fn open(&self) {
        self.state.lock().expect("no hash panics").2 = true;
        self.changed.notify_all();
    }
}

/// Makes a hash once the gate is open.
struct Gated(Arc<Gate>);

impl Hasher for Gated {
    fn hash(&self, _: &[u8]) -> Result<String, String> {
        Err("nobody registers here".to_owned())
    }

    fn verify(&self, _: &[u8], _: Option<&str>) -> bool {
        let mut state = self.0.state.lock().expect("no hash panics");
        state.0 += 1;
        state.1 = state.1.max(state.0);
        self.0.changed.notify_all();
        let opened = self.0.changed.wait_while(state, |(.., is_open)| !*is_open);
        opened.expect("no hash panics").0 -= 1;
        false
    }
}

/// On real threads: while two hashes are made, a look into the store is not kept waiting.
/// [extensions/account-9]
#[test]
fn two_passwords_are_hashed_at_a_time_and_a_name_is_looked_up_beside_them() {
    let mut house = house(OPEN);
    let clients: Vec<Client> = (0..5).map(|_| house.connect()).collect();
    for client in &clients {
        house.send(client, "/login ann not-hers-\r\n");
    }
    let bob = house.connect();
    house.send(&bob, "USERNAME bob\r\n");
    let gate = Arc::<Gate>::default();
    let database = Database::in_memory().expect("there is memory");
    let judge = Arc::new(Judge::new(Box::new(database), Box::new(Gated(Arc::clone(&gate)))));
    let workers = WORKERS.map(|effort| {
        let worker = work(Arc::clone(&house.service), Arc::clone(&judge), effort);
        Box::pin(worker) as Pin<Box<dyn Future<Output = ()>>>
    });
    let mut workers = workers;
    let mut work_until = |is_done: &dyn Fn() -> bool| {
        smol::block_on(poll_fn(|cx| {
            for worker in &mut workers {
                assert!(worker.as_mut().poll(cx).is_pending(), "they never end");
            }
            house.settle();
            if is_done() { Poll::Ready(()) } else { Poll::Pending }
        }));
    };
    let welcome = std::cell::RefCell::new(String::new());
    work_until(&|| {
        welcome.borrow_mut().push_str(&bob.heard());
        !welcome.borrow().is_empty()
    });
    assert_eq!(*welcome.borrow(), "OK Welcome, bob!\r\n");
    gate.wait_for(2);
    let registry = house.service.registry();
    let next = || registry.next_inquiry(Effort::Hash, Waker::noop());
    let rest: Vec<Asked> = std::iter::from_fn(next).collect();
    assert_eq!(rest.len(), 3, "no third one was begun");
    let mut call = CallContext::new(wall_of(&house).now, Waker::noop());
    for asked in &rest {
        registry.judged(asked.ticket, Verdict::No, &mut call);
    }
    drop(call);
    gate.open();
    let answers = std::cell::Cell::new(0);
    work_until(&|| {
        let new = clients.iter().filter(|client| !client.heard().is_empty()).count();
        answers.set(answers.get() + new);
        answers.get() == clients.len()
    });
    assert_eq!(gate.state.lock().expect("no hash panics").1, 2, "at a time");
}

/// The store fails: nobody gets a name that may have an account. [extensions/account-1]
#[test]
fn a_name_is_not_given_away_while_accounts_cannot_be_read() {
    let mut house = house(OPEN);
    let bob = house.connect();
    house.send(&bob, "USERNAME bob\r\n");
    let registry = house.service.registry();
    let asked = registry.next_inquiry(Effort::Lookup, Waker::noop()).expect("it was asked");
    let mut call = CallContext::new(wall_of(&house).now, Waker::noop());
    registry.judged(asked.ticket, Verdict::Unavailable, &mut call);
    drop(call);
    house.settle();
    assert_eq!(bob.heard(), "ERROR Accounts not available\r\n");
}
