//! What a bundle says of runs by an adapter, held against its steps: programs, arguments, variables, and what was collected from where.
//!
//! Not here: whether env.json knows the programs, what the outputs come to (`outputs`), which runs noise has (`draws`), comparisons of
//! images (`programs`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use regex::Regex;
use trace_harness::evidence::bundle::summary::Step;

use crate::adapter::words::{Filling, Placeholder};
use crate::adapter::{Adapter, Output};
use crate::recompute::programs::calls;
use crate::report::outputs::OutputsFacts;
use crate::runner::Side;

/// What `facts` say otherwise than the steps, and what the steps do otherwise than the adapter says. With `compared`, both sides have to
/// have ended well.
pub(super) fn differences(
    adapter: &Adapter,
    facts: &OutputsFacts,
    (steps, case): (&[&Step], &str),
    compared: bool,
) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, side) in [Side::Reference, Side::Candidate].into_iter().enumerate() {
        let name =
            if case.is_empty() { side.prefix().to_owned() } else { format!("{case}/{}", side.prefix()) };
        let Some(step) = steps.iter().find(|step| step.name == name) else {
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
        let run = StatedRun {
            adapter,
            number,
            args: &facts.args,
            variants: &facts.variants,
            variable: None,
            logs: side.logs(),
            arrays: Vec::new(),
            case,
        };
        findings.extend(run.differences(step));
    }
    findings
}

/// One run of a side of an adapter, as its bundle states it.
pub(super) struct StatedRun<'a> {
    pub(super) adapter: &'a Adapter,
    /// Which side: 0 is the reference.
    pub(super) number: usize,
    /// The arguments, input files as tokens.
    pub(super) args: &'a [String],
    /// The ids of the variants that are on, in the order in which they add arguments.
    pub(super) variants: &'a [String],
    /// A variable that it has beside those of the adapter, or in place of one.
    pub(super) variable: Option<&'a (String, String)>,
    /// Where the evidence has what it prints.
    pub(super) logs: [String; 2],
    /// Arrays that its last output, a trace, names and that were taken with it.
    pub(super) arrays: Vec<String>,
    /// The case of a matrix that it is a run of; empty where it is none.
    pub(super) case: &'a str,
}

impl StatedRun<'_> {
    /// What `step`, by whose name its folders are called, does otherwise than this run.
    pub(super) fn differences(&self, step: &Step) -> Vec<String> {
        let name = &step.name;
        let mut findings = Vec::new();
        if step.expect != 0 {
            findings.push(format!("step `{name}`: was to end with {}; expected 0", step.expect));
        }
        let folder = self.folder(name);
        if step.folder != folder {
            findings.push(format!("step `{name}`: worked in `{}`; expected `{folder}`", step.folder));
        }
        if !self.is_command(step) {
            findings
                .push(format!("`args`: the command of step `{name}` is not what the adapter makes of them"));
        }
        if !self.has_variables(step) {
            findings.push(format!("step `{name}`: ran with other variables than the adapter's"));
        }
        let stdin = self.adapter.sides[self.number].stdin.as_deref();
        let reads = stdin.map(|path| path.file_name().unwrap_or_default().to_string_lossy());
        let is_named =
            |token: &String| reads.as_ref().is_some_and(|file| token.ends_with(&format!("/{file}}}")));
        if step.stdin.is_some() != reads.is_some() || !step.stdin.iter().all(is_named) {
            findings.push(format!("step `{name}`: read another standard input than the adapter's"));
        }
        let (own, root) = match self.case {
            "" => (name.as_str(), String::new()),
            case => (name.rsplit('/').next().unwrap_or_default(), format!("cases/{case}/")),
        };
        let stored = |output: &Output| format!("{root}outputs/{own}/{}{}", output.name, output.kind.suffix());
        let outputs = &self.adapter.outputs;
        let logs = self.logs.each_ref().map(|log| format!("{root}{log}"));
        let collected = outputs.iter().map(|output| (stored(output), output.left_at(&step.folder, &logs[0])));
        let beside = |array: &String| {
            let place = outputs.last().map(|trace| trace.beside(array)).unwrap_or_default();
            (format!("{root}outputs/{own}/{array}"), format!("{}/{}", step.folder, place.display()))
        };
        let arrays: Vec<(String, String)> = self.arrays.iter().map(beside).collect();
        let places: Vec<&str> = step.outputs.iter().map(|output| output.path.as_str()).collect();
        let expected = outputs.iter().map(stored).chain(arrays.iter().map(|(stored, _)| stored.clone()));
        // Of cases that pass, a matrix need not keep what the sides left; without it, nothing is judged again.
        let is_dropped = !self.case.is_empty() && places.is_empty() && step.collected.is_empty();
        let is_collected = places == expected.collect::<Vec<_>>()
            && step.collected == collected.chain(arrays).collect::<BTreeMap<_, _>>();
        if !(is_collected || is_dropped) || step.logs != logs {
            findings.push(format!("step `{name}`: collected other files than the adapter's outputs"));
        }
        findings
    }

    /// The folder that it works in, as bundles have it.
    fn folder(&self, name: &str) -> String {
        let cwd = self.adapter.sides[self.number].cwd.as_ref();
        let below = cwd.map(|cwd| format!("/{}", cwd.display())).unwrap_or_default();
        format!("{{tmp}}/{name}{below}")
    }

    /// Whether the words behind the program are those of the adapter, with the arguments in their place.
    fn is_command(&self, step: &Step) -> bool {
        let image = Path::new(&step.folder).join(self.adapter.image_name());
        let variants = self.variants.iter().filter_map(|id| self.adapter.variant(id).ok());
        let more: Vec<&String> = variants.flat_map(|variant| &variant.args[self.number]).collect();
        let mut says = step.command.iter().skip(1);
        for word in self.adapter.sides[self.number].command.iter().skip(1) {
            if word.has(Placeholder::Args) {
                let is_given = self.args.iter().all(|arg| says.next() == Some(arg));
                if !is_given || !more.iter().all(|arg| says.next().is_some_and(|word| is_recorded(word, arg)))
                {
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

    /// Whether the step has the adapter's variables. Of one that the adapter sets where the user has not, any value may be the user's.
    fn has_variables(&self, step: &Step) -> bool {
        let rules = &self.adapter.sides[self.number];
        let mut left = step.exported.clone();
        let own = self.variable.is_none_or(|(name, value)| left.remove(name).as_ref() == Some(value));
        let is_other = |name: &String| self.variable.is_none_or(|(other, _)| other != name);
        let mut set = rules.env.iter().filter(|(name, _)| is_other(name));
        let mut unless =
            rules.default_env.keys().filter(|name| is_other(name) && !rules.env.contains_key(*name));
        own && set.all(|(name, value)| left.remove(name).is_some_and(|says| is_recorded(&says, value)))
            && unless.all(|name| left.remove(name).is_some())
            && left.is_empty()
    }
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
