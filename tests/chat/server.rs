//! A server that the test plays.

use crate::process::{DEADLINE, uninterrupted};
use socket2::{Domain, SockRef, Socket, Type};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// A listener on a port that the system chose.
pub(super) struct Server(TcpListener);

/// A port that refuses connections and stays reserved while the value lives.
pub(super) struct Nobody(Socket);

/// The server's side of one client's connection.
pub(super) struct Peer {
    stream: TcpStream,
}

impl Server {
    pub(super) fn open() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
        SockRef::from(&listener)
            .set_read_timeout(Some(DEADLINE))
            .expect("accepting has a deadline");
        Server(listener)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("it is bound")
    }

    pub(super) fn accept(&self) -> Peer {
        let (stream, _) = self.0.accept().expect("the client connects");
        stream.set_read_timeout(Some(DEADLINE)).expect("reading has a deadline");
        stream.set_write_timeout(Some(DEADLINE)).expect("writing has a deadline");
        stream.set_nodelay(true).expect("it is a TCP socket");
        Peer { stream }
    }
}

impl Nobody {
    pub(super) fn home() -> Nobody {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are sockets");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).expect("loopback can be bound");
        Nobody(socket)
    }

    pub(super) fn address(&self) -> SocketAddr {
        let address = self.0.local_addr().expect("it is bound");
        address.as_socket().expect("an IPv4 address")
    }
}

impl Peer {
    /// The socket, for a layer over it.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Expects exactly these bytes next.
    #[track_caller]
    pub(super) fn expect(&mut self, bytes: impl AsRef<[u8]>) {
        let expected = bytes.as_ref();
        let mut heard = vec![0; expected.len()];
        let mut count = 0;
        while count < heard.len() {
            let read = uninterrupted(|| self.stream.read(&mut heard[count..]));
            let read = read.expect("the client says more");
            assert_ne!(read, 0, "the end after {:?}", heard[..count].escape_ascii().to_string());
            count += read;
            let (got, wanted) = (&heard[..count], &expected[..count]);
            assert_eq!(got.escape_ascii().to_string(), wanted.escape_ascii().to_string());
        }
    }

    /// Expects the end of the sending half, and no bytes before it.
    #[track_caller]
    pub(super) fn expect_end(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("an orderly end");
        assert_eq!(rest.escape_ascii().to_string(), "");
    }

    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the client takes it");
    }

    /// Sends to a client that may have closed.
    pub(super) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Expects a line and answers it.
    #[track_caller]
    pub(super) fn answer(&mut self, line: &str, answer: impl AsRef<[u8]>) {
        self.expect(format!("{line}\n"));
        self.send(answer);
    }
}
