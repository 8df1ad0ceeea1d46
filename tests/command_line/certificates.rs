//! Certificates that cannot be used.
//!
//! Goal: a server that cannot serve TLS as it was told does not start, and says which option and
//! file are at fault and what would be right. Method: the program, with files made for the test.
//! Limits: the mistakes are samples; a certificate that is merely out of date is served.

use super::places::assert_refused;
use crate::certificates::{Pair, folder};
use std::fs;

const LISTEN: [&str; 2] = ["--listen", "rooms+tls://127.0.0.1:0"];

fn refused(options: &[&str], named: &[&str]) {
    assert_refused(&[], &[&LISTEN, options].concat(), named);
}

/// [common/tls-6] [rooms/daemon-4]
#[test]
fn a_listener_without_a_certificate_and_a_certificate_without_a_listener_are_errors() {
    refused(&[], &["rooms+tls://127.0.0.1:0", "--tls-cert FILE --tls-key FILE", "self-signed"]);
    let plain = ["--listen", "rooms://127.0.0.1:0"];
    for option in [&["--tls-self-signed"][..], &["--tls-cert", "x"], &["--tls-key", "x"]] {
        assert_refused(&[], &[&plain, option].concat(), &[option[0], "DIALECT+tls://"]);
    }
    refused(&["--tls-cert", "x"], &["--tls-cert x", "write --tls-key FILE"]);
    refused(&["--tls-key", "x"], &["--tls-key x", "write --tls-cert FILE"]);
    for (option, name) in [("--tls-cert", "'--tls-cert'"), ("--tls-key", "'--tls-key'")] {
        refused(&["--tls-self-signed", option, "x"], &["'--tls-self-signed'", name, "write one"]);
    }
    let variable = [("PARLANCE_TLS_CERT", "x")];
    assert_refused(&variable, &LISTEN, &["--tls-cert x", "write --tls-key FILE"]);
}

/// [common/tls-6] [rooms/daemon-4]
#[test]
fn a_file_that_cannot_be_used_is_named_with_what_would_be_right() {
    let folder = folder("wrong");
    let (one, two) = (Pair::make(&folder, "one", &["a"]), Pair::make(&folder, "two", &["b"]));
    let [_, certificate, _, key] = one.options();
    let [_, other, ..] = two.options();
    let written = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("it is written");
        path.to_str().expect("it is text").to_owned()
    };
    let (empty, none) = (written("empty", ""), folder.join("none"));
    let none = none.to_str().expect("it is text");
    let cut = written("cut", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    let bogus = written("bogus", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let locked = written("locked", locked);
    let here = folder.to_str().expect("it is text");
    for (certificate, why) in [
        (none, "cannot be read"),
        (here, "it is no file"),
        (&*empty, "no certificate in it"),
        (key, "no certificate in it"),
        (&cut, "it is no PEM"),
        (&bogus, "cannot be used"),
    ] {
        refused(
            &["--tls-cert", certificate, "--tls-key", key],
            &[certificate, "'--tls-cert'", why],
        );
    }
    for (key, why) in [
        (none, "cannot be read"),
        (&*empty, "no private key in it"),
        (certificate, "no private key in it"),
        (&locked, "that has no passphrase"),
    ] {
        refused(&["--tls-cert", certificate, "--tls-key", key], &[key, "'--tls-key'", why]);
    }
    let pair = ["--tls-cert", other, "--tls-key", key];
    refused(&pair, &[key, other, "is not the key of the certificate"]);
    fs::remove_dir_all(folder).expect("it is ours");
}
