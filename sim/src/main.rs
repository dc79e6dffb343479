//! The program `nanobragg`: hands its arguments to the library. Not here: anything else.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    ExitCode::from(nanobragg::run::run_cli(&args))
}
