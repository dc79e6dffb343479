//! The program `trace-harness`. Not here: anything but handing over arguments and exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(trace_harness::cli::main(std::env::args_os().collect()))
}
