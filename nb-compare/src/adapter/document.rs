//! The file of an adapter, read strictly: what it does not know it refuses, with what was most likely meant.
//!
//! Not here: running what it describes (`app`).

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use nanobragg::error::InputError;
use nanobragg::open_file::{self, TABLE as LIMIT};
use serde::Deserialize;
use trace_harness::evidence::process::is_variable;

use crate::adapter::known::{Parameter, ParameterTable, StatingLine, StatingRows, Swapped};
use crate::adapter::noise::{self, NoiseDocument};
use crate::adapter::stated::Pattern;
use crate::adapter::table_document::TableDocument;
use crate::adapter::trace::rules::{self, TraceDocument};
use crate::adapter::words::{Placeholder, Template, nearest_of, no_variable, recordable, variables};
use crate::adapter::{
    Adapter, AdapterError, From, Output, OutputKind, ParameterSource, Parameters, SideRules, TABLE, Variant,
};
use crate::array::{ArrayGates, Format};

const WHAT: &str = "an adapter, in TOML";
/// What a command may hold.
const IN_COMMAND: [Placeholder; 3] = [Placeholder::Args, Placeholder::Image, Placeholder::Out];
/// The format of values with commas between them and a row of names.
const CSV: &str = "csv";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: Option<String>,
    side: SidesDocument,
    #[serde(default)]
    output: Vec<OutputDocument>,
    parameters: Option<ParametersDocument>,
    #[serde(default)]
    variant: Vec<VariantDocument>,
    noise: Option<NoiseDocument>,
    trace: Option<TraceDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SidesDocument {
    reference: SideDocument,
    candidate: SideDocument,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SideDocument {
    label: Option<String>,
    command: Vec<String>,
    variable: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    default_env: BTreeMap<String, String>,
    #[serde(default)]
    version: Vec<String>,
    cwd: Option<PathBuf>,
    stdin: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputDocument {
    name: String,
    path: String,
    #[serde(default)]
    format: String,
    part: Option<String>,
    gates: Option<toml::Table>,
    table: Option<TableDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParametersDocument {
    pattern: Option<String>,
    from: String,
    #[serde(default)]
    known: Vec<Parameter>,
    #[serde(default)]
    line: Vec<StatingLine>,
    #[serde(default)]
    rows: Vec<StatingRows>,
    #[serde(default)]
    complete: Vec<String>,
    places_in: Option<String>,
    swapped: Option<Swapped>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantDocument {
    id: String,
    meaning: String,
    #[serde(default)]
    reference_args: Vec<String>,
    #[serde(default)]
    candidate_args: Vec<String>,
}

/// What gates of a table may say beside its rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableGates {
    rtol: Option<f64>,
    atol: Option<f64>,
    max_ulp: Option<f64>,
}

/// Reads the adapter in `path`.
///
/// # Errors
/// The file cannot be read, is no adapter, or one that makes no sense.
pub fn read(path: &Path) -> Result<Adapter, AdapterError> {
    parse(path, &open_file::text(path, WHAT, LIMIT)?)
}

/// The adapter in `text`; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, text: &str) -> Result<Adapter, AdapterError> {
    let document: Document = toml::from_str(text).map_err(|e| refused(path, text, &e))?;
    let adapter = adapter(document).map_err(|e| e.within(&format!("`{}`", path.display())))?;
    Ok(adapter)
}

/// The refusal of the parser, with the place and with what was meant.
fn refused(path: &Path, text: &str, e: &toml::de::Error) -> AdapterError {
    let message = e.message();
    let error = InputError::new(path, message.replace('\n', " "), WHAT);
    let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let error = line.map_or_else(|| error.clone(), |line| error.clone().at(format!("line {line}")));
    AdapterError::from(error).advise(meant(message))
}

/// What was meant by the key that the parser's `message` refuses, as a hint; empty where it is about something else.
fn meant(message: &str) -> String {
    // The parser names what it found first, then what it knows.
    let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let meant = match (message.starts_with("unknown field"), named.as_slice()) {
        (true, [found, known @ ..]) => nearest_of(found, known.iter().copied()),
        _ => None,
    };
    meant.map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default()
}

fn adapter(document: Document) -> Result<Adapter, AdapterError> {
    let SidesDocument { reference, candidate } = document.side;
    let outputs = outputs(document.output)?;
    let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
    let trace = document.trace.map(|trace| rules::rules(trace, &names, inside));
    let image = outputs.iter().find(|output| output.from == From::Image);
    let adapter = Adapter {
        title: document.title.map(|title| line("title", title)).transpose()?,
        sides: [
            side(reference, "Reference").map_err(|e| e.within("[side.reference]"))?,
            side(candidate, "Candidate").map_err(|e| e.within("[side.candidate]"))?,
        ],
        image_name: image.map_or_else(|| "image".to_owned(), Output::image_name),
        outputs,
        parameters: document.parameters.map(parameters).transpose().map_err(|e| e.within("[parameters]"))?,
        variants: variants(document.variant)?,
        noise: document.noise.map(noise::rules).transpose().map_err(|e| e.within("[noise]"))?,
        trace: trace.transpose().map_err(|e| e.within("[trace]"))?,
    };
    if adapter.sides[0].label == adapter.sides[1].label {
        let problem = format!("both sides have the label `{}`", adapter.sides[0].label);
        return Err(AdapterError::senseless(problem, "a label of its own for each"));
    }
    let wants_image = adapter.outputs.iter().any(|output| output.from == From::Image);
    for (side, which) in adapter.sides.iter().zip(["reference", "candidate"]) {
        let names_image = side.command.iter().any(|word| word.has(Placeholder::Image));
        if wants_image != names_image {
            let (has, lacks) =
                if names_image { ("command", "path of an output") } else { ("path of an output", "command") };
            let problem = format!("[side.{which}]: `{{image}}` is in the {has}, and in no {lacks}");
            return Err(AdapterError::senseless(problem, "it in both, or in neither"));
        }
    }
    Ok(adapter)
}

/// A text of one line that people are shown.
fn line(key: &str, text: String) -> Result<String, AdapterError> {
    match text.trim().is_empty() || text.chars().any(char::is_control) || text.chars().count() > 200 {
        true => Err(AdapterError::senseless(
            format!("`{key} = {text:?}`: is no line to show"),
            "a line of at most 200 characters",
        )),
        false => Ok(text),
    }
}

fn side(side: SideDocument, usual: &str) -> Result<SideRules, AdapterError> {
    let command = side.command.iter().map(|word| Template::of(word, &IN_COMMAND));
    let command: Vec<Template> = command.collect::<Result<_, _>>().map_err(|e| e.within("`command`"))?;
    if command.first().and_then(Template::literal).is_none_or(str::is_empty) {
        return Err(AdapterError::senseless(
            "`command`: names no program",
            "the program first, without placeholders",
        ));
    }
    if side.version.first().is_some_and(String::is_empty) {
        return Err(AdapterError::senseless(
            "`version`: names no program",
            "a program and its arguments, or no `version`",
        ));
    }
    variables("env", &side.env)?;
    variables("default_env", &side.default_env)?;
    if let Some(name) = side.env.keys().find(|name| side.default_env.contains_key(*name)) {
        let problem = format!("`default_env`: `{name}` is set by `env`");
        return Err(AdapterError::senseless(problem, "a variable in one of them"));
    }
    if let Some(name) = side.variable.as_ref().filter(|name| !is_variable(name)) {
        return Err(no_variable("variable", name));
    }
    Ok(SideRules {
        label: line("label", side.label.unwrap_or_else(|| usual.to_owned()))?,
        command,
        variable: side.variable,
        env: side.env,
        default_env: side.default_env,
        version: side.version,
        cwd: side.cwd.map(|cwd| inside("cwd", &cwd)).transpose()?,
        stdin: side.stdin,
    })
}

/// A path that stays inside the folder of a side.
fn inside(key: &str, path: &Path) -> Result<PathBuf, AdapterError> {
    let parts: Vec<Component<'_>> = path.components().filter(|part| *part != Component::CurDir).collect();
    if parts.is_empty() || !parts.iter().all(|part| matches!(part, Component::Normal(_))) {
        let problem = format!(
            "`{key} = {:?}`: leads out of the folder that the side works in",
            path.display().to_string()
        );
        return Err(AdapterError::senseless(problem, "a relative path without `..`"));
    }
    Ok(parts.iter().collect())
}

fn outputs(documents: Vec<OutputDocument>) -> Result<Vec<Output>, AdapterError> {
    if documents.is_empty() {
        return Err(AdapterError::senseless(
            "has no [[output]]",
            "at least one: there is nothing to compare",
        ));
    }
    let mut outputs: Vec<Output> = Vec::new();
    for document in documents {
        let place = format!("[[output]] `{}`", document.name);
        let output = output(document).map_err(|e| e.within(&place))?;
        if outputs.iter().any(|other| other.name == output.name) {
            return Err(AdapterError::senseless(
                format!("{place}: is there twice"),
                "a name of its own for each",
            ));
        }
        if outputs.iter().any(|other| other.from == From::Image && output.from == From::Image) {
            let problem = format!("{place}: `{{image}}` is another output's path, too");
            return Err(AdapterError::senseless(
                problem,
                "one output of that path; others by the names that the program gives them",
            ));
        }
        outputs.push(output);
    }
    Ok(outputs)
}

fn output(document: OutputDocument) -> Result<Output, AdapterError> {
    let name = document.name;
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > 60 || !name.bytes().all(is_fit) {
        return Err(AdapterError::senseless(
            "`name`: does not fit into the name of a file",
            "letters, digits, `_` and `-`, at most 60",
        ));
    }
    let from = match document.path.as_str() {
        "{image}" => From::Image,
        "{stdout}" => From::StandardOutput,
        path if path.contains(['{', '}']) => {
            let problem = format!("`path = {path:?}`: has a placeholder");
            return Err(AdapterError::senseless(
                problem,
                "`{image}`, `{stdout}`, or a path in the folder that the program works in",
            ));
        }
        path => From::File(inside("path", Path::new(path))?),
    };
    let kind = match (document.format.as_str(), document.table) {
        (TABLE | CSV, rules) => {
            if document.part.is_some() {
                return Err(AdapterError::senseless(
                    "`part`: a table has none",
                    "it for archives of arrays only",
                ));
            }
            table(document.format == CSV, rules, document.gates)?
        }
        (_, Some(_)) => {
            return Err(AdapterError::senseless(
                "[output.table]: the format is another one",
                "format = \"table\" or \"csv\"",
            ));
        }
        (format, None) => array(format, document.part, document.gates)?,
    };
    Ok(Output { name, from, kind })
}

fn array(format: &str, part: Option<String>, gates: Option<toml::Table>) -> Result<OutputKind, AdapterError> {
    let format: Format = if format.is_empty() {
        Format::Auto
    } else {
        format.parse().map_err(|e: crate::array::FormatError| {
            AdapterError::senseless(format!("`format`: {e}"), format!("that, or `{CSV}` or `{TABLE}`"))
        })?
    };
    let gates: ArrayGates = gates_of(gates)?;
    gates.check().map_err(|e| AdapterError::senseless(format!("`gates`: {e}"), "numbers in their ranges"))?;
    Ok(OutputKind::Array { format, part, gates })
}

fn table(
    is_csv: bool,
    document: Option<TableDocument>,
    gates: Option<toml::Table>,
) -> Result<OutputKind, AdapterError> {
    let mut rules = document.unwrap_or_default().rules(is_csv);
    let gates: TableGates = gates_of(gates)?;
    rules.rtol = gates.rtol.or(rules.rtol);
    rules.atol = gates.atol.or(rules.atol);
    rules.max_ulp = gates.max_ulp.or(rules.max_ulp);
    rules.check().map_err(|e| AdapterError::senseless(e.to_string(), "rules that make sense"))?;
    Ok(OutputKind::Table(Box::new(rules)))
}

fn gates_of<T: for<'de> Deserialize<'de>>(gates: Option<toml::Table>) -> Result<T, AdapterError> {
    gates.unwrap_or_default().try_into().map_err(|e: toml::de::Error| {
        AdapterError::senseless(format!("`gates`: {}", e.message()), "gates that the format has")
    })
}

fn parameters(document: ParametersDocument) -> Result<Parameters, AdapterError> {
    let from = match document.from.as_str() {
        "stdout" => ParameterSource::StandardOutput,
        "stderr" => ParameterSource::StandardError,
        path => ParameterSource::File(inside("from", Path::new(path))?),
    };
    if document.pattern.is_none() && document.line.is_empty() {
        return Err(AdapterError::senseless(
            "says of no line that it states a parameter",
            "`pattern`, or a [[parameters.line]]",
        ));
    }
    let table = ParameterTable {
        known: document.known,
        lines: document.line,
        rows: document.rows,
        complete: document.complete,
        places_in: document.places_in,
        swapped: document.swapped,
    };
    let pattern = document.pattern.map(|pattern| Pattern::of(&pattern)).transpose()?;
    Ok(Parameters { pattern, table: table.checked()?, from })
}

fn variants(documents: Vec<VariantDocument>) -> Result<Vec<Variant>, AdapterError> {
    let mut variants: Vec<Variant> = Vec::new();
    for VariantDocument { id, meaning, reference_args, candidate_args } in documents {
        let place = format!("[[variant]] `{id}`");
        if variants.iter().any(|other| other.id == id) {
            return Err(AdapterError::senseless(
                format!("{place}: is there twice"),
                "an id of its own for each",
            ));
        }
        if reference_args.is_empty() && candidate_args.is_empty() {
            let problem = format!("{place}: changes nothing");
            return Err(AdapterError::senseless(problem, "`reference_args`, `candidate_args`, or both"));
        }
        let mut words = reference_args.iter().chain(&candidate_args);
        words.try_for_each(|word| recordable(word)).map_err(|e| e.within(&place))?;
        variants.push(Variant {
            id: line("id", id)?,
            meaning: line("meaning", meaning)?,
            args: [reference_args, candidate_args],
        });
    }
    Ok(variants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace_harness::evidence::exit::Exit;
    use trace_harness::evidence::failure::EndsCommand;

    const WHOLE: &str = r#"
title = "heat, after 100 steps"
[side.reference]
label = "Fortran"
command = ["./heat_ref", "{args}", "--out", "{image}"]
env = { OMP_NUM_THREADS = "1" }
version = ["./heat_ref", "--version"]
[side.candidate]
label = "Rust"
command = ["./heat", "{args}", "--out", "{image}"]
cwd = "./inner"
stdin = "heat.nml"
[[output]]
name = "temperature"
path = "{image}"
format = "npy"
gates = { max_ulp = 4, rtol = 1e-12, correlation = 0.9999 }
[[output]]
name = "flux"
path = "out/flux.bin"
format = "raw:dtype=<f8,shape=10x20"
[[output]]
name = "log"
path = "{stdout}"
format = "table"
gates = { rtol = 1e-6 }
[output.table]
key = ["t"]
header = true
[parameters]
pattern = '^\s*(?<key>\w+) = (?<value>.*)$'
from = "stdout"
[[variant]]
id = "HEAT-1"
meaning = "old boundary condition"
candidate_args = ["--legacy-boundary"]
"#;

    fn parsed(text: &str) -> Result<Adapter, AdapterError> {
        parse(Path::new("a.toml"), text)
    }

    /// Parameters that are known by name, with one line that states two of them.
    const KNOWN: &str = r#"
[side.reference]
command = ["a"]
[side.candidate]
command = ["b"]
[[output]]
name = "x"
path = "x.npy"
[parameters]
from = "stdout"
complete = ["length"]
[[parameters.known]]
name = "length"
unit = "m"
[[parameters.known]]
name = "boundary"
kind = "word"
follows = ["length"]
[[parameters.line]]
text = "a rod of {} mm, {}"
gives = [{ name = "length", at = [0], factor = 1e-3 }, { name = "boundary", word = 1 }]
"#;

    #[test]
    fn lines_state_the_parameters_that_are_known_in_their_units() {
        let adapter = parsed(KNOWN).expect("an adapter");
        let stated =
            adapter.parameters.expect("parameters").stated("  a rod  of 250 mm,\tclosed\nanother line\n");
        assert_eq!(
            stated.into_iter().collect::<Vec<_>>(),
            [
                ("boundary".to_owned(), vec!["closed".to_owned()]),
                ("length".to_owned(), vec!["0.25".to_owned()]),
            ]
        );
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (old, new, expected) in [
            (
                "name = \"boundary\", word",
                "name = \"bondary\", word",
                "`bondary` is no parameter that is known",
            ),
            ("complete = [\"length\"]", "complete = [\"width\"]", "`width` is no parameter that is known"),
            ("follows = [\"length\"]", "follows = [\"boundary\"]", "which does not stand before it"),
            ("name = \"boundary\"\nkind", "name = \"length\"\nkind", "is there twice"),
            ("word = 1", "word = 2", "has 2 values, and `boundary` is value 2"),
            ("word = 1", "wrd = 1", "`name` with `at`"),
            ("[[parameters.line]]", "[[parameters.lin]]", "unknown field `lin`"),
        ] {
            assert!(KNOWN.contains(old), "{old}");
            let refused = parsed(&KNOWN.replacen(old, new, 1)).expect_err(new).to_string();
            assert!(refused.contains(expected), "{new}: {refused}");
        }
        let silent = &KNOWN[..KNOWN.find("[[parameters.line]]").expect("lines")];
        assert!(parsed(silent).expect_err("no line").to_string().contains("says of no line"));
    }

    #[test]
    fn everything_that_an_adapter_may_say_is_read() {
        let adapter = parsed(WHOLE).expect("an adapter");
        assert_eq!(adapter.sides.each_ref().map(|side| side.label.as_str()), ["Fortran", "Rust"]);
        assert_eq!(adapter.sides[1].cwd.as_deref(), Some(Path::new("inner")));
        assert_eq!(adapter.sides[1].stdin.as_deref(), Some(Path::new("heat.nml")));
        let formats: Vec<String> = adapter.outputs.iter().map(|output| output.kind.format()).collect();
        assert_eq!(formats, ["npy", "raw:dtype=<f8,shape=10x20", "table"]);
        assert!(
            matches!(&adapter.outputs[0].kind, OutputKind::Array { gates, .. } if gates.max_ulp == Some(4))
        );
        assert!(
            matches!(&adapter.outputs[2].kind, OutputKind::Table(rules) if rules.rtol == Some(1e-6) && rules.key == ["t"])
        );
        assert_eq!(
            adapter.variant("HEAT-1").expect("it").args,
            [vec![], vec!["--legacy-boundary".to_owned()]]
        );
        assert!(adapter.variant("HEAT-2").expect_err("none").to_string().contains("HEAT-1"));
    }

    #[test]
    fn what_is_no_adapter_cannot_be_read_and_says_what_was_meant() {
        for (from, to, place, hint) in [
            ("label = \"Fortran\"", "lable = \"Fortran\"", "line 4", "did you mean `label`?"),
            ("[[output]]\nname = \"flux\"", "[[outputs]]\nname = \"flux\"", "line", "did you mean `output`?"),
            ("key = [\"t\"]", "keys = [\"t\"]", "line", "did you mean `key`?"),
            ("title = ", "title : ", "line 2", ""),
        ] {
            let error = parsed(&WHOLE.replacen(from, to, 1)).expect_err(to);
            assert_eq!(error.exit(), Exit::Undecided, "{error}");
            assert!(error.to_string().contains(place) && error.hint() == hint, "{error} ({})", error.hint());
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_place() {
        for (from, to, word) in [
            ("label = \"Rust\"", "label = \"Fortran\"", "both sides have the label"),
            ("\"./heat\", \"{args}\"", "\"{args}\"", "names no program"),
            ("\"{args}\", \"--out\", \"{image}\"]\nenv", "\"{argz}\"]\nenv", "`{argz}` is no placeholder"),
            (
                "\"--out\", \"{image}\"]\ncwd",
                "\"--out\"]\ncwd",
                "`{image}` is in the path of an output, and in no command",
            ),
            ("cwd = \"./inner\"", "cwd = \"../inner\"", "leads out of the folder"),
            ("path = \"out/flux.bin\"", "path = \"/out/flux.bin\"", "leads out of the folder"),
            ("path = \"out/flux.bin\"", "path = \"{image}\"", "another output's path, too"),
            ("name = \"flux\"", "name = \"temperature\"", "is there twice"),
            ("name = \"flux\"", "name = \"../flux\"", "does not fit into the name of a file"),
            ("raw:dtype=<f8,shape=10x20", "bmp", "is no format that is read"),
            ("max_ulp = 4", "ulps = 4", "unknown field `ulps`"),
            ("max_ulp = 4, rtol = 1e-12", "rtol = -1.0", "`gates`"),
            ("OMP_NUM_THREADS = ", "\"OMP-NUM\" = ", "no name of a variable"),
            ("cwd = \"./inner\"", "variable = \"HEAT PROGRAM\"", "no name of a variable"),
            ("env = { OMP", "default_env = { \"1\" = \"1\" }\nenv = { OMP", "no name of a variable"),
            ("env = { OMP", "default_env = { OMP_NUM_THREADS = \"2\" }\nenv = { OMP", "is set by `env`"),
            ("(?<value>.*)", "(.*)", "`value`"),
            ("candidate_args = [\"--legacy-boundary\"]", "", "changes nothing"),
            ("label = \"Rust\"", "label = \"a\\u001bb\"", "is no line to show"),
        ] {
            let text = WHOLE.replacen(from, to, 1);
            assert_ne!(text, WHOLE, "{from}");
            let error = parsed(&text).expect_err(to);
            assert_eq!(error.exit(), Exit::Usage, "{to}: {error}");
            let told = error.to_string();
            assert!(told.starts_with("`a.toml`: ") && told.contains(word), "{to}: {told}");
        }
        let none = parsed(WHOLE.split("[[output]]").next().expect("sides")).expect_err("no output");
        assert!(none.to_string().contains("has no [[output]]"));
    }
}
