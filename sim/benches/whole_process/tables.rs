//! Figures as text: one row on the console, everything as Markdown.
//! Not here: choosing or judging them.

use std::fmt::Write;

use crate::goals::{Goal, OUTPUT_BYTES};
use crate::instructions::Instructions;
use crate::measure::{Measured, Taken};
use crate::rows::GROWTH_SET;

/// One row while measuring.
pub fn console(row: &Measured) -> String {
    let mut t = format!("\n{}, {} thread(s), {} run(s) per measurement\n", row.name, row.threads, row.runs);
    let _ = writeln!(
        t,
        "  {:<13}{:>10}{:>10}{:>10}{:>10}{:>9}{:>9}  image",
        "", "user s", "system s", "wall s", "peak MiB", "cpu x", "wall x"
    );
    for taken in &row.sides {
        let (m, first) = (&taken.median, &row.sides[0].median);
        let _ = writeln!(
            t,
            "  {:<13}{:>10.4}{:>10.4}{:>10.4}{:>10.1}{:>9.2}{:>9.2}  {}",
            taken.side,
            m.user_s,
            m.system_s,
            m.wall_s,
            m.peak_bytes / 1024.0 / 1024.0,
            first.cpu() / m.cpu(),
            first.wall_s / m.wall_s,
            image(taken)
        );
    }
    t
}

/// How the image compares with the yardstick's.
fn image(taken: &Taken) -> String {
    taken.against_yardstick.map_or_else(|| "yardstick".to_owned(), |c| c.summary())
}

/// Everything, for a README or a report.
pub fn markdown(rows: &[Measured], goals: &[Goal], instructions: &Instructions) -> String {
    let mut t = String::from(
        "## Goals\n\n| goal | must | aim | measured | outcome | sides |\n|---|---|---|---|---|---|\n",
    );
    for goal in goals {
        let figure = |value: f64| match goal.unit {
            "x" => format!("{value:.4}x").replace(".0000", ""),
            unit => format!("{value} {unit}"),
        };
        let measured = goal.measured.map_or_else(|| "-".to_owned(), |m| format!("**{m:.2}** {}", goal.unit));
        let must = if goal.must.is_finite() { trimmed(&figure(goal.must)) } else { "-".to_owned() };
        let aim = goal.aim.map_or_else(|| "-".to_owned(), |aim| trimmed(&figure(aim)));
        let _ =
            writeln!(t, "| {} | {must} | {aim} | {measured} | {} | {} |", goal.what, goal.outcome, goal.note);
    }
    t.push_str("\n## Instructions per step (callgrind)\n\n");
    match instructions {
        Instructions::NotRun(why) => {
            let _ = writeln!(t, "Not counted: {why}.");
        }
        Instructions::Counted(counts) => {
            t.push_str("| engine | instructions per step |\n|---|---|\n");
            for count in counts {
                let _ = writeln!(t, "| {} | {:.1} |", count.side, count.per_step);
            }
        }
    }
    t.push_str("\n## Rows\n\nWhole processes, medians. Times faster: processor time of the first side over this one's.\n\n");
    t.push_str(
        "| row | threads | engine | CPU s | wall s | Mpixel/s | ns/step | M instructions | peak MiB | times faster | image |\n",
    );
    t.push_str("|---|---|---|---|---|---|---|---|---|---|---|\n");
    for row in rows.iter().filter(|row| row.set != GROWTH_SET) {
        of_row(&mut t, row);
    }
    growth(&mut t, rows);
    t
}

/// What becomes of time, instructions and memory when there is more of something.
fn growth(t: &mut String, rows: &[Measured]) {
    let rows: Vec<&Measured> = rows.iter().filter(|row| row.set == GROWTH_SET).collect();
    if rows.is_empty() {
        return;
    }
    t.push_str("\n## Growth\n\nExact engine. Times: over those of the first row of the same kind.\n\n");
    t.push_str("| row | CPU s | times | M instructions | times | peak MiB | output arrays |\n|---|---|---|---|---|---|---|\n");
    let kind =
        |row: &Measured| row.name.rsplit_once(" x ").map_or(row.name.clone(), |(kind, _)| kind.to_owned());
    let mut first: Option<&Measured> = None;
    for row in rows {
        let Some(taken) = row.sides.first() else { continue };
        let base = first.filter(|first| kind(first) == kind(row)).unwrap_or(row);
        first = Some(base);
        let (m, b) = (&taken.median, &base.sides[0]);
        let counted = taken.instructions.map_or_else(|| "-".to_owned(), |n| format!("{n:.1}"));
        let grown = taken
            .instructions
            .zip(b.instructions)
            .map_or_else(|| "-".to_owned(), |(n, b)| format!("{:.2}", n / b));
        let _ = writeln!(
            t,
            "| {} | {:.4} | {:.2} | {counted} | {grown} | {:.1} | {:.2} |",
            row.name,
            m.cpu(),
            m.cpu() / b.median.cpu(),
            m.peak_bytes / 1024.0 / 1024.0,
            m.peak_bytes / (row.pixels * OUTPUT_BYTES),
        );
    }
}

/// Without the zeros that end a fraction.
fn trimmed(text: &str) -> String {
    match text.strip_suffix('x') {
        Some(number) if number.contains('.') => {
            format!("{}x", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text.to_owned(),
    }
}

fn of_row(t: &mut String, row: &Measured) {
    let runs = f64::from(row.runs);
    for taken in &row.sides {
        let m = &taken.median;
        let _ = writeln!(
            t,
            "| {} | {} | {} | {:.4} | {:.4} | {:.2} | {:.2} | {} | {:.1} | {:.2} | {} |",
            row.name,
            row.threads,
            taken.side,
            m.cpu() / runs,
            m.wall_s / runs,
            row.pixels * runs / m.wall_s / 1e6,
            m.cpu() * 1e9 / runs / row.steps,
            taken.instructions.map_or_else(|| "-".to_owned(), |count| format!("{count:.1}")),
            m.peak_bytes / 1024.0 / 1024.0,
            row.sides[0].median.cpu() / m.cpu(),
            image(taken)
        );
    }
}
