//! What a profile says: on the terminal, in the bundle's files, on its page.
//!
//! Not here: judging runs (`profile`), drawing them (`plot`).

use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::exit::Exit;
use crate::evidence::page::{markdown, table};
use crate::evidence::verdict::Verdict;
use crate::profile::Profile;
use crate::profile::guardrails::Level;
use crate::profile::statistics::Statistics;

/// What the bundle says.
pub fn closing(found: &Profile, code: Exit, picture: &str) -> Closing<'static> {
    let reason = match found.remarks.is_empty() {
        true => format!("{} runs of {:.3} s on average, in range", found.wall_s.count, found.wall_s.mean),
        false => found.remarks.join("; "),
    };
    let figures = [
        ("wall_mean_s", found.wall_s.mean),
        ("wall_variation", found.wall_s.variation),
        ("cpu_mean_s", found.cpu_s.mean),
        ("peak_memory_max_bytes", found.peak_memory_bytes.max),
    ];
    let sections = format!(
        "<section>\n<h2>Run times</h2>\n{picture}{}{}</section>\n",
        table(
            "What was measured",
            &["", "mean", "standard deviation", "variation", "min", "max"],
            &rows(found)
        ),
        table("Limits", &["limit", "s"], &limits(found))
    );
    Closing {
        metrics: Metrics::of(figures.into_iter().filter(|_| found.wall_s.count > 0)),
        analysis: markdown::block(&words(found)),
        page: Page::Sections(sections),
        ..Closing::of("profile", "profile of a command", Verdict::of(code == Exit::Agrees), reason)
    }
}

/// Nothing was measured where no run ended well: a row of zeros would look like a figure.
fn rows(found: &Profile) -> Vec<Vec<String>> {
    if found.wall_s.count == 0 {
        return Vec::new();
    }
    let mib = |x: f64| x / f64::from(1 << 20);
    let memory = found.peak_memory_bytes;
    let memory = Statistics {
        mean: mib(memory.mean),
        standard_deviation: mib(memory.standard_deviation),
        min: mib(memory.min),
        max: mib(memory.max),
        ..memory
    };
    let row = |(name, s): (&str, Statistics)| {
        let mut row = vec![name.to_owned()];
        row.extend([s.mean, s.standard_deviation].map(|x| format!("{x:.3}")));
        row.push(format!("{:.1} %", s.variation * 100.0));
        row.extend([s.min, s.max].map(|x| format!("{x:.3}")));
        row
    };
    [("wall s", found.wall_s), ("processor s", found.cpu_s), ("peak memory MiB", memory)].map(row).to_vec()
}

fn limits(found: &Profile) -> Vec<Vec<String>> {
    let g = &found.guardrails;
    if g.expected_s <= 0.0 {
        return Vec::new();
    }
    let named = [
        (format!("expected ({})", g.expected_from.text()), g.expected_s),
        (format!("tolerance of the mean ({:.0} %)", g.tolerance * 100.0), g.tolerance * g.expected_s),
        ("warning".to_owned(), g.warning_s),
        ("maximum".to_owned(), g.maximum_s),
        ("minimum".to_owned(), g.minimum_s),
        ("recommended CI time limit".to_owned(), g.ci_timeout_s),
    ];
    named.into_iter().map(|(name, s)| vec![name, format!("{s:.3}")]).collect()
}

/// What is printed.
pub fn words(found: &Profile) -> String {
    let mut lines = vec![format!("{} of {} runs ended well", found.wall_s.count, found.runs)];
    for row in rows(found) {
        lines.push(format!(
            "{}: mean {}, deviation {} ({}), {} to {}",
            row[0], row[1], row[2], row[3], row[4], row[5]
        ));
    }
    lines.extend(limits(found).iter().map(|row| format!("{}: {} s", row[0], row[1])));
    if !found.history.is_empty() {
        let runs: usize = found.history.iter().map(|e| e.seconds.len()).sum();
        lines.push(format!("history: {runs} runs in {} bundles", found.history.len()));
    }
    lines.extend(found.remarks.iter().cloned());
    lines.push(match found.level {
        Level::InRange => "in range".to_owned(),
        Level::Warning => "warning".to_owned(),
        Level::Outside => "outside".to_owned(),
    });
    lines.join("\n")
}
