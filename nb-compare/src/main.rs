//! The program `nb-compare`. Not here: anything but handing over arguments and exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(nb_compare::app::main(std::env::args_os().collect()))
}
