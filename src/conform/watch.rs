//! Waits until a file of a program under test changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Maximum number of files and folders that are looked at, and how deep.
const FILES_MAX: usize = 10_000;
const DEPTH_MAX: usize = 12;
/// Folders of tools, besides hidden ones: no source is in them.
const BUILT: [&str; 5] = ["target", "node_modules", "__pycache__", "build", "dist"];

type Files = BTreeMap<PathBuf, (SystemTime, u64)>;

/// The files whose changes count, as they were.
///
/// A server may write into its folder, and a command may build there. So those that the command
/// names count from the beginning of a run, and all others from its end.
#[derive(Debug)]
pub(super) struct Watch {
    named: Vec<PathBuf>,
    /// Reports and such, which the suite itself writes.
    own: Vec<PathBuf>,
    at_the_beginning: Files,
}

/// All files as they were, and a change to wait for.
#[derive(Debug)]
pub(super) struct Waiting {
    watch: Watch,
    before: Files,
}

impl Watch {
    /// Notes the files that `command` names, before a run.
    pub(super) fn begin(command: &[String], own: Vec<PathBuf>) -> Watch {
        let named = command.iter().map(PathBuf::from).filter(|path| path.is_file());
        let named: Vec<PathBuf> = named.collect();
        let at_the_beginning = named.iter().filter_map(|path| noted(path)).collect();
        Watch { named, own, at_the_beginning }
    }

    /// Notes all other files, after a run.
    pub(super) fn end(self) -> Waiting {
        let mut before = self.files();
        before.extend(self.at_the_beginning.clone());
        Waiting { watch: self, before }
    }

    fn files(&self) -> Files {
        let mut files: Files = self.named.iter().filter_map(|path| noted(path)).collect();
        gather(Path::new("."), DEPTH_MAX, &mut files);
        files.retain(|path, _| !self.own.iter().any(|own| same(own, path)));
        files
    }
}

impl Waiting {
    /// Waits until a file is changed, new or gone; returns its path.
    pub(super) fn changed(self) -> PathBuf {
        loop {
            let now = self.watch.files();
            if let Some(path) = difference(&self.before, &now) {
                // An editor may write several files, or one in several steps.
                std::thread::sleep(LOOK);
                return path;
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// A path that differs, if one does.
fn difference(before: &Files, now: &Files) -> Option<PathBuf> {
    let changed = now.iter().find(|(path, state)| before.get(*path) != Some(state));
    let gone = || before.iter().find(|(path, _)| !now.contains_key(*path));
    changed.or_else(gone).map(|(path, _)| path.clone())
}

fn noted(path: &Path) -> Option<(PathBuf, (SystemTime, u64))> {
    let known = std::fs::metadata(path).ok()?;
    Some((path.to_owned(), (known.modified().ok()?, known.len())))
}

fn gather(folder: &Path, depth: usize, files: &mut Files) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if files.len() >= FILES_MAX || name.starts_with('.') {
            continue;
        }
        match entry.file_type() {
            // A link to a folder may lead anywhere.
            Ok(kind) if kind.is_dir() && depth > 0 && !BUILT.contains(&&*name) => {
                gather(&path, depth - 1, files);
            }
            Ok(kind) if kind.is_file() => files.extend(noted(&path)),
            _ => {}
        }
    }
}

/// Whether two paths are of one file, or of its next version.
fn same(own: &Path, path: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (own, path) = (whole(own), whole(path));
    own == path || path.to_str() == own.to_str().map(|own| format!("{own}.new")).as_deref()
}
