//! Small servers in this process: one thread per connection, and one lock for all deliveries.

use super::fault::Fault;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The protocol of a fake server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rooms,
    Redis,
    Nats,
}

impl Kind {
    /// Its name for the load generator.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Rooms => "rooms",
            Kind::Redis => "redis",
            Kind::Nats => "nats",
        }
    }
}

/// A moment in the life of a room, at which the server does nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "not every test program asks when it is")]
pub(crate) enum Moment {
    /// A member has come or gone, and nobody has been told.
    Arrival,
    /// The line with this number, from 0 in each room, has come and is not delivered yet.
    Line(usize),
    /// It has been written to all members.
    Delivered(usize),
}

/// What a server does at a moment.
type Script = Arc<dyn Fn(Moment) + Send + Sync>;

/// A server whose threads end with their connections, at the latest with the process of the test.
pub(crate) struct Fake {
    address: SocketAddr,
    rooms: Rooms,
}

#[derive(Default)]
struct Room {
    members: Vec<(TcpStream, Vec<u8>)>,
    lines: usize,
}

type Rooms = Arc<Mutex<BTreeMap<String, Room>>>;

/// Lines after which a nats server sends PING, in the middle of the stream.
const PING_AFTER: usize = 5;

impl Fake {
    pub(crate) fn start(kind: Kind, fault: Fault) -> Fake {
        Fake::scripted(kind, fault, Arc::new(|_| {}))
    }

    /// A server that follows a script.
    pub(crate) fn scripted(kind: Kind, fault: Fault, script: Script) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
        let address = listener.local_addr().expect("it is bound");
        let rooms = Rooms::default();
        let served = rooms.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (socket, rooms) = (socket.expect("loopback connects"), served.clone());
                let (script, room, user) = (script.clone(), String::new(), String::new());
                let mut client = Client { kind, fault, script, rooms, room, user };
                // The thread ends with its connection.
                thread::spawn(move || {
                    // An end, or a reset: either way the client has gone.
                    let _ = client.serve(&socket);
                    client.depart(&socket);
                });
            }
        });
        Fake { address, rooms }
    }

    /// Writes a line that nobody sent to one member of each room.
    #[allow(
        dead_code,
        reason = "not every test program has a line invented at a moment of its own"
    )]
    pub(crate) fn invent(&self) {
        for room in self.rooms.lock().expect("no holder panics").values_mut() {
            let (member, _) = room.members.first_mut().expect("it has members");
            // A departed member receives nothing.
            let _ = member.write_all(b"nobody: invented\r\n");
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

struct Client {
    kind: Kind,
    fault: Fault,
    script: Script,
    rooms: Rooms,
    room: String,
    user: String,
}

impl Client {
    fn serve(&mut self, socket: &TcpStream) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let mut input = BufReader::new(socket);
        if self.kind == Kind::Nats {
            (&*socket).write_all(b"INFO {\"server_id\":\"fake\"}\r\n")?;
        }
        loop {
            let line = line(&mut input)?;
            match self.kind {
                Kind::Rooms => self.rooms_line(&line, socket)?,
                Kind::Redis => self.redis_command(&line, &mut input, socket)?,
                Kind::Nats => self.nats_line(&line, &mut input, socket)?,
            }
        }
    }

    fn rooms_line(&mut self, line: &str, socket: &TcpStream) -> io::Result<()> {
        if !self.user.is_empty() {
            self.deliver(&format!("{}: {line}\n", self.user));
            return Ok(());
        }
        let mut words = line.split(' ').skip(1).map(str::to_owned);
        self.room = words.next().expect("a room");
        self.user = words.next().expect("a user");
        let mut rooms = self.rooms.lock().expect("no holder panics");
        let room = rooms.entry(self.room.clone()).or_default();
        room.members.push((socket.try_clone()?, Vec::new()));
        (self.script)(Moment::Arrival);
        self.tell(room, "joined");
        Ok(())
    }

    /// A server of rooms that has no fault tells of departures.
    fn depart(&self, socket: &TcpStream) {
        let mut rooms = self.rooms.lock().expect("no holder panics");
        let Some(room) = rooms.get_mut(&self.room) else { return };
        if self.kind == Kind::Rooms && self.fault == Fault::None {
            let own = socket.peer_addr().ok();
            room.members.retain(|(member, _)| member.peer_addr().ok() != own);
            (self.script)(Moment::Arrival);
            self.tell(room, "left");
        }
    }

    fn tell(&self, room: &mut Room, what: &str) {
        for (member, _) in &mut room.members {
            // A departed member receives nothing.
            let _ = member.write_all(format!("{} has {what}\n", self.user).as_bytes());
        }
    }

    fn redis_command(
        &mut self,
        line_: &str,
        input: &mut impl BufRead,
        socket: &TcpStream,
    ) -> io::Result<()> {
        let count: usize =
            line_.strip_prefix('*').and_then(|it| it.parse().ok()).expect("an array");
        let words = (0..count).map(|_| {
            let length = line(input)?;
            let length = length.strip_prefix('$').and_then(|it| it.parse().ok()).expect("a string");
            text(input, length)
        });
        let words = words.collect::<io::Result<Vec<_>>>()?;
        match &words[..] {
            [word, room] if word == "SUBSCRIBE" => {
                self.room.clone_from(room);
                let answer =
                    format!("*3\r\n$9\r\nsubscribe\r\n${}\r\n{room}\r\n:1\r\n", room.len());
                self.join(socket)?;
                (&*socket).write_all(answer.as_bytes())
            }
            [word, room, said] if word == "PUBLISH" => {
                self.room.clone_from(room);
                let (room, length) = (room.len(), said.len());
                let name = &self.room;
                let line =
                    format!("*3\r\n$7\r\nmessage\r\n${room}\r\n{name}\r\n${length}\r\n{said}\r\n");
                let number = self.deliver(&line);
                (&*socket).write_all(&b":3\r\n".repeat(self.fault.receipts(number)))
            }
            other => panic!("not a command: {other:?}"),
        }
    }

    fn nats_line(
        &mut self,
        line: &str,
        input: &mut impl BufRead,
        socket: &TcpStream,
    ) -> io::Result<()> {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["SUB", room, "1"] => {
                room.clone_into(&mut self.room);
                self.join(socket)
            }
            ["PUB", room, length] => {
                let said = text(input, length.parse().expect("a length"))?;
                assert_eq!(room, self.room);
                self.deliver(&format!("MSG {room} 1 {length}\r\n{said}\r\n"));
                Ok(())
            }
            ["PING"] => (&*socket).write_all(b"PONG\r\n"),
            ["CONNECT", _] | ["PONG"] => Ok(()),
            ref other => panic!("not a command: {other:?}"),
        }
    }

    fn join(&self, socket: &TcpStream) -> io::Result<()> {
        let mut rooms = self.rooms.lock().expect("no holder panics");
        let room = rooms.entry(self.room.clone()).or_default();
        room.members.push((socket.try_clone()?, Vec::new()));
        Ok(())
    }

    /// Delivers a line to the room, with the fault to the last member; returns its number.
    fn deliver(&self, line: &str) -> usize {
        let mut rooms = self.rooms.lock().expect("no holder panics");
        let room = rooms.get_mut(&self.room).expect("it has members");
        let (number, last) = (room.lines, room.members.len() - 1);
        room.lines += 1;
        (self.script)(Moment::Line(number));
        for (index, (member, held)) in room.members.iter_mut().enumerate() {
            let mut bytes = self.fault.apply(number, line.as_bytes(), index == last, held);
            let asks = self.kind == Kind::Nats && number == PING_AFTER;
            if let Some(bytes) = bytes.as_mut().filter(|_| asks) {
                bytes.splice(0..0, *b"PING\r\n");
            }
            // A departed member receives nothing.
            let _ = match bytes {
                Some(bytes) => member.write_all(&bytes),
                None => member.shutdown(std::net::Shutdown::Both),
            };
        }
        (self.script)(Moment::Delivered(number));
        number
    }
}

/// The next line without its end; the end of the connection is an error.
fn line(input: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A text of known length, and the end of its line.
fn text(input: &mut impl BufRead, length: usize) -> io::Result<String> {
    let mut bytes = vec![0; length + 2];
    input.read_exact(&mut bytes)?;
    bytes.truncate(length);
    Ok(String::from_utf8(bytes).expect("lines of the load are text"))
}
