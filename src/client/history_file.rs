//! The file that keeps what was typed, from one run to the next.

use super::editor::LINES_MAX;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Maximum size of the file; a larger one is not ours to read.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A file of lines, readable by its user alone: private messages are among them.
#[derive(Debug)]
pub(super) struct HistoryFile(File);

impl HistoryFile {
    /// The place of the file, by the XDG base directories; `None` without a home.
    pub(super) fn place(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
        let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
        Some(state.join("parlance-chat/history"))
    }

    /// Opens the file, and makes it if there is none; returns also its last lines.
    pub(super) fn open(path: &Path) -> io::Result<(HistoryFile, Vec<String>)> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let file = options.open(path)?;
        let large = file.metadata()?.len() > FILE_BYTES_MAX;
        let text = if large { Vec::new() } else { fs::read(path)? };
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let last = &lines[lines.len().saturating_sub(LINES_MAX)..];
        // Now and then the file is cut, so that it does not grow for ever.
        if large || lines.len() > 2 * LINES_MAX {
            let kept = last.join("\n") + "\n";
            let part = path.with_extension(std::process::id().to_string());
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(0o600);
            options.open(&part)?.write_all(kept.as_bytes())?;
            fs::rename(part, path)?;
            return Ok((
                HistoryFile(OpenOptions::new().append(true).open(path)?),
                last.iter().map(ToString::to_string).collect(),
            ));
        }
        Ok((HistoryFile(file), last.iter().map(ToString::to_string).collect()))
    }

    /// Adds a line in one write, so that two clients can share the file.
    pub(super) fn add(&mut self, line: &str) {
        // A full disk is no reason to stop chatting.
        let _ = self.0.write_all(format!("{line}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::HistoryFile;
    use crate::editor::LINES_MAX;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    fn place(variables: &[(&str, &str)]) -> Option<PathBuf> {
        HistoryFile::place(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_file_stands_below_the_state_of_the_user() {
        let file = |path: &str| Some(Path::new(path).join("parlance-chat/history"));
        assert_eq!(place(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), file("/s"));
        assert_eq!(place(&[("HOME", "/h")]), file("/h/.local/state"));
        // The specification wants a path that is not absolute ignored.
        assert_eq!(place(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]), file("/h/.local/state"));
        assert_eq!(place(&[]), None);
    }

    #[test]
    fn lines_come_back_and_nobody_else_can_read_them() {
        let folder = std::env::temp_dir().join(format!("parlance-history-{}", std::process::id()));
        let path = folder.join("a/history");
        let (mut file, lines) = HistoryFile::open(&path).expect("it can be made");
        assert_eq!(lines, Vec::<String>::new());
        let mode = || std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        for number in 0..=2 * LINES_MAX {
            file.add(&number.to_string());
        }
        let (mut file, lines) = HistoryFile::open(&path).expect("it is there");
        assert_eq!(lines.len(), LINES_MAX);
        assert_eq!(lines.last(), Some(&(2 * LINES_MAX).to_string()));
        file.add("last");
        let (_, lines) = HistoryFile::open(&path).expect("it is there");
        assert_eq!((lines.len(), lines.last()), (LINES_MAX, Some(&"last".to_owned())));
        assert_eq!(mode(), 0o600, "it was cut meanwhile");
        std::fs::remove_dir_all(folder).expect("it is ours");
    }
}
