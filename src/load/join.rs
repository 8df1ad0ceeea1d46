//! Connecting and joining: rooms whose members have all seen each other join.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures_lite::future;
use futures_lite::io::AsyncWriteExt as _;
use smol::{LocalExecutor, Timer};

use super::error::LoadError;
use super::member::{Buffer, Member};
use super::stream::Stream;

/// Rooms that are filled at once: few, so that connections do not overflow the server's backlog.
const AT_ONCE: usize = 32;

/// Joins between which earlier members read: well before their sockets' buffers fill.
const READ_EVERY: u32 = 256;

/// How long all the joins may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The members of a room, and the stream of their joining, which all of them have received.
pub(super) struct Joined {
    /// Its members, in the order of joining; there is at least one.
    pub(super) members: Vec<Member>,
    /// The name of the first of them.
    pub(super) first: String,
    /// What the room has delivered so far.
    pub(super) stream: RefCell<Stream>,
}

/// Opens a room of each size in `sizes`.
pub(super) async fn join_rooms(
    executor: &LocalExecutor<'_>,
    target: SocketAddr,
    sizes: Vec<u32>,
    buffer: &Rc<Buffer>,
) -> Result<Vec<Joined>, LoadError> {
    let joining = async {
        let mut rooms = Vec::with_capacity(sizes.len());
        let sizes: Vec<_> = sizes.into_iter().enumerate().collect();
        for batch in sizes.chunks(AT_ONCE) {
            let tasks: Vec<_> = batch
                .iter()
                .map(|&(room, size)| executor.spawn(join_room(target, room, size, buffer.clone())))
                .collect();
            for task in tasks {
                rooms.push(task.await?);
            }
        }
        Ok(rooms)
    };
    let late = async {
        Timer::after(LIMIT).await;
        Err(LoadError::Stalled { what: "joining", seconds: LIMIT.as_secs() })
    };
    future::or(joining, late).await
}

/// Joins one member after the other, each when the one before has seen itself join, so that the order
/// of the lines is known and they too can be checked.
async fn join_room(
    target: SocketAddr,
    room: usize,
    size: u32,
    buffer: Rc<Buffer>,
) -> Result<Joined, LoadError> {
    // The process number keeps the lines of a run that has just ended out of this one's rooms.
    let room_name = format!("r{}x{room}", std::process::id());
    let stream = RefCell::new(Stream::default());
    let mut members = Vec::new();
    for index in 0..size {
        let user = user_name(room, index);
        let who = format!("{user} in {room_name}");
        let at = stream.borrow().end();
        let member = Member::connect(target, who, at).await?;
        stream.borrow_mut().push(format!("{user} has joined\n").as_bytes());
        let request = format!("JOIN {room_name} {user}\n");
        let mut socket = member.socket();
        socket.write_all(request.as_bytes()).await.map_err(LoadError::io("joining"))?;
        member.catch_up(&stream, &buffer).await?;
        members.push(member);
        if index % READ_EVERY == 0 {
            catch_up_all(&members, &stream, &buffer).await?;
        }
    }
    catch_up_all(&members, &stream, &buffer).await?;
    Ok(Joined { members, first: user_name(room, 0), stream })
}

/// Names are unique across rooms, for servers that want that, and the same length in each run.
fn user_name(room: usize, index: u32) -> String {
    format!("u{room}x{index}")
}

async fn catch_up_all(
    members: &[Member],
    stream: &RefCell<Stream>,
    buffer: &Buffer,
) -> Result<(), LoadError> {
    for member in members {
        member.catch_up(stream, buffer).await?;
    }
    Ok(())
}
