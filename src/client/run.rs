//! The client program: one user, and one connection at a time.

use super::conversation::{Conversation, End, Topic};
use super::input::{Input, Typed, parse, verbs, words};
use super::lines::{Cut, Lines, SERVER_LINE_MAX};
use super::options::Options;
use super::render::Shown;
use super::sanitize::sanitize;
use super::stream::Stream as _;
use super::terminal::Wants;
use super::user::User;
use super::vocabulary::Vocabulary;
use super::world::{Person, System, World};
use async_signal::{Signal, Signals};
use futures_lite::StreamExt as _;
use futures_lite::future::{self, pending};
use futures_lite::io::{AsyncReadExt as _, AsyncWriteExt as _};
use parlance_core::time::Time;
use parlance_layers::LayerError;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often in a row a person's lost server is tried again.
const TRIES_MAX: u32 = 10;

/// Maximum number of lines that are shown one by one when they cannot be sent.
const LEFT_MAX: usize = 10;

const READ_BYTES: usize = 16 * 1024;

/// The first byte of an alert, with which a server that speaks TLS may answer to a plain line.
const TLS_ALERT: u8 = 0x15;

/// A server that speaks TLS closes a plain connection sooner.
const AT_ONCE: Duration = Duration::from_secs(5);

/// Runs the program: connects, converses, and returns the exit status.
///
/// The exit status is 0 if the user left; it is 1 if the server was lost or refused the name or,
/// for a script, if any other error occurred.
pub fn run(options: &Options) -> ExitCode {
    let done = smol::block_on(async {
        let user = User::open(options)?;
        let signals = caught(&user)?;
        let system = System::new(options.secure.clone());
        let mut client = Client::new(options, &system, user, signals);
        let good = client.converse().await?;
        if !good {
            client.name_what_is_left()?;
        }
        client.user.close()?;
        Ok::<_, io::Error>(good)
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // The reader that closed our output wants no message about it.
            if error.kind() != io::ErrorKind::BrokenPipe {
                // Standard error may be the terminal that is gone.
                let _ = writeln!(io::stderr(), "error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The signals that end the program in order, if it has a terminal to restore.
fn caught(user: &User) -> io::Result<Option<Signals>> {
    if user.is_at_a_terminal() {
        Ok(Some(Signals::new([Signal::Term, Signal::Hup, Signal::Int])?))
    } else {
        Ok(None)
    }
}

/// The client in its world.
pub(super) struct Client<'o, W, P> {
    options: &'o Options,
    world: &'o W,
    user: P,
    /// Caught only if a terminal must be restored.
    signals: Option<Signals>,
    failed: bool,
    /// Whether a signal came.
    stopped: bool,
    /// The settings of the next connection.
    topic: Topic,
}

/// The event that ended a wait.
enum Happening {
    Heard(io::Result<usize>),
    Sent(io::Result<usize>),
    Typed(io::Result<Typed>),
    Passed,
    Stopped,
}

impl<'o, W: World, P: Person> Client<'o, W, P> {
    pub(super) fn new(
        options: &'o Options,
        world: &'o W,
        user: P,
        signals: Option<Signals>,
    ) -> Client<'o, W, P> {
        let topic = Topic { interactive: user.is_at_a_terminal(), ..options.topic() };
        Client { options, world, user, signals, failed: false, stopped: false, topic }
    }

    /// Shows what was typed and cannot be sent any more.
    fn name_what_is_left(&mut self) -> io::Result<()> {
        let texts = self.user.left_over();
        let more = texts.len().saturating_sub(LEFT_MAX);
        for text in texts.into_iter().take(LEFT_MAX) {
            self.tell(Shown::Error(format!("this was not sent: {text}")))?;
        }
        if more > 0 {
            self.tell(Shown::Error(format!("{more} more lines were not sent")))?;
        }
        Ok(())
    }

    fn tell(&mut self, shown: Shown) -> io::Result<()> {
        self.user.show(&[shown])
    }

    /// Runs all connections from first to last; returns whether all went well.
    pub(super) async fn converse(&mut self) -> io::Result<bool> {
        let mut tries = 0;
        let mut ever_admitted = false;
        loop {
            let began = self.world.now();
            let (end, admitted) = match self.connect().await? {
                Some(Ok(stream)) => self.talk(stream).await?,
                Some(Err(Unreachable { reason, lasts: true })) => (End::Abandoned(reason), false),
                Some(Err(Unreachable { reason, .. })) => (End::Lost(reason), false),
                None => return Ok(!self.stopped),
            };
            ever_admitted |= admitted;
            tries = tries_after(tries, admitted, self.world.now().since(began));
            match end {
                // At a terminal the user has seen every error, and asked to leave.
                End::Left => return Ok(!self.failed || self.user.is_at_a_terminal()),
                // After a loss the server may take a while to release the name.
                End::Refused if !ever_admitted => return Ok(false),
                End::Refused => {}
                End::Abandoned(reason) => {
                    self.tell(Shown::Error(reason))?;
                    return Ok(false);
                }
                End::Lost(reason) => self.tell(Shown::Error(reason))?,
            }
            if tries >= self.tries_max(ever_admitted) {
                return Ok(false);
            }
            let pause = spread(pause_before(tries), self.world.chance());
            tries += 1;
            self.tell(Shown::Notice(format!("trying again in {:.1} s", pause.as_secs_f64())))?;
            let world = self.world;
            if self.meanwhile(world.until(world.now() + pause)).await?.is_none() {
                return Ok(!self.stopped);
            }
        }
    }

    /// How often in a row to try again. A person who was talking wants to go on; a script that was
    /// not told to has to know of the loss.
    fn tries_max(&self, ever_admitted: bool) -> u32 {
        let talked = ever_admitted && self.user.is_at_a_terminal();
        self.options.reconnect.unwrap_or(if talked { TRIES_MAX } else { 0 })
    }

    /// Connects. The error is the reason for a failure; `None` means that the user left first.
    async fn connect(&mut self) -> io::Result<Option<Result<W::Stream, Unreachable>>> {
        let (options, world) = (self.options, self.world);
        let (host, port) = options.server();
        let result = self.meanwhile(world.connect(host, port, options.timeout)).await?;
        Ok(result.map(|result| result.map_err(|error| unreachable(options, &error))))
    }

    /// Waits for `what`, which needs no user. Returns `None` if the user leaves first.
    async fn meanwhile<T>(&mut self, what: impl Future<Output = T>) -> io::Result<Option<T>> {
        let mut what = std::pin::pin!(what);
        let known = verbs(self.options.dialect);
        let vocabulary = Vocabulary::new(words(known));
        loop {
            let user = &mut self.user;
            let typed = async { Some(user.next(Wants::Offline, &vocabulary).await) };
            let typed = future::or(typed, stopped(&mut self.signals));
            let done =
                future::or(async { Ok(what.as_mut().await) }, async { Err(typed.await) }).await;
            let line = match done {
                Ok(value) => return Ok(Some(value)),
                Err(None) => {
                    self.stopped = true;
                    return Ok(None);
                }
                Err(Some(typed)) => typed?,
            };
            let Typed::Line(line) = line else { return Ok(None) };
            match parse(&line, known) {
                Ok(Some(Input::Quit)) => return Ok(None),
                Ok(_) => {
                    self.tell(Shown::Notice("not connected; /quit ends the program".into()))?;
                }
                Err(why) => self.tell(Shown::Error(why))?,
            }
        }
    }

    /// Runs one connection to its end; returns also whether the server accepted the name.
    async fn talk(&mut self, mut stream: W::Stream) -> io::Result<(End, bool)> {
        let mut conversation = Conversation::new(self.topic.clone(), self.world.now());
        let mut lines = Lines::new(SERVER_LINE_MAX);
        let mut buffer = vec![0; READ_BYTES];
        let mut said_goodbye = false;
        let (begun, mut first) = (self.world.now(), None);
        let end = loop {
            self.user.show(&conversation.take_shown())?;
            self.user.set_prompt(conversation.room(), conversation.unread())?;
            if let Some(end) = conversation.end() {
                break end.clone();
            }
            if conversation.wants_half_close() && !said_goodbye {
                said_goodbye = true;
                // If the connection is gone, the next read reports it.
                let _ = stream.half_close();
            }
            match self.happening(&conversation, &mut stream, &mut buffer).await {
                Happening::Heard(Ok(0)) => {
                    if let Some(why) = self.suspicion(first, begun) {
                        conversation.suspect(why);
                    }
                    conversation.closed(None);
                }
                Happening::Heard(Ok(read)) => {
                    first = first.or(Some(buffer[0]));
                    lines.feed(&buffer[..read]);
                    self.hear(&mut conversation, &mut lines);
                }
                Happening::Heard(Err(error)) => conversation.closed(Some(&error.to_string())),
                Happening::Sent(Ok(count)) => conversation.sent(count),
                // Lines that the server sent before it closed are still to be read.
                Happening::Sent(Err(_)) => conversation.cannot_send(),
                Happening::Typed(typed) => match typed? {
                    Typed::Line(line) => conversation.typed(&line, self.world.now()),
                    Typed::Text(text) => conversation.pasted(&text, self.world.now()),
                    Typed::TooMuch => conversation.typed_too_much(),
                    Typed::End => conversation.leave(self.world.now()),
                },
                Happening::Passed => conversation.passed(self.world.now()),
                Happening::Stopped => break End::Abandoned("stopped by a signal".to_owned()),
            }
        };
        if conversation.was_admitted() && self.options.dialect.has_rooms() {
            // The next connection goes into the room of this one.
            self.topic.room = conversation.room().map(|room| String::from_utf8_lossy(room).into());
        }
        self.failed |=
            conversation.failed() || matches!(end, End::Lost(_)) && conversation.was_admitted();
        Ok((end, conversation.was_admitted()))
    }

    /// Why a server may have closed a connection that it said nothing on but this first byte.
    fn suspicion(&self, first: Option<u8>, begun: Time) -> Option<&'static str> {
        match first {
            _ if self.options.tls || self.world.now() >= begun + AT_ONCE => None,
            None => Some("if it speaks TLS there, try --tls"),
            Some(TLS_ALERT) => Some("it speaks TLS there, try --tls"),
            Some(_) => None,
        }
    }

    fn hear(&self, conversation: &mut Conversation, lines: &mut Lines) {
        while let Some(cut) = lines.next() {
            match cut {
                Cut::Line(line) => conversation.heard(&line, self.world.now()),
                Cut::TooLong => conversation.heard_too_much(),
            }
        }
    }

    /// Waits for the first event. The other waits are dropped without loss.
    async fn happening(
        &mut self,
        conversation: &Conversation,
        stream: &mut W::Stream,
        buffer: &mut [u8],
    ) -> Happening {
        let unsent = conversation.unsent();
        let mut writer = stream.clone();
        let write = async {
            match unsent {
                [] => pending().await,
                some => Happening::Sent(writer.write(some).await),
            }
        };
        let read = async { Happening::Heard(stream.read(buffer).await) };
        let (world, deadline) = (self.world, conversation.deadline());
        let passed = async {
            world.until(deadline).await;
            Happening::Passed
        };
        let wants = if conversation.wants_input() { Wants::Lines } else { Wants::Local };
        let (user, words) = (&mut self.user, conversation.words());
        let typed = async { Happening::Typed(user.next(wants, words).await) };
        let signals = &mut self.signals;
        let stopped = async {
            stopped::<()>(signals).await;
            Happening::Stopped
        };
        // The order is random, so that a flood from one side does not hide the other.
        future::race(future::race(read, write), future::race(typed, future::or(passed, stopped)))
            .await
    }
}

/// Returns `None` once a signal asks to stop.
async fn stopped<T>(signals: &mut Option<Signals>) -> Option<T> {
    match signals {
        Some(signals) => signals.next().await.map_or((), drop),
        None => pending().await,
    }
    None
}

/// Why there is no connection.
struct Unreachable {
    reason: String,
    /// Whether it is useless to try again.
    lasts: bool,
}

/// The failure of a connection, and what to try.
fn unreachable(options: &Options, error: &io::Error) -> Unreachable {
    let (host, port) = options.server();
    let host = sanitize(host.as_bytes());
    let layer = error.get_ref().and_then(|inner| inner.downcast_ref::<LayerError>());
    let lasts = layer.is_some_and(LayerError::lasts);
    let advice = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            let dialect = options.dialect;
            format!(
                "; nothing listens there: start `parlance --dialect {dialect} {port}`, \
                 or name another server as HOST:PORT"
            )
        }
        io::ErrorKind::TimedOut => "; nothing answers there".to_owned(),
        _ if lasts && options.tls_fingerprint.is_none() => {
            "; if you know it to be the right one, --tls-fingerprint trusts it".to_owned()
        }
        _ => String::new(),
    };
    let reason = format!("cannot connect to {host} port {port}: {error}{advice}");
    Unreachable { reason, lasts }
}

/// The number of tries in a row. A connection that was accepted and lasted resets it. A server that
/// accepts every client and closes at once does not, or it would be tried four times a second
/// forever.
fn tries_after(tries: u32, admitted: bool, lasted: Duration) -> u32 {
    if admitted && lasted >= LONGEST_PAUSE { 0 } else { tries }
}

/// Each pause is twice as long as the one before.
fn pause_before(tries: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tries)).min(LONGEST_PAUSE)
}

/// A part of a pause, from a quarter to all of it, so that clients that lost their server together
/// do not come back together.
fn spread(pause: Duration, random: f64) -> Duration {
    pause.mul_f64(0.25 + 0.75 * random)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_PAUSE, pause_before, spread, tries_after};
    use std::time::Duration;

    #[test]
    fn a_lasting_connection_resets_the_tries() {
        assert_eq!(tries_after(3, true, LONGEST_PAUSE), 0);
        assert_eq!(tries_after(3, false, LONGEST_PAUSE), 3);
        assert_eq!(tries_after(3, true, Duration::from_secs(29)), 3);
    }

    #[test]
    fn pauses_are_spread_and_not_longer() {
        let second = Duration::from_secs(1);
        assert_eq!(spread(second, 0.0), Duration::from_millis(250));
        assert_eq!(spread(second, 1.0), second);
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        let pauses: Vec<_> = (0..4).map(|tries| pause_before(tries).as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000]);
        assert_eq!(pause_before(u32::MAX), LONGEST_PAUSE);
    }
}
