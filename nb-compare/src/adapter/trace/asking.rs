//! Asking a side for the trace of one element: its adapter with the request in the command, and the trace as its output.
//!
//! Not here: the table (`rules`), running the side (`app`).

use crate::adapter::trace::rules::{TRACE_FILE, TraceRules, TraceSource};
use crate::adapter::words::{Placeholder, Template};
use crate::adapter::{Adapter, From, Output, OutputKind, SIDES};

/// The output whose elements are traced.
pub(crate) fn output_of<'a>(rules: &TraceRules, adapter: &'a Adapter) -> Option<&'a Output> {
    match &rules.output {
        Some(name) => adapter.outputs.iter().find(|output| output.name == *name),
        None => adapter.outputs.first(),
    }
}

/// The adapter whose side `number` is asked for a trace of `element`, which is its one output then.
pub(crate) fn asking(rules: &TraceRules, adapter: &Adapter, number: usize, element: &[usize]) -> Adapter {
    let asked = &rules.sides[number];
    let mut traced = adapter.clone();
    traced.outputs = vec![Output {
        name: "trace".to_owned(),
        from: match &asked.from {
            TraceSource::File(path) => From::File(path.clone()),
            TraceSource::StandardOutput => From::StandardOutput,
        },
        kind: OutputKind::Table(Box::default()),
    }];
    let side = &mut traced.sides[number];
    let words = asked.request.iter().flat_map(|word| word.asked(TRACE_FILE, element));
    let behind = side.command.iter().position(|word| word.has(Placeholder::Args));
    let behind = behind.map_or(side.command.len(), |at| at + 1);
    side.command.splice(behind..behind, words.map(Template::text));
    for (name, value) in &asked.env {
        side.default_env.remove(name);
        side.env.insert(name.clone(), value.asked(TRACE_FILE, element).concat());
    }
    traced
}

/// As [`asking`], with the trace behind the outputs, which the side leaves as well; without those that would stand among its lines.
pub(crate) fn with_trace(rules: &TraceRules, adapter: &Adapter, number: usize, element: &[usize]) -> Adapter {
    let mut traced = asking(rules, adapter, number, element);
    let is_printed = |output: &Output| output.from == From::StandardOutput;
    let mut outputs = adapter.outputs.clone();
    for mut trace in std::mem::take(&mut traced.outputs) {
        outputs.retain(|output| !(is_printed(output) && is_printed(&trace)));
        if outputs.iter().any(|output| output.name == trace.name) {
            trace.name = "asked-trace".to_owned();
        }
        outputs.push(trace);
    }
    traced.outputs = outputs;
    traced
}

/// What the run is called in which side `side` is asked for the trace number `at`, counted from 0.
pub(crate) fn run_name(at: usize, side: usize) -> String {
    format!("trace-{}-{}", at + 1, SIDES[side])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::adapter;

    fn parsed(trace: &str) -> Result<Adapter, String> {
        let text = format!(
            "[side.reference]\nlabel = \"a\"\ncommand = [\"a\", \"{{args}}\", \"-o\", \"x\"]\n\
             [side.candidate]\nlabel = \"b\"\ncommand = [\"b\"]\nenv = {{ T = \"old\" }}\n\
             [[output]]\nname = \"x\"\npath = \"x\"\n[trace]\n{trace}\n"
        );
        adapter::parse(Path::new("a.toml"), &text).map_err(|e| e.to_string())
    }

    fn command(adapter: &Adapter, number: usize) -> Vec<String> {
        let words = &adapter.sides[number].command;
        words.iter().map(|word| word.literal().unwrap_or("{args}").to_owned()).collect()
    }

    #[test]
    fn a_request_stands_behind_the_arguments_with_the_element_in_its_place() {
        let adapter = parsed(
            "request = [\"-t\", \"{element}\", \"{pixel}\", \"--file={trace}\"]\n\
             [trace.candidate]\nenv = { T = \"{trace}\" }\nrequest = []",
        )
        .expect("an adapter");
        let rules = adapter.trace.as_ref().expect("its table");
        assert!(rules.is_by_element());
        let reference = asking(rules, &adapter, 0, &[3, 14]);
        let words = ["a", "{args}", "-t", "3,14", "3", "14", "--file=trace.txt", "-o", "x"];
        assert_eq!(command(&reference, 0), words);
        let candidate = asking(rules, &adapter, 1, &[3, 14]);
        assert_eq!(command(&candidate, 1), ["b"]);
        assert_eq!(candidate.sides[1].env["T"], "trace.txt");
        assert_eq!(candidate.outputs[0].from, From::File("trace.txt".into()));
        assert_eq!(candidate.image_name(), adapter.image_name());
    }

    #[test]
    fn a_trace_beside_the_outputs_stands_behind_them_and_not_among_their_lines() {
        let text = "[side.reference]\ncommand = [\"a\"]\n[side.candidate]\ncommand = [\"b\"]\n\
             [[output]]\nname = \"trace\"\npath = \"x\"\n[[output]]\nname = \"y\"\npath = \"{stdout}\"\n[trace]\nrequest = [\"-t\"]\n";
        let names = |from: &str| {
            let adapter = adapter::parse(Path::new("a.toml"), &format!("{text}from = \"{from}\"\n")).unwrap();
            let asked = with_trace(adapter.trace.as_ref().unwrap(), &adapter, 0, &[]);
            asked.outputs.into_iter().map(|output| output.name).collect::<Vec<_>>()
        };
        assert_eq!(names("stdout"), ["trace", "asked-trace"]);
        assert_eq!(names("file"), ["trace", "y", "asked-trace"]);
    }

    #[test]
    fn a_side_that_writes_a_file_of_its_own_leaves_the_place_of_both() {
        let text = "request = [\"-t\"]\nfrom = \"stdout\"\n[trace.candidate]\nrequest = [\"{trace}\"]";
        let sides = parsed(text).unwrap().trace.unwrap().sides;
        let places = sides.map(|side| side.from);
        assert_eq!(places, [TraceSource::StandardOutput, TraceSource::File(TRACE_FILE.into())]);
    }

    #[test]
    fn a_trace_is_in_one_place_and_asked_for() {
        for (trace, why) in [
            ("schema = \"keys.toml\"", "reference: asks for no trace"),
            ("request = [\"--trace\"]", "says of no place"),
            ("request = [\"{trace}\"]\nfrom = \"stdout\"", "already; expected one place"),
            ("request = [\"-t\"]\nfrom = \"../x\"", "leads out of the folder"),
            ("request = [\"-t\"]\nfrom = \"stdout\"\noutput = \"y\"", "`y` is no output of the adapter"),
            ("request = [\"{image}\"]\nfrom = \"stdout\"", "`{image}` has no meaning here"),
            ("request = [\"at={pixel}\"]\nfrom = \"stdout\"", "`{pixel}` is a part of a word"),
            ("env = { \"1\" = \"{trace}\" }", "`env`: `1` or its value"),
            ("requests = []", "unknown field `requests`"),
        ] {
            let refused = parsed(trace).expect_err(trace);
            assert!(refused.contains(why), "{trace}: {refused}");
        }
        assert!(!parsed("request = [\"-t\"]\nfrom = \"stdout\"").unwrap().trace.unwrap().is_by_element());
    }
}
