//! The trace lines among everything that a program printed.
//!
//! Not here: their meaning (`trace::log`).

/// The lines of `output` that belong to a trace, each with its line break; what stands before the prefix on a line (a
/// warning without an end of its own) is cut off. Without `set_up`, the lines about the run as a whole are left out.
pub fn trace_lines(output: &[u8], set_up: bool) -> String {
    let mut text = String::new();
    for line in String::from_utf8_lossy(output).lines() {
        let Some(trace) = trace_part(line) else { continue };
        if set_up || !is_set_up(trace) {
            text += trace;
            text.push('\n');
        }
    }
    text
}

/// From the prefix `TRACE_LABEL` on, where it is followed by what follows one in a trace.
fn trace_part(line: &str) -> Option<&str> {
    const PREFIX: &str = "TRACE_";
    let trace = &line[line.find(PREFIX)?..];
    let label =
        trace[PREFIX.len()..].trim_start_matches(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
    let labelled = label.len() < trace.len() - PREFIX.len();
    (labelled && label.starts_with([':', '_'])).then_some(trace)
}

/// `TRACE_X:key=value`, without a blank after the colon.
fn is_set_up(trace: &str) -> bool {
    trace.split_once(':').is_some_and(|(label, rest)| !label.contains(' ') && !rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &[u8] =
        b"banner\nTRACE:   a = [1]\nTRACE_C:Rx=[1]\nTRACE_CONFIG: tracing pixel (spixel=2, fpixel=3)\n\
        warning \xffTRACE_C: F_cell 5\nTRACE_RS_PHI phi_tic=0 k_frac=1\nTRACE_ no label\n";

    #[test]
    fn only_what_belongs_to_a_trace_is_kept() {
        let kept = trace_lines(PRINTED, true);
        let expected = "TRACE_C:Rx=[1]\nTRACE_CONFIG: tracing pixel (spixel=2, fpixel=3)\nTRACE_C: F_cell 5\n\
            TRACE_RS_PHI phi_tic=0 k_frac=1\n";
        assert_eq!(kept, expected);
    }

    #[test]
    fn the_set_up_can_be_left_out() {
        assert!(!trace_lines(PRINTED, false).contains("Rx"));
        assert_eq!(trace_lines(PRINTED, false).lines().count(), 3);
    }
}
