//! What a comparison by an adapter says of its sides, held against its steps: programs, arguments, and what was collected from where.
//!
//! Not here: whether env.json knows the programs, what the outputs come to (`outputs`), comparisons of images (`programs`).

use std::ffi::OsString;
use std::path::Path;

use regex::Regex;
use trace_harness::evidence::bundle::summary::{Step, Summary};

use crate::adapter::words::{Filling, Placeholder};
use crate::adapter::{Adapter, SIDES};
use crate::recompute::programs::calls;
use crate::report::outputs::OutputsFacts;
use crate::runner::Side;

/// What `facts` say otherwise than the steps, and what the steps do otherwise than the adapter says. With `compared`, both sides have to
/// have ended well.
pub(super) fn differences(
    adapter: &Adapter,
    facts: &OutputsFacts,
    summary: &Summary,
    compared: bool,
) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, side) in [Side::Reference, Side::Candidate].into_iter().enumerate() {
        let name = side.prefix();
        let Some(step) = summary.steps.iter().find(|step| step.name == name) else {
            findings.extend(compared.then(|| format!("has no step `{name}`, and outputs of it")));
            continue;
        };
        if compared && !step.succeeded() {
            findings.push(format!("step `{name}`: failed, and there are outputs of it"));
        }
        let program = |field: &str| facts.sides[number].program[field].as_str().unwrap_or_default();
        if !calls(step, program("name"), program("sha256")) {
            findings.push(format!("`sides`: the program of the {name} is not the one of its step"));
        }
        let folder = folder_of(adapter, number);
        if step.folder != folder {
            findings.push(format!("step `{name}`: worked in `{}`; expected `{folder}`", step.folder));
        }
        if !is_command_of(adapter, number, facts, step) {
            findings
                .push(format!("`args`: the command of step `{name}` is not what the adapter makes of them"));
        }
        let collected = adapter
            .outputs
            .iter()
            .map(|output| (output.stored(number), output.left_at(&step.folder, &side.logs()[0])));
        let places: Vec<&str> = step.outputs.iter().map(|output| output.path.as_str()).collect();
        if step.collected != collected.collect()
            || places != adapter.outputs.iter().map(|output| output.stored(number)).collect::<Vec<_>>()
            || step.logs != side.logs()
        {
            findings.push(format!("step `{name}`: collected other files than the adapter's outputs"));
        }
    }
    findings
}

/// The folder that a side works in, as bundles have it.
fn folder_of(adapter: &Adapter, number: usize) -> String {
    let cwd = adapter.sides[number].cwd.as_ref();
    let below = cwd.map(|cwd| format!("/{}", cwd.display())).unwrap_or_default();
    format!("{{tmp}}/{}{below}", SIDES[number])
}

/// Whether the words behind the program are those of the adapter, with the arguments in their place.
fn is_command_of(adapter: &Adapter, number: usize, facts: &OutputsFacts, step: &Step) -> bool {
    let image = adapter.image_name();
    let image = Path::new(&step.folder).join(image);
    let variants = facts.variants.iter().filter_map(|id| adapter.variant(id).ok());
    let more: Vec<&String> = variants.flat_map(|variant| &variant.args[number]).collect();
    let mut says = step.command.iter().skip(1);
    for word in adapter.sides[number].command.iter().skip(1) {
        if word.has(Placeholder::Args) {
            let is_given = facts.args.iter().all(|arg| says.next() == Some(arg));
            if !is_given || !more.iter().all(|arg| says.next().is_some_and(|word| is_recorded(word, arg))) {
                return false;
            }
            continue;
        }
        let filling = Filling { args: &[], image: &image, out: Path::new(&step.folder) };
        let filled: Vec<OsString> = word.fill(&filling);
        if !filled
            .iter()
            .all(|word| says.next().is_some_and(|says| is_recorded(says, &word.to_string_lossy())))
        {
            return false;
        }
    }
    says.next().is_none()
}

/// Whether a word of an adapter is recorded as `says`: as it is, or with tokens in the place of paths.
fn is_recorded(says: &str, word: &str) -> bool {
    if says == word {
        return true;
    }
    let Ok(token) = Regex::new(r"\{[a-z]+(:[^{}]*)?\}") else { return false };
    let pieces: Vec<String> = token.split(says).map(regex::escape).collect();
    word.contains('/')
        && Regex::new(&format!("^(?s:{})$", pieces.join(".+"))).is_ok_and(|shape| shape.is_match(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_for_paths_and_for_nothing_else() {
        for (says, word, is) in [
            ("-n", "-n", true),
            ("{work}/grid.dat", "/a/b/grid.dat", true),
            ("--grid={input:0123456789ab/grid.dat}", "--grid=/a/grid.dat", true),
            ("{work}/grid.dat", "/a/b/other.dat", false),
            ("{work}", "-n", false),
            ("-m", "-n", false),
        ] {
            assert_eq!(is_recorded(says, word), is, "{says} {word}");
        }
    }
}
