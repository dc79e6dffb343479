//! The report's files: JSON, Markdown, pictures.
//! Not here: what is in the tables (`tables`) and pictures (`plots`).

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::environment;
use crate::goals::Goal;
use crate::instructions::Instructions;
use crate::measure::Measured;
use crate::plots;
use crate::settings::Settings;
use crate::sides::{Side, yardstick};
use crate::tables;

/// Writes everything into a folder, which is made if it is not there.
pub fn write_folder(
    folder: &Path,
    settings: &Settings,
    sides: &[Side],
    rows: &[Measured],
    goals: &[Goal],
    instructions: &Instructions,
) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    let stamp = chrono::Utc::now().format("benchmark_%Y%m%d_%H%M%S.json").to_string();
    write_json(&folder.join(stamp), settings, sides, rows, goals, instructions)?;
    write(&folder.join("benchmark.md"), &tables::markdown(rows, goals, instructions))?;
    for (name, picture) in plots::all(rows) {
        write(&folder.join(name), &picture)?;
    }
    // On standard error: standard output is kept as evidence, which names no folders.
    eprintln!("report written");
    Ok(())
}

/// Writes the figures of every round.
pub fn write_json(
    path: &Path,
    settings: &Settings,
    sides: &[Side],
    rows: &[Measured],
    goals: &[Goal],
    instructions: &Instructions,
) -> Result<(), String> {
    let counts = match instructions {
        Instructions::Counted(counts) => json!(counts),
        Instructions::NotRun(why) => json!({ "not_run": why }),
    };
    let object = json!({
        "schema": "nanobragg-benchmark-2",
        "time": chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "rounds": settings.rounds,
        "yardstick": yardstick(sides),
        "environment": environment::environment(sides),
        "devices": environment::devices(),
        "goals": goals,
        "instructions_per_step": counts,
        "rows": rows.iter().map(of_row).collect::<Vec<_>>(),
    });
    write(path, &format!("{object:#}\n"))
}

fn of_row(row: &Measured) -> Value {
    let runs = f64::from(row.runs);
    let sides: Vec<Value> = row
        .sides
        .iter()
        .map(|taken| {
            let m = &taken.median;
            json!({
                "implementation": taken.side,
                "median": m,
                "instructions_millions": taken.instructions,
                "rounds": taken.rounds,
                "pixels_per_second": row.pixels * runs / m.wall_s,
                "steps_per_second": row.steps * runs / m.wall_s,
                "cpu_speedup": row.sides[0].median.cpu() / m.cpu(),
                "wall_speedup": row.sides[0].median.wall_s / m.wall_s,
                "image_against_yardstick": taken.against_yardstick,
                "image_against_exact": taken.against_exact,
            })
        })
        .collect();
    json!({
        "row": row.name,
        "set": row.set,
        "threads": row.threads,
        "runs_per_measurement": row.runs,
        "arguments": row.args,
        "pixels": row.pixels,
        "steps": row.steps,
        "pixels_rendered_by_exact": row.rendered,
        "sides": sides,
    })
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("cannot write `{}`: {e}", path.display()))
}
