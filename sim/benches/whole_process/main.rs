//! Whole runs of our program and of the C reference, from start to exit: user, system and wall time, peak memory.
//! Not here: timing of single functions (`kernels`).
//!
//! `cargo bench -p nanobragg --bench whole_process -- --help` says the options. Programs take turns
//! (A B A B …) in a fresh folder each, and medians are compared, so that a busy minute slows all sides. `NB_C_BIN` names
//! the C program; without it our reference engine is the yardstick, and the first line says so.

mod environment;
#[path = "../everyday/mod.rs"]
mod everyday;
mod goals;
mod images;
mod instructions;
mod measure;
mod plots;
mod report;
mod rows;
mod settings;
mod sides;
#[path = "../../tests/support/mod.rs"]
mod support;
mod tables;

use std::process::ExitCode;

use measure::Measured;
use settings::{Settings, Task};

fn main() -> ExitCode {
    let outcome = match Settings::parse(std::env::args().skip(1)) {
        Ok(Task::Help) => {
            print!("{}", settings::HELP);
            Ok(())
        }
        Ok(Task::ListRows) => {
            rows::list();
            Ok(())
        }
        Ok(Task::Measure(settings)) => run(&settings),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(settings: &Settings) -> Result<(), String> {
    let sides = sides::all();
    println!("yardstick: {}", sides::yardstick(&sides));
    println!("{} rounds, medians; ratios are yardstick / side", settings.rounds);
    let rows = rows::all(settings)?;
    let mut measured: Vec<Measured> = vec![];
    for (number, row) in rows.iter().enumerate() {
        for threads in row.threads.iter().filter(|t| settings.threads.contains(t)) {
            eprintln!("[{}/{}] {}, {threads} thread(s)", number + 1, rows.len(), row.name);
            let one = measure::row(row, *threads, &sides, settings)?;
            println!("{}", tables::console(&one));
            measured.push(one);
        }
    }
    let instructions = instructions::count(settings)?;
    let goals = goals::all(&measured, &instructions);
    println!("{}", tables::markdown(&measured, &goals, &instructions));
    if let Some(path) = &settings.json {
        report::write_json(path, settings, &sides, &measured, &goals, &instructions)?;
    }
    match &settings.out {
        Some(folder) => report::write_folder(folder, settings, &sides, &measured, &goals, &instructions),
        None => Ok(()),
    }
}
