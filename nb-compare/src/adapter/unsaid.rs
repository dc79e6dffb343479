//! What an adapter asks its sides for and they do not say: versions, parameters.
//!
//! Not here: what they do say, and how that compares (`stated`).

use crate::adapter::stated::StatedValues;
use crate::adapter::{Adapter, ParameterSource};

/// What was asked for and not said, one sentence each: a version, a parameter at all, a parameter by one side alone. `versions` and `said`
/// are those of the reference and the candidate; a side said nothing that did not write the file which it says it in.
pub(crate) fn unsaid(
    adapter: &Adapter,
    versions: [&str; 2],
    said: &[Option<StatedValues>; 2],
) -> Vec<String> {
    const SHOWN: usize = 8;
    let mut notes = Vec::new();
    for ((side, version), stated) in adapter.sides.iter().zip(versions).zip(said) {
        let label = &side.label;
        if !side.version.is_empty() && version.is_empty() {
            let command = side.version.join(" ");
            notes
                .push(format!("{label} says no version: `{command}` is not there, fails, or prints nothing"));
        }
        let Some(rules) = &adapter.parameters else { continue };
        let from = match &rules.from {
            ParameterSource::StandardOutput => "standard output".to_owned(),
            ParameterSource::StandardError => "standard error".to_owned(),
            ParameterSource::File(name) => format!("`{}`", name.display()),
        };
        match stated {
            None => notes.push(format!("{label} states no parameter: it does not write {from}")),
            Some(stated) if stated.is_empty() => {
                notes.push(format!("{label} states no parameter: no line of its {from} does"));
            }
            Some(_) => {}
        }
    }
    let [a, b] = said.each_ref().map(|stated| stated.as_ref().cloned().unwrap_or_default());
    for (side, own, other) in [(&adapter.sides[0], &a, &b), (&adapter.sides[1], &b, &a)] {
        let alone: Vec<String> =
            own.keys().filter(|name| !other.contains_key(*name)).map(|name| format!("`{name}`")).collect();
        let more = match alone.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        if !alone.is_empty() {
            let shown: Vec<&str> = alone.iter().map(String::as_str).take(SHOWN).collect();
            notes.push(format!("{} alone states {}{more}", side.label, shown.join(", ")));
        }
    }
    notes
}
