//! A first adapter from what one run of a program leaves: which files came, and what they look like.
//!
//! Everything that is a guess is a comment that says so. Not here: running the program (`app::init`).

use std::fmt::Write;
use std::path::Path;

use trace_harness::evidence::bundle::documents::commands::quote;
use trace_harness::evidence::terminal::visible;

use crate::adapter::stated::Pattern;
use crate::array;

/// What one run left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Left {
    /// The program, as it is to be called.
    pub reference: String,
    /// The other program, where there is one.
    pub candidate: Option<String>,
    /// The words that it was called with.
    pub args: Vec<String>,
    /// The files that came: their names in the working folder, and their contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// What it printed.
    pub stdout: Vec<u8>,
}

/// What a file looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Looks {
    /// An array: its format, and what it holds in words.
    Array(String, String),
    /// A table: the lines of its rules, and what it holds in words.
    Table(Vec<String>, String),
    /// Nothing that is known, in words.
    Unknown(String),
}

/// The pattern that most programs' parameters have.
const PATTERN: &str = r"^\s*(?<key>[A-Za-z_][\w ./-]*?)\s*[:=]\s*(?<value>\S.*?)\s*$";

/// What `bytes` look like.
pub(crate) fn looks(name: &str, bytes: &[u8]) -> Looks {
    if bytes.is_empty() {
        return Looks::Unknown("an empty file".to_owned());
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    // Readers of arrays take matrices of text, too; a table says more of itself.
    if let Some(table) = text.and_then(table) {
        return table;
    }
    if let (None, Ok(found)) = (text, array::parse(Path::new(name), bytes, None, &array::Format::Auto)) {
        let format = if bytes.starts_with(b"\x93NUMPY") { "npy" } else { "auto" };
        let what = format!("{} of shape {}", found.element(), array::shape_text(found.shape()));
        return Looks::Array(format.to_owned(), what);
    }
    if bytes.starts_with(b"PK\x03\x04") && name.ends_with(".npz") {
        let why = "an archive of several arrays: name one with part = \"...\", format = \"npz\"";
        return Looks::Unknown(why.to_owned());
    }
    match text {
        Some(_) => Looks::Unknown("text that is no table of numbers".to_owned()),
        None => bare(bytes),
    }
}

/// Bare numbers, if the bytes make sensible ones.
fn bare(bytes: &[u8]) -> Looks {
    let is_sensible = |value: f64| value == 0.0 || (1e-30..1e30).contains(&value.abs());
    let share = |values: &mut dyn Iterator<Item = f64>| {
        let (mut good, mut all) = (0_usize, 0_usize);
        values.take(4096).for_each(|value| {
            all += 1;
            good += usize::from(is_sensible(value));
        });
        all > 0 && good * 20 >= all * 19
    };
    let mut doubles =
        bytes.chunks_exact(8).filter_map(|eight| Some(f64::from_le_bytes(eight.try_into().ok()?)));
    let mut singles =
        bytes.chunks_exact(4).filter_map(|four| Some(f64::from(f32::from_le_bytes(four.try_into().ok()?))));
    let found = match (bytes.len() % 8, bytes.len() % 4) {
        (0, _) if share(&mut doubles) => Some(("<f8", bytes.len() / 8)),
        (_, 0) if share(&mut singles) => Some(("<f4", bytes.len() / 4)),
        _ => None,
    };
    match found {
        Some((dtype, length)) => Looks::Array(
            format!("raw:dtype={dtype}"),
            format!("perhaps {length} bare numbers; say their shape with shape=ROWSxCOLUMNS"),
        ),
        None => Looks::Unknown(format!("{} bytes of a format that is not known", bytes.len())),
    }
}

/// The rules of a table, if most lines are rows of as many numbers.
fn table(text: &str) -> Option<Looks> {
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).collect();
    let has_comments = text.lines().any(|line| line.trim_start().starts_with('#'));
    let cut = |line: &str, by: char| -> Vec<String> {
        match by {
            ' ' => line.split_whitespace().map(str::to_owned).collect(),
            by => line.split(by).map(|cell| cell.trim().to_owned()).collect(),
        }
    };
    for (by, word) in [(',', "comma"), (';', "semicolon"), ('\t', "tab"), (' ', "whitespace")] {
        let rows: Vec<Vec<String>> = lines.iter().map(|line| cut(line, by)).collect();
        let width = rows.last()?.len();
        let is_number = |cell: &String| cell.parse::<f64>().is_ok();
        // What states a parameter is no row, and one row alone is one only if it is all numbers.
        let states = |cell: &String| cell.contains('=') || cell.ends_with(':');
        let is_data =
            |row: &Vec<String>| row.len() == width && row.iter().any(is_number) && !row.iter().any(states);
        if (by != ' ' && width < 2) || width == 0 {
            continue;
        }
        let has_header = rows.len() > 1 && rows[0].len() == width && !rows[0].iter().any(is_number);
        let data = &rows[usize::from(has_header)..];
        let is_table = match data {
            [] => false,
            [row] if !has_header => row.iter().all(is_number),
            rows => rows.iter().all(is_data),
        };
        if !is_table {
            continue;
        }
        let mut rules = vec![format!("separator = \"{word}\""), format!("header = {has_header}")];
        rules.extend(has_comments.then(|| "comment = '^\\s*#'".to_owned()));
        let first = rows[0].first().filter(|_| has_header).map_or("1", String::as_str);
        rules.push(format!(
            "# key = [{first:?}]   # pairs rows by this column; without a key they are paired by their order"
        ));
        return Some(Looks::Table(rules, format!("a table: {} x {width} cells", data.len())));
    }
    None
}

/// Whether anything was found that can be compared.
pub(crate) fn has_outputs(left: &Left) -> bool {
    !outputs(left).is_empty()
}

/// What can be compared: a name, the path as an adapter has it, and what it looks like.
fn outputs(left: &Left) -> Vec<(String, String, Looks)> {
    let mut found: Vec<(String, String, Looks)> = Vec::new();
    let printed = looks("standard output", &left.stdout);
    let files = left.files.iter().map(|(name, bytes)| (name.clone(), looks(name, bytes)));
    for (path, looks) in
        files.chain(matches!(printed, Looks::Table(..)).then(|| ("{stdout}".to_owned(), printed)))
    {
        if matches!(looks, Looks::Unknown(_)) {
            continue;
        }
        let stem = Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let fit = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let base: String = stem.trim_matches(['{', '}']).chars().map(fit).take(50).collect();
        let is_free = |name: &String| !found.iter().any(|(other, _, _)| other == name);
        let mut names = std::iter::once(base.clone()).chain((2..).map(|n| format!("{base}-{n}")));
        let name = names.find(is_free).unwrap_or_default();
        found.push((name, path, looks));
    }
    found
}

/// The text of an adapter for what was left.
pub(crate) fn adapter(left: &Left) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |content: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{content}");
    };
    let (kept, given) = split(left);
    line(format_args!("# How the two programs are called, and what of theirs is compared. Call:"));
    line(format_args!(
        "#   nb-compare --adapter THIS_FILE -- {}",
        given.iter().map(|word| visible(&quote(word))).collect::<Vec<_>>().join(" ")
    ));
    line(format_args!(
        "# Placeholders in commands: {{args}} what stands behind the two dashes, {{out}} the folder that the side works in,"
    ));
    line(format_args!(
        "# {{image}} the file of the output whose path is \"{{image}}\"; a brace is written {{{{. docs/adapters.md has the rest."
    ));
    let candidate = left.candidate.clone().unwrap_or_else(|| "./candidate".to_owned());
    for (side, label, program) in
        [("reference", "reference", &left.reference), ("candidate", "candidate", &candidate)]
    {
        line(format_args!("\n[side.{side}]"));
        line(format_args!("label = \"{label}\"                 # what people see: \"Fortran\", \"Rust\""));
        if side == "candidate" && left.candidate.is_none() {
            line(format_args!(
                "# The program to judge: write its path here. Paths with a slash are seen from the folder of this file."
            ));
        }
        let texts: Vec<String> = [program.as_str(), "{args}"]
            .into_iter()
            .map(quoted)
            .chain(kept.iter().map(|word| quoted(&word.replace('{', "{{"))))
            .collect();
        line(format_args!("command = [{}]", texts.join(", ")));
        line(format_args!("# env = {{ OMP_NUM_THREADS = \"1\" }}"));
        line(format_args!("# version = [{}, \"--version\"]", quoted(program)));
    }
    for (name, path, looks) in outputs(left) {
        let what = match &looks {
            Looks::Array(_, what) | Looks::Table(_, what) | Looks::Unknown(what) => what,
        };
        line(format_args!("\n# {what}"));
        line(format_args!("[[output]]\nname = {}\npath = {}", quoted(&name), quoted(&path)));
        match &looks {
            Looks::Array(format, _) => {
                line(format_args!("format = {}", quoted(format)));
                line(format_args!("# What has to hold beside the usual gates:"));
                line(format_args!("# gates = {{ rtol = 1e-12, max_ulp = 4 }}"));
            }
            Looks::Table(rules, _) => {
                line(format_args!("format = \"table\""));
                line(format_args!("# Without a tolerance, numbers have to be equal:"));
                line(format_args!("# gates = {{ rtol = 1e-9 }}"));
                line(format_args!("[output.table]\n{}", rules.join("\n")));
            }
            Looks::Unknown(_) => {}
        }
    }
    let unknown = left.files.iter().filter_map(|(name, bytes)| match looks(name, bytes) {
        Looks::Unknown(why) => Some((name, why)),
        _ => None,
    });
    for (name, why) in unknown {
        line(format_args!("\n# {}: not compared: {why}", quoted(name)));
    }
    let stated = Pattern::of(PATTERN)
        .map(|pattern| pattern.stated(&String::from_utf8_lossy(&left.stdout)))
        .unwrap_or_default();
    let (mark, note) = match stated.is_empty() {
        true => {
            ("# ", "Lines of standard output that say what was computed with, if there are any:".to_owned())
        }
        false => {
            let names: Vec<&str> = stated.keys().map(String::as_str).take(8).collect();
            (
                "",
                format!(
                    "What each side says it computed with, compared before the outputs: {}",
                    names.join(", ")
                ),
            )
        }
    };
    line(format_args!("\n# {note}"));
    line(format_args!("{mark}[parameters]\n{mark}pattern = '{PATTERN}'\n{mark}from = \"stdout\""));
    line(format_args!("\n# A known difference that can be switched on, with --variant OLD:"));
    line(format_args!(
        "# [[variant]]\n# id = \"OLD\"\n# meaning = \"the old boundary condition\"\n# candidate_args = [\"--legacy-boundary\"]"
    ));
    text
}

/// The arguments that name files which came, with the options before them: they belong to the command. Then all others.
fn split(left: &Left) -> (Vec<String>, Vec<String>) {
    let is_file = |word: &str| left.files.iter().any(|(name, _)| Path::new(name) == Path::new(word));
    let names = |word: &str| is_file(word) || word.split_once('=').is_some_and(|(_, value)| is_file(value));
    let belongs = |at: usize| {
        let next = left.args.get(at + 1).is_some_and(|next| is_file(next));
        names(&left.args[at]) || (left.args[at].starts_with('-') && !left.args[at].contains('=') && next)
    };
    let (kept, given): (Vec<usize>, Vec<usize>) = (0..left.args.len()).partition(|at| belongs(*at));
    let at = |places: Vec<usize>| places.into_iter().map(|place| left.args[place].clone()).collect();
    (at(kept), at(given))
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    // JSON writes texts in a way that TOML reads, on one line, but for one character.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::{From, parse};

    fn left() -> Left {
        Left {
            reference: "./heat".to_owned(),
            candidate: None,
            args: ["-n", "10", "--out", "t.csv", "--raw=u.bin"].map(str::to_owned).to_vec(),
            files: vec![
                ("t.csv".to_owned(), b"t,x\n0,1.5\n1,2.5\n".to_vec()),
                ("u.bin".to_owned(), [1.5_f64, -2.0, 3e7].iter().flat_map(|x| x.to_le_bytes()).collect()),
                ("notes".to_owned(), b"all went well\n".to_vec()),
            ],
            stdout: b"steps = 10\nboundary: open\n".to_vec(),
        }
    }

    #[test]
    fn what_is_written_is_an_adapter_of_the_files_that_came() {
        let text = adapter(&left());
        let read = parse(Path::new("a.toml"), &text).expect(&text);
        let outputs: Vec<(&str, String)> =
            read.outputs.iter().map(|output| (output.name.as_str(), output.kind.format())).collect();
        assert_eq!(outputs, [("t", "table".to_owned()), ("u", "raw:dtype=<f8".to_owned())]);
        assert_eq!(read.outputs[0].from, From::File("t.csv".into()));
        assert!(
            text.contains("command = [\"./heat\", \"{args}\", \"--out\", \"t.csv\", \"--raw=u.bin\"]"),
            "{text}"
        );
        assert!(text.contains("--adapter THIS_FILE -- -n 10\n"), "{text}");
        assert!(text.contains("\"notes\": not compared: text that is no table"), "{text}");
        let stated = read.parameters.expect("parameters").stated("steps = 10\nboundary: open\n");
        assert_eq!(stated.len(), 2);
    }

    #[test]
    fn a_printed_table_is_an_output_and_what_is_no_table_is_none() {
        let printed = |text: &str| Left {
            stdout: text.as_bytes().to_vec(),
            reference: "p".to_owned(),
            ..Left::default()
        };
        let table = printed("# t x\n 0.0  1.0\n 0.1  2.0\n");
        let read = parse(Path::new("a.toml"), &adapter(&table)).expect("an adapter");
        assert_eq!(read.outputs[0].from, From::StandardOutput);
        assert!(has_outputs(&table) && !has_outputs(&printed("done\n")) && !has_outputs(&printed("")));
    }

    #[test]
    fn names_of_files_from_elsewhere_cannot_write_keys_of_the_adapter() {
        let name = "x\"\ncommand = [\"rm\"]\n#.csv";
        let left = Left { files: vec![(name.to_owned(), b"1,2\n".to_vec())], ..left() };
        let read = parse(Path::new("a.toml"), &adapter(&left)).expect("an adapter");
        assert_eq!(read.outputs[0].from, From::File(name.into()));
    }
}
