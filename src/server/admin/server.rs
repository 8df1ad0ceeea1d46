//! Serves the operator's socket.

use super::command::{COMMAND_BYTES_MAX, Command};
use super::operator::{LOOKS_MAX, Operator};
use super::socket::AdminListener;
use crate::threads::EXECUTOR;
use crate::transport::Clock;
use futures_lite::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, future};
use parlance_printable::escape;
use smol::Timer;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Maximum operators at once. [common/admin-3]
const OPERATORS_MAX: usize = 16;

/// How long an operator may say nothing, or not read. [common/admin-3]
const PATIENCE: Duration = Duration::from_secs(60);

/// A pause after a failed attempt to accept.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves operators for ever.
pub(crate) async fn accept<C: Clock>(listener: AdminListener, operator: Arc<Operator<C>>) {
    let count = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok(stream) = listener.accept().await else {
            Timer::after(ACCEPT_RETRY).await;
            continue;
        };
        let place = Place::take(&count);
        let operator = Arc::clone(&operator);
        let session = async move {
            let session = async {
                match &place {
                    Some(_) => serve(stream, &operator).await,
                    None => turn_away(stream).await,
                }
            };
            // An operator that is gone needs no answer.
            let _ = session.await;
            drop(place);
        };
        EXECUTOR.spawn(session).detach();
    }
}

/// One of the places for operators; dropping it gives it back.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(count: &Arc<AtomicUsize>) -> Option<Place> {
        let place = Place(Arc::clone(count));
        let taken = count.fetch_add(1, Ordering::Relaxed);
        (taken < OPERATORS_MAX).then_some(place) // the drop of one too many takes it back
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn turn_away(mut stream: impl AsyncWrite + Unpin) -> io::Result<()> {
    let line = format!("ERROR {OPERATORS_MAX} operators are connected, and no more can be\n");
    stream.write_all(line.as_bytes()).await
}

/// Serves one operator until the end of its stream. [common/admin-2] [common/admin-3]
///
/// # Errors
/// The stream's; also [`io::ErrorKind::TimedOut`].
pub async fn serve<C: Clock>(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    operator: &Operator<C>,
) -> io::Result<()> {
    let mut input = Vec::new();
    loop {
        let end = input.iter().position(|byte| *byte == b'\n');
        let line = match end {
            _ if end.unwrap_or(input.len()) > COMMAND_BYTES_MAX => {
                let line = format!("ERROR a command has at most {COMMAND_BYTES_MAX} bytes\n");
                return in_time(stream.write_all(line.as_bytes())).await;
            }
            Some(end) => {
                let rest = input.split_off(end + 1);
                std::mem::replace(&mut input, rest)
            }
            None => {
                let mut chunk = [0; 1024];
                let read = in_time(stream.read(&mut chunk)).await?;
                if read == 0 {
                    return Ok(());
                }
                input.extend_from_slice(&chunk[..read]);
                continue;
            }
        };
        write(&mut stream, answer(&line, operator).await.as_bytes()).await?;
    }
}

/// Writes all of `bytes` to an operator who goes on reading, however slowly. [common/admin-3]
async fn write(stream: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match in_time(stream.write(bytes)).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => bytes = &bytes[written..],
        }
    }
    Ok(())
}

async fn answer<C: Clock>(line: &[u8], operator: &Operator<C>) -> String {
    let command = parse(line);
    // The rows of thousands of clients are there once, however many operators ask for them.
    let is_long = command.as_ref().is_ok_and(Command::has_long_answer);
    let _alone = if is_long { Some(operator.long_answer.lock().await) } else { None };
    let performed = match command {
        Ok(command) => operator.perform(command).await,
        Err(error) => Err(error),
    };
    match performed {
        Ok(rows) => {
            let mut answer = String::new();
            for (index, row) in rows.into_iter().enumerate() {
                answer.push_str(&serde_json::Value::Object(row).to_string());
                answer.push('\n');
                if (index + 1).is_multiple_of(LOOKS_MAX) {
                    future::yield_now().await;
                }
            }
            answer + "OK\n"
        }
        Err(error) => format!("ERROR {}\n", escape(&error)),
    }
}

/// The command of a line with its end.
fn parse(line: &[u8]) -> Result<Command, String> {
    let text = str::from_utf8(line).map_err(|error| {
        let at = error.valid_up_to() + 1;
        format!("a command is text in UTF-8, and byte {at} of this one is none")
    })?;
    Command::parse(text.trim_end_matches(['\n', '\r']))
}

/// Ends an operator that takes too long.
async fn in_time<T>(call: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = async {
        Timer::after(PATIENCE).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    future::or(call, late).await
}
