//! An audit in words.
//!
//! Not here: as data and as a bundle (`evidence`).

use nanobragg::Pixel;

use crate::evidence::terminal::visible;
use crate::trace::audit::{Audit, AuditCheck, AuditFault};
use crate::trace::diff::report::clause;
use crate::trace::diff::wording::numbers;

/// An audit in words.
pub(super) fn to_text(audit: &Audit) -> String {
    let single = clause(&audit.precision);
    let mut lines = vec![format!("{}: {} values checked{single}", audit.file, audit.checked())];
    for check in audit.faults() {
        lines.push(format!("does not follow: {}", check.name));
        lines.push(format!("  law         {}", check.law));
        if let Some(fault) = &check.first {
            lines.extend(fault_lines(check, fault));
        }
    }
    for check in audit.checks.iter().filter(|c| c.checked == 0) {
        let reasons: Vec<&str> = check.not_checked.keys().map(String::as_str).collect();
        lines.push(format!("not checked: {}: {}", check.name, reasons.join("; ")));
    }
    let not_finite: usize = audit.checks.iter().map(|c| c.not_finite).sum();
    if not_finite > 0 {
        lines.push(format!(
            "{not_finite} of the values follow because they are NaN or infinite on both sides"
        ));
    }
    lines.push(match (audit.faults().count(), audit.checked(), audit.unprintable()) {
        (0, 0, _) => "undecided: nothing could be checked".to_owned(),
        (0, _, 0) => "consistent".to_owned(),
        (0, _, n) => format!("undecided: {n} times stars stand in the place of a number that a law needs"),
        (n, ..) => format!("not consistent: {n} laws do not hold"),
    });
    lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}

fn fault_lines(check: &AuditCheck, fault: &AuditFault) -> Vec<String> {
    let mut place: Vec<String> = Vec::new();
    place.extend(fault.record.clone());
    place.extend(fault.pixel.map(|Pixel { slow, fast }| format!("pixel {slow} {fast}")));
    place.extend((fault.block > 0).then(|| format!("block {}", fault.block)));
    for (name, number) in ["source", "phi step", "domain"].iter().zip(fault.place).filter(|(_, n)| *n >= 0) {
        place.push(format!("{name} {number}"));
    }
    place.extend((fault.line > 0).then(|| format!("line {}", fault.line)));
    if place.is_empty() {
        place.push("the pixel as a whole".to_owned());
    }
    let mut lines = vec![
        format!("  where       {} ({} of {} times)", place.join(", "), check.faulty, check.checked),
        format!("  in trace    {}", numbers(&fault.traced)),
        format!("  recomputed  {} (rounding: {})", numbers(&fault.recomputed), numbers(&[fault.allowed])),
    ];
    lines.extend(fault.signatures.iter().map(|s| format!("  looks like  {s}")));
    lines
}
