//! The unified text difference of two traces, without prefixes, and with values that agree written alike.
//!
//! Not here: what a difference means.

use std::fmt::Write;

use nanobragg::Pixel;
use similar::TextDiff;

use crate::trace::log::{Subject, TraceLog};

/// Lines of each trace that are compared as text; a longer trace is cut, and says so.
pub const LINES: usize = 50_000;

/// The difference.
pub fn text(traces: [&TraceLog; 2]) -> String {
    let [a, b] = traces.map(lines);
    let names = traces.map(|t| t.path.display().to_string());
    let mut diff = TextDiff::configure();
    diff.timeout(std::time::Duration::from_secs(5));
    let text =
        diff.diff_lines(&a, &b).unified_diff().context_radius(3).header(&names[0], &names[1]).to_string();
    match text.is_empty() {
        true => "the texts are the same\n".to_owned(),
        false => text,
    }
}

/// The lines of a trace without prefix, with the names of the schema.
fn lines(trace: &TraceLog) -> String {
    let mut out = String::new();
    for segment in &trace.segments {
        // Writing to a string cannot fail.
        if let Subject::Pixel(Some(Pixel { slow, fast })) = segment.subject {
            let _ = writeln!(out, "PIXEL {slow} {fast}");
        }
        for line in segment.lines.clone().take_while(|line| *line < LINES) {
            let place = trace.lines[line].place;
            for (name, number) in ["source", "phi", "domain"].iter().zip(place).filter(|(_, n)| *n >= 0) {
                let _ = write!(out, "{name} {number} ");
            }
            let items = trace.items(line).map(|item| {
                let numbers =
                    item.numbers.iter().map(|x| nanobragg::c_number::g(*x, 15)).collect::<Vec<_>>().join(" ");
                let words = trace.texts.get(item.text);
                let space = if words.is_empty() { "" } else { " " };
                format!("{} {numbers}{space}{words}", trace.names.get(item.key))
            });
            let _ = writeln!(out, "{}", items.collect::<Vec<_>>().join(" "));
        }
    }
    if trace.lines.len() > LINES {
        let _ = writeln!(out, "(cut after {LINES} of {} lines)", trace.lines.len());
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::trace::log::read_bytes;

    #[test]
    fn prefixes_do_not_differ_and_values_do() {
        let [a, b] = ["TRACE_C: a 1\nTRACE_C: b 2\n", "TRACE_PY: a 1.0\nTRACE_PY: b 3\n"]
            .map(|text| read_bytes(text.as_bytes(), Path::new("t")).unwrap());
        let text = text([&a, &b]);
        assert!(text.contains("\n a 1\n-b 2\n+b 3\n"), "{text}");
    }
}
