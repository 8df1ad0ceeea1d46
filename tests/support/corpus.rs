//! The committed inputs of the fuzz targets.

use std::fs;
use std::path::Path;

/// The inputs of `target` in `fuzz/corpus/` and `fuzz/regressions/`, by name; notes left out.
pub(crate) fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let fuzz = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("fuzz");
    let mut inputs = Vec::new();
    for folder in ["corpus", "regressions"] {
        // A target without regressions has no folder for them.
        let Ok(files) = fs::read_dir(fuzz.join(folder).join(target)) else { continue };
        for file in files {
            let path = file.expect("the folder can be listed").path();
            let name = format!("{folder}/{target}/{}", path.file_name().unwrap().display());
            inputs.push((name, fs::read(&path).expect("the file can be read")));
        }
    }
    inputs.sort();
    inputs
}
