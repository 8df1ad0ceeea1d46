//! Man pages and shell completions, from the options as the programs themselves have them.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "files are what this crate is for"
)]

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate_to};
use parlance_server::config::program::program;
use std::fs;
use std::io;
use std::path::Path;

/// The shells for which there are completions.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

/// The programs that are described: the daemon and the client.
fn programs() -> [Command; 2] {
    let ctl = parlance_ctl::Options::command();
    let daemon = program().mut_subcommand(parlance_ctl::CTL, |_| ctl);
    [daemon, parlance_client::Options::command()]
}

/// Writes the pages into the folder `man` of `folder`, and completions into `completions`. Makes
/// the folders.
///
/// # Errors
/// The system's.
pub fn write(folder: &Path) -> io::Result<()> {
    let (pages, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&pages)?;
    fs::create_dir_all(&completions)?;
    for command in programs() {
        let name = command.get_name().to_owned();
        for shell in SHELLS {
            generate_to(shell, &mut command.clone(), &name, &completions)?;
        }
        clap_mangen::generate_to(command, &pages)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{programs, write};
    use std::fs;

    #[test]
    fn every_option_is_in_the_pages_and_completions() {
        let folder = std::env::temp_dir().join(format!("parlance-manual-{}", std::process::id()));
        write(&folder).expect("the folder is ours");
        for mut command in programs() {
            command.build();
            let name = command.get_name();
            let read = |file: String| fs::read_to_string(folder.join(&file)).expect(&file);
            let page = read(format!("man/{name}.1")).replace("\\-", "-");
            let completions = [
                read(format!("completions/{name}.bash")),
                read(format!("completions/_{name}")),
                read(format!("completions/{name}.fish")),
            ];
            let options: Vec<&str> =
                command.get_arguments().filter_map(|option| option.get_long()).collect();
            assert!(options.len() > 10, "{name}");
            for option in options {
                assert!(page.contains(&format!("--{option}")), "{name}: --{option}");
                for text in &completions {
                    assert!(text.contains(option), "{name}: --{option}");
                }
            }
        }
        let ctl = fs::read_to_string(folder.join("man/parlance-ctl-kick.1")).expect("a page");
        assert!(ctl.contains("REASON"));
        let check = fs::read_to_string(folder.join("man/parlance-check.1")).expect("a page");
        assert!(check.replace("\\-", "-").contains("--defaults"));
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
