//! The `samsyn` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    samsyn::cli::run()
}
