//! The log's way to standard error: by a thread of its own, so that a pipe that nobody reads stops
//! no client.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tracing_subscriber::fmt::MakeWriter;

/// How many lines may wait to be written; those that come then are dropped, and counted.
const LINES_MAX: usize = 4_096;

/// How long the end of the process waits for a place in the queue, and then for lines to be
/// written.
const FLUSH: Duration = Duration::from_secs(1);

/// How often it looks for that place.
const PACE: Duration = Duration::from_millis(5);

enum Job {
    Line(Vec<u8>),
    /// Everything before it has been written when the other end is dropped.
    Flush(#[expect(dead_code, reason = "it is dropped, which is the news")] SyncSender<()>),
}

/// Hands the lines of the log to the thread that writes them, which the first line starts. Clones
/// share it.
#[derive(Clone)]
pub(crate) struct LogWriter(Arc<Shared>);

struct Shared {
    /// Taken by the thread.
    target: Mutex<Option<Box<dyn Write + Send>>>,
    /// Where there can be no thread, nobody receives.
    jobs: OnceLock<SyncSender<Job>>,
    dropped: AtomicU64,
}

impl LogWriter {
    /// Lines go to `target`.
    pub(crate) fn new(target: impl Write + Send + 'static) -> LogWriter {
        let target = Mutex::new(Some(Box::new(target) as Box<dyn Write + Send>));
        LogWriter(Arc::new(Shared { target, jobs: OnceLock::new(), dropped: AtomicU64::new(0) }))
    }

    fn jobs(&self) -> &SyncSender<Job> {
        self.0.jobs.get_or_init(|| {
            let (jobs, received) = sync_channel(LINES_MAX);
            let target = self.0.target.lock().unwrap_or_else(PoisonError::into_inner).take();
            let builder = thread::Builder::new().name("parlance-log".to_owned());
            // Without the thread the lines are dropped, and counted.
            let shared = Arc::clone(&self.0);
            let _ = builder.spawn(move || target.map(|target| shared.write_all(&received, target)));
            jobs
        })
    }

    /// How many lines are missing: they could not be written, or those before them were not written
    /// fast enough.
    pub(crate) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until what was logged so far is written, but not long.
    pub(crate) fn flush(&self) {
        let Some(jobs) = self.0.jobs.get() else { return };
        let (begun, (written, news)) = (Instant::now(), sync_channel(0));
        let mut job = Job::Flush(written);
        while let Err(TrySendError::Full(refused)) = jobs.try_send(job) {
            if begun.elapsed() >= FLUSH {
                return;
            }
            job = refused;
            thread::sleep(PACE);
        }
        let _ = news.recv_timeout(FLUSH); // it ends in an error, whatever happens
    }
}

/// Waits, when it is dropped, for what was logged to be written.
pub(crate) struct LogGuard(pub(crate) LogWriter);

impl LogGuard {
    pub(crate) fn writer(&self) -> LogWriter {
        self.0.clone()
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.0.flush();
    }
}

impl Shared {
    /// Writes lines for ever. What cannot be written, as on a full disk, is lost and counted; once
    /// lines can be written again, and none waits, the log says what it lacks.
    fn write_all(&self, jobs: &Receiver<Job>, target: impl Write) {
        let (mut lines, mut told, mut failure) = (Lines::new(target), 0, None);
        while let Ok(job) = jobs.recv() {
            let mut next = Some(job);
            while let Some(job) = next {
                if let Job::Line(line) = job {
                    match lines.write(&line) {
                        Ok(()) => {}
                        Err(error) => {
                            self.dropped.fetch_add(1, Ordering::Relaxed);
                            failure = Some(error);
                        }
                    }
                }
                next = jobs.try_recv().ok();
            }
            let dropped = self.dropped.load(Ordering::Relaxed);
            if dropped > told && lines.are_written {
                let (lines, error) = (dropped - told, failure.take());
                let error =
                    error.map_or("they came too fast".to_owned(), |error| error.to_string());
                tracing::warn!(lines, error, "lines are missing from the log before this one");
                told = dropped;
            }
        }
    }
}

/// Writes whole lines: what is left of one that could not be written gets an end.
struct Lines<W> {
    target: W,
    /// The beginning of a line was written last.
    is_torn: bool,
    /// The last line could be written.
    are_written: bool,
}

impl<W: Write> Lines<W> {
    fn new(target: W) -> Lines<W> {
        Lines { target, is_torn: false, are_written: true }
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let written = self.try_write(line);
        self.are_written = written.is_ok();
        written
    }

    fn try_write(&mut self, mut line: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.target.write_all(b"\n")?;
            self.is_torn = false;
        }
        while !line.is_empty() {
            match self.target.write(line) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    line = &line[count..];
                    self.is_torn = !line.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.target.flush()
    }
}

impl Write for LogWriter {
    /// A line, or what is in its place: all of it is written, or nothing.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.jobs().try_send(Job::Line(line.to_vec())).is_err() {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogWriter {
    type Writer = LogWriter;

    fn make_writer(&self) -> LogWriter {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{LINES_MAX, Lines, LogWriter};
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Says what it is to write, and waits for leave.
    struct Gate(Sender<Vec<u8>>, Receiver<()>);

    impl Write for Gate {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(line.to_vec());
            let _ = self.1.recv();
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A disk that has room for so many bytes.
    struct Disk(Vec<u8>, usize);

    impl Write for &mut Disk {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let fits = line.len().min(self.1 - self.0.len());
            self.0.extend_from_slice(&line[..fits]);
            if fits == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_for_which_the_disk_had_no_room_spoils_no_other() {
        let mut disk = Disk(Vec::new(), 10);
        let mut lines = Lines::new(&mut disk);
        assert!(lines.write(b"first\n").is_ok() && lines.are_written);
        assert!(lines.write(b"second\n").is_err() && !lines.are_written);
        assert!(lines.write(b"third\n").is_err());
        lines.target.1 = 100;
        assert!(lines.write(b"fourth\n").is_ok() && lines.are_written);
        assert_eq!(disk.0, b"first\nseco\nfourth\n");
    }

    #[test]
    fn a_log_that_is_not_read_drops_lines_and_holds_nobody() {
        let ((lines, written), (leave, gate)) = (channel(), channel());
        let mut log = LogWriter::new(Gate(lines, gate));
        log.write_all(b"first\n").expect("it takes everything");
        assert_eq!(written.recv().expect("it is written"), b"first\n");
        for _ in 0..LINES_MAX + 3 {
            log.write_all(b"more\n").expect("it takes everything");
        }
        assert_eq!(log.dropped(), 3);
        drop(leave);
        log.flush();
        assert_eq!(written.try_iter().count(), LINES_MAX);
    }
}
