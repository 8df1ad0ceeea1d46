//! The real accept loop and the real connections over a scripted network.
//!
//! **Goal.** What `spec/` says about connections, closing, deadlines, slow and broken peers, flow
//! control and shutdown holds for `parlance_server` as it is, not for a model of it.
//!
//! **Method.** The shell is generic over its network, clock and executor. Here they are wires in
//! memory with bounded buffers, a clock that moves when a test says so, and an executor that polls
//! in an order drawn from a seed. Each test name is a claim. `random` plays hundreds of whole
//! sessions from seeds and checks their histories; a failing seed is named in the panic message,
//! and `PARLANCE_SEED=n cargo test --test network` replays that one. What the dialects have in
//! common is played in each of them from the table in `speech/`. `threads` runs the same code on
//! two real threads. Most scenarios and the sessions are also played over a stream layer
//! (`layers`), over TLS (`tls`), telnet (`telnet`) and WebSocket (`websocket`), and connections
//! begin with an arrival where a scenario wants one (`arrivals`). Requests of HTTP are in `http`,
//! headers of the PROXY protocol in `proxy`, rates in `rates`, rooms that are kept in `kept`, on a
//! store that does what a scenario says (`shelf`), names that have accounts in
//! `accounts`, an operator's commands in `admin`.
//!
//! **Limits.** Seeds are samples, not all orders. A wire is a simple TCP: no kernel buffering
//! beyond its bound, no retransmission, a reset seen by the next call. Nothing here touches a
//! socket or the daemon. The executor polls whole tasks, so races inside one poll are `threads`'
//! (by chance) and the loom tests'.

mod acceptor;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/cuts.rs"]
mod cuts;
#[path = "support/http_head.rs"]
mod http_head;
#[path = "support/proxy_header.rs"]
mod proxy_header;
mod speech;
#[path = "support/tls_records.rs"]
mod tls_records;

mod network {
    mod accounts;
    mod admin;
    mod arrivals;
    mod behind;
    mod bounds;
    mod bureau;
    mod clock;
    mod closing;
    mod departing;
    mod endings;
    mod executor;
    mod fairness;
    mod flow;
    mod hints;
    mod history;
    mod house;
    mod http;
    mod idle;
    mod kept;
    mod layer;
    mod layers;
    mod limits;
    mod log;
    mod naming;
    mod observing;
    mod parts;
    mod play;
    mod pool;
    mod preamble;
    mod proxy;
    mod random;
    mod rates;
    mod replay;
    mod replies;
    mod scenarios;
    mod sharing;
    mod shelf;
    mod shutdown;
    mod stalls;
    mod stopping;
    mod stream;
    mod telling;
    mod telnet;
    mod threads;
    mod tls;
    mod websocket;
    mod wire;

    mod traces {
        mod between;
        mod forged;
        mod names;
        mod rooms;
    }

    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// Locks `mutex` even after a panic, which then is the failure to report.
    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
