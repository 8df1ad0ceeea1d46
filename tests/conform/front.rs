//! A WebSocket front before a plain server, with a fault of choice. It holds no lock and knows no
//! lines but their ends.

use parlance_layers::websocket::accept;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// What is wrong with a front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    /// A fragment counts as a message.
    FragmentsAreMessages,
    /// Lines behind the first of a message are lost.
    OneLineInAMessage,
    /// Messages end wherever a read did.
    HalfMessages,
    /// Every message is said to be UTF-8.
    AllIsText,
    /// It ends without a close frame.
    NoCloseFrame,
    /// Its frames are masked.
    Masked,
}

/// A front for the server at `behind`.
pub(crate) fn front(behind: SocketAddr, wrong: Wrong) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A client that goes away in the middle is no fault.
            thread::spawn(move || drop(serve(stream, behind, wrong)));
        }
    });
    address
}

fn serve(mut client: TcpStream, behind: SocketAddr, wrong: Wrong) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head);
    let key = head.split("Sec-WebSocket-Key: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let accept = accept(key.unwrap_or_default());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    client.write_all(answer.as_bytes())?;
    client.set_nodelay(true)?;
    let server = TcpStream::connect(behind)?;
    server.set_nodelay(true)?;
    let (from, to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || drop(outward(from, to, wrong)));
    if inward(client, &server, wrong).is_err() {
        // A client that is gone is gone for the server.
        let _ = server.shutdown(Shutdown::Write);
    }
    Ok(())
}

/// The client's messages as lines.
fn inward(mut client: TcpStream, mut server: &TcpStream, wrong: Wrong) -> io::Result<()> {
    let mut message = Vec::new();
    loop {
        let mut start = [0; 2];
        client.read_exact(&mut start)?;
        let length = match start[1] & 0x7f {
            126 => {
                let mut bytes = [0; 2];
                client.read_exact(&mut bytes)?;
                u16::from_be_bytes(bytes).into()
            }
            127 => {
                let mut bytes = [0; 8];
                client.read_exact(&mut bytes)?;
                usize::try_from(u64::from_be_bytes(bytes)).expect("a short message")
            }
            short => usize::from(short),
        };
        let mut mask = [0; 4];
        client.read_exact(&mut mask)?;
        let mut payload = vec![0; length];
        client.read_exact(&mut payload)?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        match start[0] & 0xf {
            8 => return server.shutdown(Shutdown::Write),
            9 => client.write_all(
                &[&[0x8a, u8::try_from(length).expect("short")], &payload[..]].concat(),
            )?,
            10 => {}
            _ => {
                message.append(&mut payload);
                if start[0] & 0x80 == 0 && wrong != Wrong::FragmentsAreMessages {
                    continue;
                }
                if !message.ends_with(b"\n") {
                    message.push(b'\n');
                }
                let lines = match wrong {
                    Wrong::OneLineInAMessage => {
                        message.split_inclusive(|&byte| byte == b'\n').next()
                    }
                    _ => Some(&message[..]),
                };
                server.write_all(lines.unwrap_or_default())?;
                message.clear();
            }
        }
    }
}

/// The server's lines as messages.
fn outward(mut server: TcpStream, mut client: TcpStream, wrong: Wrong) -> io::Result<()> {
    let mut lines = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = server.read(&mut buffer)?;
        if read == 0 {
            if wrong != Wrong::NoCloseFrame {
                client.write_all(&[0x88, 2, 0x03, 0xe8])?;
            }
            return client.shutdown(Shutdown::Write);
        }
        lines.extend_from_slice(&buffer[..read]);
        let whole = lines.iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
        let end = if wrong == Wrong::HalfMessages { lines.len() - 1 } else { whole };
        let payload: Vec<u8> = lines.drain(..end).collect();
        if payload.is_empty() {
            continue;
        }
        let text = wrong == Wrong::AllIsText || std::str::from_utf8(&payload).is_ok();
        let mut frame = vec![if text { 0x81 } else { 0x82 }];
        let mask = if wrong == Wrong::Masked { 0x80 } else { 0 };
        let length = u16::try_from(payload.len()).expect("16 KiB and a line");
        if let [0, short @ ..126] = length.to_be_bytes() {
            frame.push(mask | short);
        } else {
            frame.push(mask | 0x7e);
            frame.extend(length.to_be_bytes());
        }
        frame.extend_from_slice(&payload);
        client.write_all(&frame)?;
    }
}
