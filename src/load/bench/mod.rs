//! tmp
use clap::Args;
/// tmp
#[derive(Args, Clone, Debug)]
pub(super) struct BenchOptions {}
pub(super) fn run(_: &BenchOptions) -> Result<String, super::error::LoadError> {
    Ok(String::new())
}
