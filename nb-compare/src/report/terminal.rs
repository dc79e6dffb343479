//! What a comparison says on the terminal.
//!
//! Not here: whether the terminal shows colours; the stream that this is printed to takes them out where it does not.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::compare::judgement::{Gate, Judgement, figure};
use crate::compare::metrics::{Measured, Metrics};
use nanobragg::Pixel;
use trace_harness::evidence::verdict::Verdict;

/// The line about one runner: `Reference runtime: 1.234 s`.
pub(crate) fn runner_line(label: &str, seconds: f64) -> String {
    format!("{label} runtime: {seconds:.3} s")
}

/// The colour of a verdict.
pub(crate) fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Fail | Verdict::Error => AnsiColor::Red,
        Verdict::Undecided => AnsiColor::Yellow,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

/// The word of a verdict in its colour.
pub(crate) fn word(verdict: Verdict) -> String {
    let style = style(verdict);
    format!("{style}{}{style:#}", verdict.word())
}

/// The table of the most important figures, with the gates beside those that have one.
pub(crate) fn table(m: &Metrics, judgement: &Judgement) -> String {
    let shown =
        |value: &Measured, digits: fn(f64) -> String| value.value().map_or("undefined".to_owned(), digits);
    let fraction: fn(f64) -> String = |v| format!("{:.4} %", v * 100.0);
    let six: fn(f64) -> String = |v| format!("{v:.6}");
    let [found_a, found_b] = m.peaks.found;
    let ulp = |u: Option<u64>| u.map_or("undefined".to_owned(), |u| u.to_string());
    let rows = [
        ("pixels compared", m.totals.pixels.to_string(), None),
        ("not finite (A, B)", format!("{}, {}", m.non_finite[0], m.non_finite[1]), Some("finite")),
        ("correlation", shown(&m.correlation, six), Some("correlation")),
        ("  of log(1 + I)", shown(&m.log_correlation, six), None),
        ("  of ranks", shown(&m.rank_correlation, six), None),
        ("pixels that agree", shown(&m.agreement.share, fraction), Some("agreement")),
        ("SSIM", shown(&m.ssim, six), None),
        ("RMSE", shown(&m.totals.rmse(), figure), None),
        ("largest difference", largest(m), None),
        ("sum ratio B/A", shown(&m.totals.sum_ratio(), figure), Some("sum_ratio")),
        ("best scale", shown(&m.totals.best_scale(), figure), Some("best_scale")),
        ("left after scaling", shown(&m.residual.fraction, fraction), None),
        ("same bits", shown(&m.identical_fraction(), fraction), None),
        ("ULP median, 99 %, max", [m.ulp.median, m.ulp.p99, m.ulp.max].map(ulp).join(", "), Some("max_ulp")),
        (
            "shift fast, slow",
            format!("{}, {} px", shown(&m.shift.fast, figure), shown(&m.shift.slow, figure)),
            None,
        ),
        ("peaks A, B, matched", format!("{found_a}, {found_b}, {}", m.peaks.matched), Some("peaks")),
    ];
    let mut text = String::new();
    for (name, value, gate) in rows {
        let gate = judgement.gates.iter().find(|g| Some(g.name.as_str()) == gate).map(gate_text);
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "  {}", format!("{name:<24}{value:<28}{}", gate.unwrap_or_default()).trim_end());
    }
    text
}

fn largest(m: &Metrics) -> String {
    match m.max_abs_pixel {
        Some(Pixel { slow, fast }) if m.totals.max_abs_difference.0 > 0.0 => {
            let largest = m.totals.largest_difference();
            let shown = largest.value().map_or("out of range".to_owned(), figure);
            format!("{shown} at fast {fast}, slow {slow}")
        }
        Some(_) => "0".to_owned(),
        None => "undefined".to_owned(),
    }
}

pub(super) fn gate_text(gate: &Gate) -> String {
    format!("{} ({})", word(gate.outcome), gate.asked)
}

/// The verdict in one line.
pub(crate) fn verdict_lines(judgement: &Judgement) -> String {
    format!("{}: {}", word(judgement.verdict), judgement.reason)
}
