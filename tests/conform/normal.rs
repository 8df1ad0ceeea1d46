//! The output of the suite, without the parts that differ between runs and machines.

/// Replaces times, ports, waits, and the number of bytes that the system buffered. Names need no
/// placeholder: they come from the seed.
pub(crate) fn normal(output: &str) -> String {
    let lines: Vec<String> = output.lines().map(line).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}

fn line(line: &str) -> String {
    let line = match line.split_once(" ms  ") {
        Some((time, rest)) if time.trim().parse::<f64>().is_ok() => format!("      T ms  {rest}"),
        _ => line.to_owned(),
    };
    let line = number_after(&line, "127.0.0.1 ", "PORT");
    let line = number_after(&line, "server.py ", "PORT");
    let line = number_after(&line, "nothing came for ", "N");
    let line = number_after(&line, "nothing for ", "N");
    let line = number_after(&line, " four exchanges take ", "N");
    let line = number_after(&line, "conforms: ", "N");
    let line = number_after(&line, " failed in ", "T");
    let line = number_after(&line, " passed in ", "T");
    let line = number_after(&line, " inconclusive in ", "T");
    let line = number_after(&line, " skipped in ", "T");
    let line = number_after(&line, " warned in ", "T");
    numbered_filler(&line)
}

/// `line` with every number that follows `words` replaced.
fn number_after(line: &str, words: &str, by: &str) -> String {
    let mut parts = line.split(words);
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        new += words;
        new += if rest.len() < part.len() { by } else { "" };
        new += rest;
    }
    new
}

/// The system decides how far a flood gets before its reader is closed: `002779{x*10000}` becomes
/// `N{x*10000}`.
fn numbered_filler(line: &str) -> String {
    let mut parts = line.split("{x*10000}");
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let before = new.trim_end_matches(|c: char| c.is_ascii_digit());
        if before.len() + 6 == new.len() {
            new.truncate(before.len());
            new.push('N');
        }
        new += "{x*10000}";
        new += part;
    }
    new
}

/// Compares `text` with a committed file, or writes the file if `UPDATE_GOLDEN` is set.
///
/// The error shows both, and how to accept the new one, after a review.
pub(crate) fn golden(path: &std::path::Path, text: &str) -> Result<(), String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, text).expect("the folder is there");
    }
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    let path = path.display();
    if wanted == text {
        return Ok(());
    }
    Err(format!("{path} is\n{wanted}\nand should be\n{text}\nUPDATE_GOLDEN=1 takes the new one\n"))
}
