//! `nb-compare tables`: two tables of text, a verdict, and a line for each column.
//!
//! Not here: reading and judging them (`table`).

use std::io::Write;
use std::path::Path;

use nanobragg::open_file::{self, TABLE};
use serde_json::json;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::terminal::visible;

use crate::cli::TableOptions;
use crate::table::compare::{TableComparison, compare};
use crate::table::rules::{Header, Rules};
use crate::table::{read, words};

/// Compares the two tables of `options`, whose paths are seen from `folder`.
pub(super) fn run(options: &TableOptions, folder: &Path) -> Result<Exit, Failure> {
    let rules = rules(options, folder)?;
    let reference = read(&folder.join(&options.a), &rules)?;
    let candidate = read(&folder.join(&options.b), &rules)?;
    let comparison = compare(&reference, &candidate, &rules)?;
    let text = if options.json { json(&comparison) } else { lines(&comparison) };
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(SystemError::StandardOutput(e).into()),
        _ => Ok(comparison.exit()),
    }
}

/// The rules of the file, over which those of the command line go.
fn rules(options: &TableOptions, folder: &Path) -> Result<Rules, Failure> {
    let mut rules = match &options.rules {
        Some(path) => {
            Rules::parse(&open_file::text(&folder.join(path), "rules of a table, in TOML", TABLE)?)?
        }
        None => Rules { header: Header::Row(true), ..Rules::default() },
    };
    if !options.key.is_empty() {
        rules.key.clone_from(&options.key);
    }
    rules.rtol = options.rtol.or(rules.rtol);
    rules.atol = options.atol.or(rules.atol);
    rules.max_ulp = options.max_ulp.or(rules.max_ulp);
    rules.check()?;
    Ok(rules)
}

fn json(comparison: &TableComparison) -> String {
    let mut all = json!({ "reason": words::sentence(comparison) });
    if let (Some(all), Ok(serde_json::Value::Object(rest))) =
        (all.as_object_mut(), serde_json::to_value(comparison))
    {
        all.extend(rest);
    }
    format!("{all:#}\n")
}

fn lines(comparison: &TableComparison) -> String {
    let mut text = format!("{} {}\n", comparison.verdict, visible(&words::sentence(comparison)));
    for column in &comparison.columns {
        text += &format!("  {}\n", visible(&words::line(column)));
        if let Some(worst) = &column.worst {
            text += &format!("            {}\n", visible(&words::worst_pair(worst)));
        }
    }
    for unused in &comparison.unused {
        text += &format!("  notice: {}\n", visible(unused));
    }
    text
}
