//! Which of several values counts, and where it comes from.

use super::Configuration;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// A file that is deleted in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Scratch {
        let name = format!("parlance-{name}-{}.toml", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).expect("it is written");
        Scratch(path)
    }

    fn read(&self, typed: &[&str]) -> Result<Configuration, String> {
        let config = ["parlance", "--config", self.0.to_str().expect("it is text")];
        let read = Configuration::from_arguments([&config, typed].concat());
        read.map_err(|error| error.to_string())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn source(configuration: &Configuration, name: &str) -> String {
    let setting = configuration.settings.iter().find(|setting| setting.key.name == name);
    setting.unwrap_or_else(|| panic!("there is no {name}")).source.to_string()
}

/// [common/config-1]
#[test]
fn a_flag_replaces_the_file_and_the_file_the_default() {
    let text = "[limits]\nclients-max = 7\nidle-timeout = '2m'\n[tls]\ntls-self-signed = true\n";
    let file = Scratch::new("order", text);
    let read = file.read(&["--clients-max", "8"]).unwrap();
    let options = &read.options;
    assert_eq!((options.clients_max, options.tls_self_signed), (8, true));
    assert_eq!(options.idle_timeout, Duration::from_secs(120));
    assert_eq!(options.stall_timeout, Duration::from_secs(30));
    assert_eq!(source(&read, "clients-max"), "flag --clients-max");
    assert_eq!(source(&read, "idle-timeout"), format!("{}:3", file.0.display()));
    assert_eq!(source(&read, "stall-timeout"), "default");
    assert_eq!(source(&file.read(&["5000"]).unwrap(), "port"), "argument PORT");
}

/// Of the file nothing is left beside it. [common/config-1]
#[test]
fn a_typed_place_replaces_another_kind_of_place_in_the_file() {
    let file = Scratch::new("place", "[network]\nlisten = ['rooms://[::1]:1']\n");
    let places = |typed: &[&str]| {
        let endpoints = file.read(typed).unwrap().options.endpoints(|_| None).unwrap();
        endpoints.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(places(&[]), ["rooms://[::1]:1"]);
    assert_eq!(places(&["5000"]), ["rooms://[::]:5000"]);
    assert_eq!(places(&["--listen", "login://[::1]:2"]), ["login://[::1]:2"]);
    assert_eq!(places(&["--all"]).len(), 5);
}

/// [common/config-2]
#[test]
fn two_keys_of_a_file_that_cannot_both_be_meant_are_named() {
    let text = "[network]\nport = 1\n\nall = true\n";
    let file = Scratch::new("both", text);
    let error = file.read(&[]).unwrap_err();
    let named = format!("error: {}:4: 'port' and 'all' cannot be used together", file.0.display());
    assert!(error.starts_with(&named), "{error}");
    assert_eq!(file.read(&["--all"]).unwrap().options.port, None, "one of them is replaced");
    let off = Scratch::new("off", &text.replace("true", "false"));
    assert_eq!(off.read(&[]).unwrap().options.port, Some(1));
}

/// [common/config-2]
#[test]
fn a_fault_that_shows_between_options_has_the_place_of_one() {
    for (text, line) in [
        ("[network]\nlisten = ['rooms+tls://127.0.0.1:0']\n", 2),
        ("[tls]\n\ntls-cert = ['x']\n", 3),
        ("[log]\nlog = 'nothing'\n", 2),
        ("[web]\nws-origin = ['https://x']\n", 2),
        ("[network]\nlisten = ['rooms://[::1]:5', 'login://[::1]:5']\n", 2),
    ] {
        let file = Scratch::new("between", text);
        let read = file.read(&[]).unwrap();
        let error = read.served().map(|_| ()).unwrap_err();
        assert!(error.starts_with(&format!("{}:{line}: ", file.0.display())), "{error}");
    }
}
