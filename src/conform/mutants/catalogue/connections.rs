//! How connections begin and end, and how they are treated.

use std::time::Duration;

use super::dialects::{ALL, ANNOUNCING};
use crate::mutants::fault::Fault::{self, Config, Event, Line, Manner};
use crate::mutants::fault::{Fate, Manner as Kind};
use crate::mutants::lines::Kind as Lines;
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::Event as Happened;
use crate::mutants::tools::{departure, wanted, without};
use parlance_model::{Dialect, OutboxState, Parting};

/// No client is closed for its pending bytes.
const UNBOUNDED: Fault = Config(|config| {
    config.outbox_bytes_max = usize::MAX / 2;
    config.total_bytes_max = usize::MAX / 2;
});

const CROWD: &[Fault] = &[Manner(Kind::Crowd(99))];

/// Forgotten departures, ends that are none, and clients that are not served.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "forgets-departures-after-a-reset",
        ANNOUNCING,
        "common/eos-5",
        "forgets departures after a reset",
        &[Event(|_, event| if event == Happened::Reset { Fate::Ghost } else { Fate::Told })],
    ),
    Mutation::new(
        "forgets-departures-after-the-end-of-a-stream",
        ANNOUNCING,
        "common/eos-6",
        "closes the connection at the end of a client's stream and keeps the member",
        &[Event(|scene, event| {
            let ends = event == Happened::End && scene.is_member();
            if ends { Fate::Ghost } else { Fate::Told }
        })],
    ),
    Mutation::new(
        "ghost-of-a-reader-that-stopped",
        ANNOUNCING,
        "common/eos-5",
        "forgets the departure of a client with pending output whose connection was reset",
        // Bytes are pending for it as long as it does not read, and nothing bounds them.
        &[
            UNBOUNDED,
            Event(|scene, event| {
                let queued = scene.model.queued(scene.id) > 0;
                if event == Happened::Reset && queued { Fate::Ghost } else { Fate::Told }
            }),
        ],
    )
    .slow(),
    Mutation::new(
        "own-departure-told",
        ANNOUNCING,
        "common/eos-6",
        "tells a client that closed its sending half of its own departure",
        &[Event(|scene, event| {
            if event == Happened::End {
                let notice = departure(scene.dialect, scene.outbox_state());
                scene.say(scene.id, notice);
            }
            Fate::Told
        })],
    ),
    Mutation::new(
        "first-departure-ends-service",
        ALL,
        "common/eos-6",
        "serves nobody any more once a client has gone, as after a poisoned lock",
        &[Event(|scene, _| {
            scene.memory.stuck = true;
            Fate::Told
        })],
    ),
    Mutation::new(
        "first-member-that-goes-ends-service",
        ALL,
        "common/misuse-1",
        "serves nobody any more once a member has gone, as after a lock taken twice",
        &[Event(|scene, _| {
            scene.memory.stuck |= scene.is_member();
            Fate::Told
        })],
    ),
    Mutation::new(
        "first-arrival-ends-service",
        ALL,
        "common/misuse-1",
        "serves nobody any more once a client was let in, as after a lock taken twice",
        &[Line(|scene, line| {
            scene.memory.stuck |= wanted(scene, &line).is_some();
            line
        })],
    ),
    Mutation::new(
        "dies-of-an-unfinished-first-line",
        &[Dialect::Rooms],
        "rooms/daemon-5",
        "crashes when a client connects and closes without having given a name",
        &[Event(|scene, _| {
            scene.memory.crashed |= scene.is_fresh();
            Fate::Told
        })],
    ),
    Mutation::new(
        "deaf-after-a-reset",
        ALL,
        "common/limit-3",
        "accepts nobody any more once a client has connected and reset its connection at once",
        &[Manner(Kind::DeafAfterReset)],
    ),
    Mutation::new(
        "no-hundredth-client",
        &[Dialect::Rooms],
        "rooms/room-4",
        "refuses everybody after the ninety-ninth client",
        CROWD,
    ),
    Mutation::new(
        "no-hundredth-client-in-channels",
        &[Dialect::Channels],
        "channels/room-3",
        "refuses everybody after the ninety-ninth client",
        CROWD,
    ),
    Mutation::new(
        "stays-open-after-the-last-line",
        ALL,
        "common/close-2",
        "says a fatal error or a farewell and does not close",
        &[Manner(Kind::StayAfterLastLine)],
    ),
    Mutation::new(
        "reset-after-the-last-line",
        ALL,
        "common/close-2",
        "ends a connection with a reset, which can destroy the error on its way",
        &[Manner(Kind::AbortAfterLastLine)],
    ),
    Mutation::new(
        "greets",
        ALL,
        "common/framing-7",
        "greets a client before it has said anything",
        &[Manner(Kind::Greet)],
    ),
    Mutation::new(
        "slow-reader-blocks-all",
        ALL,
        "common/flow-3",
        "serves nobody while one client does not read",
        &[Manner(Kind::WriteUnderLock)],
    )
    .slow(),
    Mutation::new(
        "backlog-without-bound",
        ALL,
        "common/outbox-4",
        "keeps all pending output of a client that does not read",
        &[UNBOUNDED],
    )
    .slow(),
    Mutation::new(
        "backlog-lost-in-silence",
        ALL,
        "common/order-1",
        "loses lines to a client that reads too slowly, and goes on",
        &[
            UNBOUNDED,
            Fault::Said(|scene, cause, bytes| {
                let much = scene.model.queued(scene.id) > 65_536;
                if much { without(scene, cause, &bytes, Lines::Text) } else { bytes }
            }),
        ],
    )
    .slow(),
    Mutation::new(
        "answers-after-forty-milliseconds",
        ALL,
        "common/prompt-1",
        "takes forty milliseconds for every line, as with Nagle's algorithm left on",
        &[Manner(Kind::Delay(Duration::from_millis(40)))],
    )
    .slow(),
    Mutation::new(
        "no-end-to-waiting-for-a-name",
        &[Dialect::Rooms, Dialect::Lobby, Dialect::Simple, Dialect::Channels],
        "common/limit-1",
        "keeps connections for ever that never give a name",
        &[Config(|config| config.first_line = Duration::ZERO)],
    )
    .slow(),
    Mutation::new(
        "idle-clients-leave-unannounced",
        &[Dialect::Login],
        "login/leave-1",
        "does not tell the others that an idle client was disconnected",
        &[Fault::Said(|scene, cause, bytes| {
            let gone = matches!(cause.after, OutboxState::Departed(Parting::Lingering));
            let timed = cause.event == Happened::Server && gone && cause.actor != scene.id;
            if timed { Vec::new() } else { bytes }
        })],
    )
    .slow(),
];
