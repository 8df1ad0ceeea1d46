//! The baseline: the minimal work that fans lines out, in one thread over epoll.
//!
//! It batches writes per pass of its loop. It has no limits, does not check names, and handles a
//! slow client only by waiting for it. It is for comparison alone: do not serve users with it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use memchr::memchr_iter;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use socket2::{Domain, Socket, Type};

use super::error::LoadError;

/// Events per wait, bytes per read, and the listen backlog.
const EVENTS: usize = 1024;
const READ: usize = 256 * 1024;
const BACKLOG: i32 = 4096;

/// The number of the listener. Clients have the numbers of their descriptors.
const LISTENER: u64 = u64::MAX;

/// Serves the rooms dialect on this port of 127.0.0.1, forever.
pub(super) fn serve(port: u16) -> Result<Infallible, LoadError> {
    let listener = listen(port).map_err(LoadError::io(format!("listening on port {port}")))?;
    let mut server = Server::new(listener).map_err(|error| failed(error.into()))?;
    let (mut events, mut buffer) = (Vec::with_capacity(EVENTS), vec![0; READ]);
    loop {
        events.clear();
        let spare = rustix::buffer::spare_capacity(&mut events);
        match epoll::wait(&server.epoll, spare, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(failed(error.into())),
        }
        for event in &events {
            let data = event.data;
            match usize::try_from(data.u64()) {
                Ok(client) if data.u64() != LISTENER => server.read(client, &mut buffer),
                _ => server.accept().map_err(failed)?,
            }
        }
        server.write();
    }
}

fn failed(error: std::io::Error) -> LoadError {
    LoadError::io("serving")(error)
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

struct Server {
    epoll: OwnedFd,
    listener: TcpListener,
    /// Clients by descriptor.
    clients: Vec<Option<Client>>,
    rooms: Vec<Vec<usize>>,
    names: BTreeMap<Vec<u8>, usize>,
    /// Clients with unsent bytes.
    dirty: Vec<usize>,
    /// A line as its room receives it; kept for its allocation.
    rendered: Vec<u8>,
}

struct Client {
    socket: TcpStream,
    /// The room of a client that has joined, and the prefix of its lines.
    room: Option<usize>,
    prefix: Box<[u8]>,
    /// An incomplete line, and the unsent bytes.
    unfinished: Vec<u8>,
    unsent: Vec<u8>,
}

impl Server {
    fn new(listener: TcpListener) -> Result<Server, Errno> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        let (clients, rooms, names) = (Vec::new(), Vec::new(), BTreeMap::new());
        let (dirty, rendered) = (Vec::new(), Vec::new());
        Ok(Server { epoll, listener, clients, rooms, names, dirty, rendered })
    }

    fn accept(&mut self) -> std::io::Result<()> {
        while let Ok((socket, _)) = self.listener.accept() {
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
            let number = usize::try_from(socket.as_raw_fd()).expect("descriptors are not negative");
            let data = EventData::new_u64(number as u64);
            epoll::add(&self.epoll, &socket, data, EventFlags::IN)?;
            if self.clients.len() <= number {
                self.clients.resize_with(number + 1, || None);
            }
            let (prefix, unfinished, unsent) = (Box::default(), Vec::new(), Vec::new());
            self.clients[number] = Some(Client { socket, room: None, prefix, unfinished, unsent });
        }
        Ok(())
    }

    fn read(&mut self, number: usize, buffer: &mut [u8]) {
        let Some(client) = &mut self.clients[number] else { return };
        match rustix::io::read(&client.socket, &mut *buffer) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            Ok(0) | Err(_) => self.leave(number),
            Ok(count) if client.unfinished.is_empty() => self.take(number, &buffer[..count]),
            Ok(count) => {
                let mut bytes = std::mem::take(&mut client.unfinished);
                bytes.extend_from_slice(&buffer[..count]);
                self.take(number, &bytes);
            }
        }
    }

    /// Takes the lines of a client.
    fn take(&mut self, number: usize, bytes: &[u8]) {
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            self.line(number, &bytes[start..=end]);
            start = end + 1;
        }
        if let Some(client) = &mut self.clients[number] {
            client.unfinished = bytes[start..].to_vec();
        }
    }

    /// Takes one line, its line feed included.
    fn line(&mut self, number: usize, line: &[u8]) {
        let Some(client) = &mut self.clients[number] else { return };
        let Some(room) = client.room else { return self.join(number, line) };
        self.rendered.clear();
        self.rendered.extend_from_slice(&client.prefix);
        self.rendered.extend_from_slice(line);
        for &member in &self.rooms[room] {
            put(&mut self.clients, &mut self.dirty, member, &self.rendered);
        }
    }

    fn join(&mut self, number: usize, line: &[u8]) {
        let mut words = line[..line.len() - 1].split(|&byte| byte == b' ').skip(1);
        let (room, user) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let next = self.rooms.len();
        let room = *self.names.entry(room.to_vec()).or_insert(next);
        if room == next {
            self.rooms.push(Vec::new());
        }
        self.rooms[room].push(number);
        if let Some(client) = &mut self.clients[number] {
            client.room = Some(room);
            client.prefix = [user, b": "].concat().into();
        }
        let notice = [user, b" has joined\n"].concat();
        self.tell(room, &notice);
    }

    fn leave(&mut self, number: usize) {
        let Some(client) = self.clients[number].take() else { return };
        let Some(room) = client.room else { return };
        self.rooms[room].retain(|&member| member != number);
        let user = &client.prefix[..client.prefix.len() - 2];
        let notice = [user, b" has left\n"].concat();
        self.tell(room, &notice);
    }

    fn tell(&mut self, room: usize, notice: &[u8]) {
        for &member in &self.rooms[room] {
            put(&mut self.clients, &mut self.dirty, member, notice);
        }
    }

    /// Writes all unsent bytes, however long that takes.
    fn write(&mut self) {
        for number in self.dirty.drain(..) {
            let Some(client) = &mut self.clients[number] else { continue };
            let mut written = 0;
            while written < client.unsent.len() {
                match rustix::io::write(&client.socket, &client.unsent[written..]) {
                    Ok(count) => written += count,
                    Err(Errno::AGAIN) => {
                        let ready = PollFd::from_borrowed_fd(client.socket.as_fd(), PollFlags::OUT);
                        // The next write finds an error of this one.
                        let _ = poll(&mut [ready], None);
                    }
                    Err(Errno::INTR) => {}
                    Err(_) => break, // the next read finds the end
                }
            }
            client.unsent.clear();
        }
    }
}

/// Adds bytes to a client's unsent bytes.
fn put(clients: &mut [Option<Client>], dirty: &mut Vec<usize>, number: usize, bytes: &[u8]) {
    let Some(client) = &mut clients[number] else { return };
    if client.unsent.is_empty() {
        dirty.push(number);
    }
    client.unsent.extend_from_slice(bytes);
}
