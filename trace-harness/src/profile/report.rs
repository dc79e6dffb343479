//! What a profile says: on the terminal, in the bundle's files, on its page.
//!
//! Not here: judging runs (`profile`), drawing them (`plot`).

use maud::html;
use nanobragg::chart::Chart;

use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::exit::Exit;
use crate::evidence::page::{markdown, section, table};
use crate::evidence::verdict::Verdict;
use crate::profile::Profile;
use crate::profile::guardrails::{Guardrails, LimitLevel};
use crate::profile::statistics::Statistics;
use crate::profile::units::{size, time};

/// A peak that exceeds this program's own memory by less than this part is not known: page tables and the loader differ.
const OWN_PAGES: f64 = 0.1;

/// What the bundle says.
pub fn closing(found: &Profile, code: Exit, history: &Chart) -> Closing<'static> {
    let reason = match found.remarks.is_empty() {
        true => {
            let judged = found.guardrails.maximum_s.is_some() || found.guardrails.tolerance.is_some();
            let end = if judged { "in range" } else { "without limits to compare with" };
            format!("{} runs of {} on average, {end}", found.wall_s.count, time(found.wall_s.mean))
        }
        false => found.remarks.join("; "),
    };
    let figures = [
        ("wall_mean_s", found.wall_s.mean),
        ("wall_variation", found.wall_s.variation),
        ("cpu_mean_s", found.cpu_s.mean),
        ("peak_memory_max_bytes", found.peak_memory_bytes.max),
    ];
    let measured = ["what", "mean", "standard deviation", "variation", "min", "max"];
    let content = html! {
        figure { (history.inline()) figcaption { "A dot for each run, a line for each limit" } }
        (table("What was measured", &measured, &rows(found)))
        (table("Limits", &["limit", "time"], &limits(found)))
    };
    Closing {
        metrics: Metrics::of(figures.into_iter().filter(|_| found.wall_s.count > 0)),
        analysis: markdown::block(&to_text(found)),
        page: Page::Sections(section("run-times", "Run times", &content)),
        ..Closing::of("profile", "profile of a command", Verdict::of(code == Exit::Agrees), reason)
    }
}

/// Nothing was measured where no run ended well: a row of zeros would look like a figure.
fn rows(found: &Profile) -> Vec<Vec<String>> {
    if found.wall_s.count == 0 {
        return Vec::new();
    }
    let row = |name: &str, s: Statistics, show: fn(f64) -> String| {
        let percent = format!("{:.1} %", s.variation * 100.0);
        vec![name.to_owned(), show(s.mean), show(s.standard_deviation), percent, show(s.min), show(s.max)]
    };
    let mut rows = vec![row("wall time", found.wall_s, time), row("processor time", found.cpu_s, time)];
    let (memory, own) = (found.peak_memory_bytes, found.own_memory_bytes);
    let known = memory.max > own as f64 * (1.0 + OWN_PAGES);
    rows.push(match known {
        true => row("peak memory", memory, size),
        false => {
            let most = format!("at most {}", size(memory.max));
            let mut row = vec!["peak memory".to_owned(), most];
            row.extend(["", "", "", ""].map(|_| "-".to_owned()));
            row
        }
    });
    rows
}

fn limits(found: &Profile) -> Vec<Vec<String>> {
    let all = [("", Some(&found.guardrails)), ("processor time: ", found.cpu_guardrails.as_ref())];
    let both = all.into_iter().filter_map(|(of, limits)| Some((of, limits.filter(|l| l.expected_s > 0.0)?)));
    both.flat_map(|(of, limits)| limits_of(of, limits)).collect()
}

fn limits_of(of: &str, g: &Guardrails) -> Vec<Vec<String>> {
    let tolerance = g
        .tolerance
        .map(|part| (format!("tolerance of the mean ({:.0} %)", part * 100.0), part * g.expected_s));
    let named = |name: &str, limit: Option<f64>| limit.map(|s| (name.to_owned(), s));
    let rows = [
        Some((format!("expected ({})", g.expected_from.text()), g.expected_s)),
        tolerance,
        named("warning", g.warning_s),
        named("maximum", g.maximum_s),
        named("minimum", g.minimum_s),
        named("recommended CI time limit", Some(g.ci_timeout_s).filter(|_| of.is_empty())),
    ];
    rows.into_iter().flatten().map(|(name, s)| vec![format!("{of}{name}"), time(s)]).collect()
}

/// What is printed.
pub fn to_text(found: &Profile) -> String {
    let warm_up = match found.warm_up {
        0 => String::new(),
        n => format!(", after {n} to warm up"),
    };
    let mut lines = vec![format!("{} of {} runs ended well{warm_up}", found.wall_s.count, found.runs)];
    for row in rows(found) {
        lines.push(match row[2].as_str() {
            "-" => format!("{}: {}, which is this program's own at the start of a run", row[0], row[1]),
            _ => format!(
                "{}: mean {}, deviation {} ({}), {} to {}",
                row[0], row[1], row[2], row[3], row[4], row[5]
            ),
        });
    }
    lines.extend(limits(found).iter().map(|row| format!("{}: {}", row[0], row[1])));
    if !found.history.is_empty() {
        let runs: usize = found.history.iter().map(|e| e.seconds.len()).sum();
        lines.push(format!("history: {runs} runs in {} bundles", found.history.len()));
    }
    lines.extend(found.remarks.iter().cloned());
    let g = &found.guardrails;
    let unjudged = [g.tolerance, g.warning_s, g.maximum_s, g.minimum_s].iter().all(Option::is_none);
    lines.push(match found.level {
        LimitLevel::InRange if unjudged => {
            "no limits: nothing to compare with (--baseline, --history or a limit of your own)".to_owned()
        }
        LimitLevel::InRange => "in range".to_owned(),
        LimitLevel::Warning => "warning".to_owned(),
        LimitLevel::Outside => "outside".to_owned(),
    });
    lines.join("\n")
}
