//! Certificates that are made for a test: nothing secret is in the repository.

use rcgen::{CertificateParams, KeyPair};
use std::fs;
use std::path::{Path, PathBuf};

/// A certificate and its key, in files.
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    /// The certificate in PEM.
    pub(crate) pem: String,
}

/// A folder of its own for the certificates of a test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let name = format!("tls-{test}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder is made");
    folder
}

impl Pair {
    /// Makes a certificate for these names and writes it to files named `stem`.
    pub(crate) fn make(folder: &Path, stem: &str, names: &[&str]) -> Pair {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().expect("a key is made");
        let params = CertificateParams::new(names).expect("they are names");
        let pem = params.self_signed(&key).expect("it is signed").pem();
        let pem = pem.replace('\r', "").trim_end().to_owned();
        let in_folder = |end: &str| folder.join(format!("{stem}.{end}"));
        let (certificate, key_file) = (in_folder("crt"), in_folder("key"));
        fs::write(&certificate, &pem).expect("it is written");
        fs::write(&key_file, key.serialize_pem()).expect("it is written");
        Pair { certificate, key: key_file, pem }
    }

    /// The options that name it.
    pub(crate) fn options(&self) -> [&str; 4] {
        ["--tls-cert", text(&self.certificate), "--tls-key", text(&self.key)]
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is text")
}
