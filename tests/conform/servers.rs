//! Small servers in threads: ones that do nothing, and a simple one with a fault of choice.

use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A server that must not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Null {
    Refuses,
    Mute,
    Slams,
    Error,
    Echo,
    SaysEverything,
}

impl Null {
    pub(crate) const ALL: [Null; 6] =
        [Null::Refuses, Null::Mute, Null::Slams, Null::Error, Null::Echo, Null::SaysEverything];
}

/// The fault of an otherwise simple server of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    OneReadOneLine,
    ThirdWord,
    /// It delivers texts of letters alone, and says each line on standard error.
    LettersAlone,
}

fn accepting(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    accepting_on(listener, serve)
}

fn accepting_on(
    listener: TcpListener,
    serve: impl Fn(TcpStream) + Send + Sync + 'static,
) -> SocketAddr {
    let address = listener.local_addr().expect("it is bound");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// A port on which nothing listens, and that no other process gets while this process runs.
fn nobody() -> SocketAddr {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are sockets");
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    std::mem::forget(socket); // closed, the port would be anybody's
    address.as_socket().expect("an IPv4 address")
}

pub(crate) fn null(null: Null) -> SocketAddr {
    if matches!(null, Null::Refuses) {
        return nobody();
    }
    accepting(move |mut stream| {
        let mut buffer = [0; 4096];
        let babble = b"ERROR\nu has joined\nann has joined\nann: fence-1\nann has left\n";
        if matches!(null, Null::Slams) {
            return;
        }
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            // The client may be gone.
            let _ = match null {
                Null::Error => {
                    let _ = stream.write_all(b"ERROR\n");
                    return;
                }
                Null::Echo => stream.write_all(&buffer[..read]),
                Null::SaysEverything => stream.write_all(babble),
                _ => Ok(()),
            };
        }
    })
}

type Rooms = Arc<Mutex<BTreeMap<Vec<u8>, Vec<(usize, TcpStream)>>>>;

pub(crate) fn with(fault: Fault) -> SocketAddr {
    on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"), fault)
}

pub(crate) fn on(listener: TcpListener, fault: Fault) -> SocketAddr {
    let rooms = Rooms::default();
    accepting_on(listener, move |stream| Client::new(stream, Arc::clone(&rooms), fault).serve())
}

struct Client {
    stream: TcpStream,
    id: usize,
    rooms: Rooms,
    fault: Fault,
    place: Option<(Vec<u8>, Vec<u8>)>,
}

impl Client {
    fn new(stream: TcpStream, rooms: Rooms, fault: Fault) -> Client {
        let id = usize::from(stream.peer_addr().map_or(0, |peer| peer.port()));
        stream.set_nodelay(true).ok();
        Client { stream, id, rooms, fault, place: None }
    }

    fn serve(mut self) {
        let (mut buffer, mut kept) = (vec![0; 65536], Vec::new());
        while let Ok(read @ 1..) = self.stream.read(&mut buffer) {
            kept.extend_from_slice(&buffer[..read]);
            if self.fault == Fault::OneReadOneLine {
                kept.retain(|&byte| byte != b'\n');
                kept.push(b'\n');
            }
            while let Some(lf) = kept.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = kept.drain(..=lf).collect();
                if line.len() > 20_000 || !self.line(&line[..lf]) {
                    return self.refuse();
                }
            }
            if kept.len() >= 20_000 {
                return self.refuse();
            }
        }
        self.leave();
    }

    /// Whether the line is allowed.
    fn line(&mut self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.fault == Fault::LettersAlone {
            eprintln!("got {}", line.escape_ascii());
            if self.place.is_some() && !line.iter().all(u8::is_ascii_alphabetic) {
                return true;
            }
        }
        if let Some((room, user)) = self.place.clone() {
            self.tell(&room, &[&user[..], b": ", line, b"\n"].concat());
            return true;
        }
        let words = if self.fault == Fault::ThirdWord { 4 } else { 3 };
        let parts: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let name =
            |part: &&[u8]| (1..21).contains(&part.len()) && part.iter().all(u8::is_ascii_graphic);
        if !(3..=words).contains(&parts.len())
            || !parts[0].eq_ignore_ascii_case(b"JOIN")
            || !parts[1..].iter().all(name)
        {
            return false;
        }
        let (room, user) = (parts[1].to_vec(), parts[2].to_vec());
        let own = self.stream.try_clone().expect("descriptors are left");
        let mut rooms = self.rooms.lock().expect("nobody panics");
        rooms.entry(room.clone()).or_default().push((self.id, own));
        for (_, member) in rooms.get_mut(&room).expect("it was just made") {
            member.write_all(&[&user[..], b" has joined\n"].concat()).ok();
        }
        drop(rooms);
        self.place = Some((room, user));
        true
    }

    fn tell(&self, room: &[u8], bytes: &[u8]) {
        let mut rooms = self.rooms.lock().expect("nobody panics");
        for (_, member) in rooms.get_mut(room).into_iter().flatten() {
            // A slow reader delays its room by a second: good enough for a test.
            member.set_write_timeout(Some(Duration::from_secs(1))).ok();
            member.write_all(bytes).ok();
        }
    }

    fn leave(&mut self) {
        let Some((room, user)) = self.place.take() else { return };
        let mut rooms = self.rooms.lock().expect("nobody panics");
        if let Some(members) = rooms.get_mut(&room) {
            members.retain(|(id, _)| *id != self.id);
        }
        drop(rooms);
        self.tell(&room, &[&user[..], b" has left\n"].concat());
    }

    fn refuse(mut self) {
        self.leave();
        self.stream.write_all(b"ERROR\n").ok();
        self.stream.shutdown(Shutdown::Write).ok();
        self.stream.set_read_timeout(Some(Duration::from_secs(1))).ok();
        let mut rest = [0; 4096];
        while let Ok(1..) = self.stream.read(&mut rest) {}
    }
}
