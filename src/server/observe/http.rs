//! The listener for metrics: `/metrics`, `/healthz` and `/readyz`, on a thread of its own.
//!
//! It is no client, takes no place of one, and waits for no task of the executor: it answers while
//! the server is full, busy or stuck. It has a bounded number of connections, each for a bounded
//! time; when there are too many, the oldest goes. A page is made a few times a second at most,
//! however often it is asked for, so that a flood of requests costs clients nothing.

use super::metrics::{Sources, exposition};
use super::reserve::Reserve;
use super::visit::Visit;
use crate::http::{Request, Response, allowed};
use crate::transport::Clock;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// The most connections at once, and the most that are accepted in one [`PACE`].
const VISITS_MAX: usize = 16;

/// See [`VISITS_MAX`]; also how long to wait for descriptors where there are none.
const PACE: Duration = Duration::from_millis(20);

/// For how long a page is good.
const PAGE_AGE_MAX: Duration = Duration::from_millis(100);

/// The type of Prometheus' text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A listener for those who look on.
pub struct MetricsServer {
    listener: TcpListener,
}

impl MetricsServer {
    /// Listens on `address`.
    ///
    /// # Errors
    /// The system's, most often that the port is taken.
    pub fn bind(address: SocketAddr) -> io::Result<MetricsServer> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(MetricsServer { listener })
    }

    /// The address it listens on, with the port that the system chose for port 0.
    ///
    /// # Errors
    /// The system's.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves `sources` on a thread of its own, until the process ends.
    ///
    /// # Errors
    /// The system's, if there cannot be another thread.
    pub fn start<C: Clock>(self, sources: Arc<Sources<C>>) -> io::Result<()> {
        let desk = Desk {
            listener: self.listener,
            sources,
            visits: VecDeque::new(),
            reserve: Reserve::new(),
            page: None,
            accepts_left: VISITS_MAX,
            accepts_renewed_at: Instant::now() + PACE,
        };
        thread::Builder::new().name("parlance-watch".to_owned()).spawn(|| desk.serve())?;
        Ok(())
    }
}

/// The state of the thread.
struct Desk<C: Clock> {
    listener: TcpListener,
    sources: Arc<Sources<C>>,
    /// The oldest first.
    visits: VecDeque<Visit>,
    reserve: Reserve,
    /// The last page of metrics, and when it was made.
    page: Option<(Instant, String)>,
    accepts_left: usize,
    accepts_renewed_at: Instant,
}

impl<C: Clock> Desk<C> {
    fn serve(mut self) {
        loop {
            self.wait();
            let now = Instant::now();
            if now >= self.accepts_renewed_at {
                (self.accepts_left, self.accepts_renewed_at) = (VISITS_MAX, now + PACE);
            }
            self.accept(now);
            let mut visits = std::mem::take(&mut self.visits);
            for visit in &mut visits {
                visit.go_on(|request| self.answer(request, now));
            }
            visits.retain(|visit| !visit.is_over(now));
            self.visits = visits;
            self.reserve.fill();
        }
    }

    /// Waits for something to do. An error of the call is no reason to end: the next one comes
    /// after a pause.
    fn wait(&self) {
        let now = Instant::now();
        let mut until = self.visits.iter().map(|visit| visit.until).min();
        let accepts = self.accepts_left > 0;
        if !accepts {
            until =
                Some(until.map_or(self.accepts_renewed_at, |at| at.min(self.accepts_renewed_at)));
        }
        let door = accepts.then(|| PollFd::new(&self.listener, PollFlags::IN));
        let visits = self.visits.iter().map(|visit| PollFd::new(&visit.stream, visit.waits_for()));
        let mut waiting: Vec<PollFd<'_>> = door.into_iter().chain(visits).collect();
        // One millisecond more, so that a moment has come when it is looked at.
        let span = until.map(|at| at.saturating_duration_since(now) + Duration::from_millis(1));
        let timeout = span.and_then(|span| Timespec::try_from(span).ok());
        match poll(&mut waiting, timeout.as_ref()) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => thread::sleep(PACE),
        }
    }

    /// Accepts those who wait, as many as may come in at once.
    fn accept(&mut self, now: Instant) {
        while self.accepts_left > 0 {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    self.accepts_left -= 1;
                    if stream.set_nonblocking(true).is_err() {
                        continue;
                    }
                    if self.visits.len() == VISITS_MAX {
                        self.visits.pop_front();
                    }
                    self.visits.push_back(Visit::new(stream, now));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // For want of descriptors, most often: those that are kept are for this.
                Err(_) if self.reserve.release() => {}
                Err(_) => return self.accepts_left = 0, // a pause, and then again
            }
        }
    }

    fn answer(&mut self, request: &Request, now: Instant) -> Response {
        if let Some(refused) = allowed(request, &["GET", "HEAD"]) {
            return refused;
        }
        match request.path.as_str() {
            "/metrics" => Response::document(CONTENT_TYPE, self.page(now)),
            "/healthz" if self.sources.is_alive() => Response::text("200 OK", "tasks are run"),
            "/healthz" => unavailable("no task was run for some time"),
            "/readyz" => match self.sources.readiness.obstacles() {
                obstacles if obstacles.is_empty() => Response::text("200 OK", "ready for clients"),
                obstacles => unavailable(&obstacles.join(", ")),
            },
            _ => Response::text("404 Not Found", "here are /metrics and /healthz and /readyz"),
        }
    }

    /// The metrics, of now or of a moment ago.
    fn page(&mut self, now: Instant) -> String {
        if let Some((made, page)) = &self.page
            && now.duration_since(*made) < PAGE_AGE_MAX
        {
            return page.clone();
        }
        let page = exposition(&self.sources);
        self.page = Some((now, page.clone()));
        page
    }
}

fn unavailable(why: &str) -> Response {
    Response::text("503 Service Unavailable", why)
}
