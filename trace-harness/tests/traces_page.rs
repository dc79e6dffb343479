//! The page about traces: its commands do what it shows, and `shadow` finds every fault of the example by itself.
//!
//! Not here: the emitters in other languages (`emitters`).

#[path = "support/compilers.rs"]
mod compilers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Arguments;
use serde_json::Value;
use trace_harness::trace::schema::{Schema, expression};

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

fn main() {
    let laws: [(&str, fn()); 5] = [
        ("the commands of the page print what it shows", page),
        ("the page names fields and functions that there are", reference),
        ("any set of faults of the example is found in one run", faults),
        ("a port that fails, says nothing or is not there is named", refusals),
        ("a bundle of a shadow run follows from its traces, and a changed one does not", bundles),
    ];
    let trials = laws.map(|(name, test)| compilers::trial(name.to_owned(), "gcc", test));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder with the sources of the example.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["heat.c", "heat.rs", "keys.toml"] {
        fs::copy(root().join("examples/heat").join(name), folder.path().join(name)).expect("a source");
    }
    folder
}

/// Runs a line of a shell that finds this program.
fn shell(folder: &Path, line: &str) -> Output {
    let own = Path::new(PROGRAM).parent().expect("a folder");
    let mut path = own.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", path);
    for name in ["NBTRACE", "NBTRACE_LABEL", "NBTRACE_REPLAY", "NBTRACE_KEYS"] {
        command.env_remove(name);
    }
    command.output().expect("a shell")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The example with its programs and the reference's trace.
fn built() -> tempfile::TempDir {
    let folder = example();
    let line = "trace-harness emit c > nbtrace.h && trace-harness emit rust > nbtrace.rs && gcc -O2 heat.c -o heat_ref \
        && rustc -O heat.rs -o heat_port && NBTRACE=ref.trace ./heat_ref";
    let output = shell(folder.path(), line);
    assert!(output.status.success(), "{}", words(&output));
    folder
}

fn page() {
    let page = fs::read_to_string(root().join("docs/traces.md")).expect("a page");
    let folder = example();
    let mut shown = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a block");
        for example in block.split("$ ").skip(1) {
            let (command, expected) = example.split_once('\n').expect("a command and its output");
            let output = shell(folder.path(), command);
            let printed = words(&output);
            for line in expected.lines().filter(|line| *line != "…" && !line.is_empty()) {
                let found = printed.lines().any(|l| l == line);
                assert!(found, "`{line}` is not printed by `{command}`:\n{printed}");
                shown += 1;
            }
        }
    }
    assert!(shown > 8, "{shown} lines");
}

fn reference() {
    let page = fs::read_to_string(root().join("docs/traces.md")).expect("a page");
    let quoted =
        |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    // The reader of schemas lists the fields that it knows.
    let known = |text: &str| quoted(&Schema::from_toml(text).expect_err("an unknown field").to_string());
    for (head, schema) in
        [("| field |", "nonsense = 1"), ("| field of `[[key]]` |", "[[key]]\nname = 'a'\nnonsense = 1")]
    {
        let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
        let rows = rows.take_while(|line| line.starts_with('|'));
        let fields: Vec<String> =
            rows.flat_map(|row| quoted(row.split('|').nth(1).unwrap_or_default())).collect();
        assert!(fields.len() > 3, "{fields:?}");
        let known = known(schema);
        let unknown: Vec<&String> = fields.iter().filter(|field| !known.contains(field)).collect();
        assert!(unknown.is_empty(), "{unknown:?} are no fields: {known:?}");
    }
    let grammar = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(grammar(&page).contains(&grammar(&expression::grammar())), "expected: {}", expression::grammar());
    let functions = page.split("and the functions").nth(1).and_then(|rest| rest.split("computes").next());
    let functions = quoted(functions.expect("functions").split("`trace-harness").next().unwrap_or_default());
    assert_eq!(functions.len(), 17);
    for name in functions {
        let law = |count: usize| format!("{name}({})", vec!["1"; count].join(", "));
        assert!((1..4).any(|count| expression::parse(&law(count)).is_ok()), "{name}");
    }
}

fn faults() {
    let folder = built();
    let known = [('1', "diffusivity"), ('2', "flux_right"), ('3', "energy")];
    for set in ["0", "1", "2", "3", "12", "13", "23", "123"] {
        let wrong: Vec<&str> = known.iter().filter(|(c, _)| set.contains(*c)).map(|(_, key)| *key).collect();
        let line = format!("trace-harness --json shadow ref.trace --schema keys.toml -- ./heat_port {set}");
        let output = shell(folder.path(), &line);
        assert_eq!(output.status.code(), Some(if wrong.is_empty() { 0 } else { 3 }), "{}", words(&output));
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let rows = found["rows"].as_array().expect("rows");
        let of = |stage: &str| -> Vec<&str> {
            rows.iter().filter(|row| row["stage"] == stage).filter_map(|row| row["key"].as_str()).collect()
        };
        assert_eq!(of("wrong-here"), wrong, "{set}");
        assert_eq!(rows.len(), 13);
        // What a fault spoils is told from the fault: the energy is not blamed for the temperature it adds up.
        assert_eq!(of("inherited").contains(&"temperature"), set.contains(['1', '2']), "{set}: {rows:?}");
        let cure: Vec<&str> =
            found["cure"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(cure, wrong, "{set}");
    }
}

fn refusals() {
    let folder = built();
    for (line, code, expected) in [
        ("trace-harness shadow ref.trace -- ./nowhere", 1, "`./nowhere`: is not there"),
        (
            "trace-harness shadow ref.trace -- false",
            2,
            "`false` ended with exit status 1, with its own values",
        ),
        ("trace-harness shadow ref.trace -- true", 2, "`true` wrote no trace"),
        ("trace-harness shadow nowhere.trace -- true", 5, "`nowhere.trace`: cannot be read"),
        ("trace-harness shadow ref.trace", 1, "--traces"),
        ("trace-harness shadow ref.trace -- cp ref.trace \"$NBTRACE\"", 2, "`cp` ended with"),
        ("trace-harness shadow ref.trace --traces ref.trace ref.trace", 5, "nothing was replayed"),
    ] {
        let output = shell(folder.path(), line);
        let words = words(&output);
        assert_eq!(output.status.code(), Some(code), "{line}: {words}");
        assert!(words.contains(expected), "{line}: {words}");
    }
}

fn bundles() {
    let folder = built();
    let line = "trace-harness shadow ref.trace --schema keys.toml --out kept -- ./heat_port";
    assert_eq!(shell(folder.path(), line).status.code(), Some(3));
    let sound = shell(folder.path(), "trace-harness verify --recompute kept");
    assert_eq!(sound.status.code(), Some(0), "{}", words(&sound));
    assert!(!words(&sound).contains("loosely"), "{}", words(&sound));
    // A page that says otherwise, with its digest corrected, does not follow.
    let page = fs::read_to_string(folder.path().join("kept/results/shadow.html"))
        .or_else(|_| fs::read_to_string(folder.path().join("kept/shadow.html")))
        .expect("a page");
    assert!(page.contains("wrong here") && page.contains("flux_right"), "{page}");
    let change = "sed -i 's/wrong-here/right/' $(find kept -name shadow.json) && cd kept && \
        sha256sum $(cut -d' ' -f3- sha256.txt | grep -v '^$') > new && mv new sha256.txt";
    assert!(shell(folder.path(), change).status.success());
    let changed = shell(folder.path(), "trace-harness verify --recompute kept");
    assert_eq!(changed.status.code(), Some(3), "{}", words(&changed));
}
