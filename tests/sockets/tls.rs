//! TLS over real sockets, with a client that shares no code with ours.
//!
//! Goal: a listener of `DIALECT+tls` serves the dialect's world to any client of TLS 1.2 and 1.3,
//! with the right certificate, and to no older version. Method: `openssl s_client`, beside clients
//! of a plain listener; certificates are made by the tests. Limits: a machine without `openssl`
//! says so and skips this; `.ci/run` installs Debian's. What a version and a cipher are worth is
//! openssl's word; streams that are cut and clients that do not read are the matter of
//! `tests/network/tls.rs`.

use crate::certificates::{Pair, folder};
use crate::process::openssl::{OpenSsl, fingerprint, handshake, has_openssl, shown_certificate};
use crate::process::{Chat, Daemon, command};
use crate::speech::{ALL, CHANNELS};
use rustix::process::Signal;
use std::fs;
use std::net::SocketAddr;

const SELF_SIGNED: &[&str] = &["--tls-self-signed", "--log", "info"];

/// What openssl leaves to users that ask for it.
const OLD: &str = "DEFAULT@SECLEVEL=0";

/// [common/tls-1]
#[test]
fn clients_of_both_kinds_share_the_rooms_and_names_of_every_dialect() {
    if !has_openssl() {
        return;
    }
    for (speech, version) in ALL.into_iter().zip(["-tls1_2", "-tls1_3"].into_iter().cycle()) {
        let tls = format!("{}+tls", speech.dialect);
        let daemon = Daemon::serving(&[&tls, speech.dialect], SELF_SIGNED);
        assert_eq!(daemon.dialects(), [tls.as_str(), speech.dialect]);
        let mut ann = Chat::connect(daemon.address_of(speech.dialect));
        ann.ask(speech.enter("ann"), speech.entered("ann", &[], b""));
        let mut shown = Vec::new();
        if speech.dialect == CHANNELS.dialect {
            shown = speech.said("ann", "hi");
            ann.ask(speech.say("hi"), &shown);
        }
        let mut joe = OpenSsl::connect(daemon.address_of(&tls), &[version]);
        joe.send(speech.enter("joe"));
        joe.expect(speech.entered("joe", &["ann"], &shown));
        joe.send(speech.say("hello"));
        joe.expect(speech.echo("joe", "hello"));
        ann.expect([speech.joined("joe"), speech.said("joe", "hello")].concat());
        ann.send(speech.say("bye"));
        joe.expect(speech.said("ann", "bye"));
        let long = "x".repeat(20_000 - 10);
        ann.send(speech.say(&long).repeat(10));
        joe.expect(speech.said("ann", &long).repeat(10));
        daemon.signal(Signal::TERM);
        joe.expect_end();
    }
}

/// [common/tls-1]
#[test]
fn old_versions_and_weak_ciphers_are_refused() {
    if !has_openssl() {
        return;
    }
    let daemon = Daemon::serving(&["rooms+tls"], SELF_SIGNED);
    let tries = |options: &[&str]| handshake(daemon.address(), options);
    for (version, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (shook, said) = tries(&[version]);
        assert!(shook && said.contains(&format!("New, {name}, Cipher is ")), "{said}");
        assert!(said.contains("Secure Renegotiation IS supported") || name == "TLSv1.3", "{said}");
    }
    for cipher in ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"] {
        let (shook, said) = tries(&["-tls1_2", "-cipher", cipher]);
        assert!(shook && said.contains(&format!("Cipher is {cipher}")), "{said}");
    }
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] {
        let (shook, said) = tries(&["-tls1_3", "-ciphersuites", suite]);
        assert!(shook && said.contains(&format!("Cipher is {suite}")), "{said}");
    }
    let refused: [&[&str]; 6] = [
        &["-tls1_1", "-cipher", OLD],
        &["-tls1", "-cipher", OLD],
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
        &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384"],
        &["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
        &["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"],
    ];
    for options in refused {
        let (shook, said) = tries(options);
        assert!(!shook && said.contains("Cipher is (NONE)"), "{options:?}: {said}");
        // Not by the client alone.
        let refusal = ["alert handshake failure", "alert protocol version"];
        assert!(refusal.iter().any(|alert| said.contains(alert)), "{options:?}: {said}");
        daemon.line_logged("no TLS handshake");
    }
}

/// [common/tls-6]
#[test]
fn the_certificate_is_that_of_the_name_which_is_asked_for() {
    if !has_openssl() {
        return;
    }
    let folder = folder("names");
    let one = Pair::make(&folder, "one", &["one.example", "127.0.0.1"]);
    let two = Pair::make(&folder, "two", &["two.example", "more.example"]);
    let any = Pair::make(&folder, "any", &["*.any.example"]);
    let options = [one.options(), two.options(), any.options()].concat();
    let daemon = Daemon::serving(&["rooms+tls"], &options);
    let shown = |options: &[&str]| shown_certificate(daemon.address(), options);
    assert_eq!(shown(&["-noservername"]), one.pem);
    for (name, pair) in [
        ("one.example", &one),
        ("two.example", &two),
        ("MORE.example", &two),
        ("three.any.example", &any),
        ("deep.three.any.example", &one),
        ("elsewhere", &one),
    ] {
        for version in ["-tls1_2", "-tls1_3"] {
            assert_eq!(shown(&[version, "-servername", name]), pair.pem, "{name}");
        }
    }
    fs::remove_dir_all(folder).expect("it is ours");
}

/// [common/tls-7] [common/shutdown-4]
#[test]
fn hup_reads_certificates_anew_for_new_connections_and_keeps_the_old_ones_if_that_fails() {
    if !has_openssl() {
        return;
    }
    let folder = folder("anew");
    let old = Pair::make(&folder, "it", &["localhost"]);
    let daemon =
        Daemon::serving(&["rooms+tls"], &[&old.options()[..], &["--log", "info"]].concat());
    let shown = || shown_certificate(daemon.address(), &[]);
    let mut joe = OpenSsl::connect(daemon.address(), &[]);
    joe.send("JOIN r joe\n");
    joe.expect("joe has joined\n");
    assert_eq!(shown(), old.pem);
    let new = Pair::make(&folder, "it", &["localhost"]);
    assert_eq!(shown(), old.pem, "not before the signal");
    let at_hup = || {
        daemon.signal(Signal::HUP);
        daemon.line_logged("loaded anew")
    };
    assert!(at_hup().contains("the certificates are loaded anew"));
    assert_eq!(shown(), new.pem);
    for (file, text) in [(&new.certificate, "nothing"), (&new.key, "-----BEGIN PRIVATE KEY-----")] {
        let good = fs::read(file).expect("it is there");
        fs::write(file, text).expect("it is written");
        let logged = at_hup();
        let named = logged.contains(file.to_str().expect("it is text"));
        assert!(logged.contains("ERROR") && named && logged.contains("stay"), "{logged}");
        assert_eq!(shown(), new.pem);
        fs::write(file, good).expect("it is written");
    }
    fs::write(&new.certificate, &old.pem).expect("it is written");
    assert!(at_hup().contains("is not the key of the certificate"));
    fs::remove_file(&new.key).expect("it is ours");
    assert!(at_hup().contains("cannot be read"));
    assert_eq!(shown(), new.pem);
    joe.send("still here\n");
    joe.expect("joe: still here\n");
    fs::remove_dir_all(folder).expect("it is ours");
}

/// [common/tls-7] [common/reload-1]
#[test]
fn hup_shows_the_certificate_that_the_configuration_file_names_now() {
    if !has_openssl() {
        return;
    }
    let folder = folder("named");
    let [one, two] = ["one", "two"].map(|stem| Pair::make(&folder, stem, &["localhost"]));
    let file = folder.join("parlance.toml");
    let name = |pair: &Pair| {
        let [_, certificate, _, key] = pair.options();
        let text = format!(
            "[network]\nlisten = ['rooms+tls://127.0.0.1:0']\n[log]\nlog = 'info'\n\
             [tls]\ntls-cert = ['{certificate}']\ntls-key = ['{key}']\n"
        );
        fs::write(&file, text).expect("it is written");
    };
    name(&one);
    let daemon = Daemon::launch(command().arg("--config").arg(&file), 1).expect("it starts");
    let shown = || shown_certificate(daemon.address(), &[]);
    assert_eq!(shown(), one.pem);
    name(&two);
    daemon.signal(Signal::HUP);
    assert!(daemon.logged().contains("the certificates are loaded anew"));
    assert!(daemon.logged().contains("option=tls-cert"));
    assert!(daemon.logged().contains("option=tls-key"));
    assert_eq!(shown(), two.pem);
    fs::remove_dir_all(folder).expect("it is ours");
}

/// [common/tls-8]
#[test]
fn the_fingerprint_at_the_start_is_that_of_a_certificate_of_this_run() {
    if !has_openssl() {
        return;
    }
    let mut seen = Vec::new();
    for _ in 0..2 {
        let daemon = Daemon::serving(&["rooms+tls"], &["--tls-self-signed"]);
        let shown = shown_certificate(daemon.address(), &[]);
        for host in ["localhost", "127.0.0.1", "::1"] {
            let option = if host == "localhost" { "-verify_hostname" } else { "-verify_ip" };
            let (_, said) = handshake(daemon.address(), &[option, host]);
            assert!(!said.contains("mismatch"), "{host}: {said}");
        }
        let (_, said) = handshake(daemon.address(), &["-verify_hostname", "elsewhere"]);
        assert!(said.contains("mismatch"), "{said}");
        daemon.signal(Signal::TERM);
        let announced = daemon.ended().stdout;
        let expected = format!("Certificate of this run: SHA-256 {}", fingerprint(&shown));
        assert_eq!(announced[1..], [expected]);
        seen.push(shown);
    }
    assert_ne!(seen[0], seen[1]);
}

/// [common/tls-8]
#[test]
fn a_certificate_of_this_run_is_valid_for_the_hosts_of_its_listeners() {
    if !has_openssl() {
        return;
    }
    for (also, is_valid) in [("rooms+tls://127.0.0.2:0", true), ("rooms://127.0.0.2:0", false)] {
        let mut command = command();
        command.args(["--tls-self-signed", "--listen", "rooms+tls://127.0.0.1:0"]);
        let daemon = Daemon::launch(command.args(["--listen", also]), 2).expect("it starts");
        let (_, said) = handshake(daemon.address(), &["-verify_ip", "127.0.0.2"]);
        assert_eq!(!said.contains("mismatch"), is_valid, "{said}");
    }
}

/// [common/tls-3]
#[test]
fn a_plain_client_is_closed_at_once() {
    let daemon = Daemon::serving(&["rooms+tls"], SELF_SIGNED);
    let mut joe = Chat::connect(daemon.address());
    joe.send("JOIN r joe\n");
    joe.expect_end();
    let logged = daemon.closing_logged();
    assert!(logged.contains("no TLS handshake: the client does not speak TLS"), "{logged}");
}

/// [common/tls-9]
#[test]
fn a_client_of_tls_is_told_by_every_plain_listener_that_it_is_wrong() {
    if !has_openssl() {
        return;
    }
    for speech in ALL {
        let telnet = format!("{}+telnet", speech.dialect);
        let daemon = Daemon::serving(&[speech.dialect, &telnet], &["--log", "info"]);
        let tries = |address: SocketAddr| handshake(address, &[]);
        for address in daemon.addresses() {
            let (shook, said) = tries(*address);
            assert!(!shook, "{said}");
            let logged = daemon.closing_logged();
            assert!(logged.contains("reason=\"tls_hello\""), "{logged}");
        }
    }
}
