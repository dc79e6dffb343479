//! The sources of `trace-harness emit`, compiled and run: every language writes the bytes that C's `%.17g` asks for, keeps records whole
//! under threads and processes, and takes the values of a reference.
//!
//! Not here: reading traces, and what becomes of a language without a compiler (`support/compilers`).

#[path = "support/compilers.rs"]
mod compilers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use nanobragg::c_number;
use trace_harness::emit::Language;

fn main() {
    let laws: [(&str, Law); 9] = [
        ("writes the bytes of the law, and nothing when off", bytes_of_the_law),
        ("gives the reference's values of the named keys and records, and says so", replay),
        ("gives each value once, and none of another length", replay_in_order),
        ("keeps records of threads whole in one file", threads_in_one_file),
        ("writes a file for each thread and process", own_files),
        ("says what it cannot write or read", refusals),
        ("takes arrays of its own shape and type by index, and nothing of others", replay_of_arrays),
        (
            "gives back no number that it does not read as a whole, nor the next one in its place",
            replay_of_words,
        ),
        ("leaves the trace alone that it replays, by whatever name", reference_is_not_written),
    ];
    let mut trials = vec![Trial::test("the command prints the sources", || {
        commands();
        Ok::<(), Failed>(())
    })];
    for language in Language::ALL {
        for (law, test) in laws {
            let name = format!("{language:?} {law}");
            trials.push(compilers::trial(name, &compiler(language), move || test(Program { language })));
        }
        let name = format!("{language:?} writes and reads a point where the locale has a decimal comma");
        trials.push(match comma_locale(tempfile::tempdir().unwrap().path()) {
            Ok(()) => {
                compilers::trial(name, &compiler(language), move || decimal_comma(Program { language }))
            }
            Err(why) => Trial::test(format!("{name} [not run: {why}]"), || Ok(())).with_ignored_flag(true),
        });
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A test of one language.
type Law = fn(Program);

fn compiler(language: Language) -> String {
    match language {
        Language::C => "gcc".to_owned(),
        Language::Cpp => "g++".to_owned(),
        Language::Fortran => "gfortran".to_owned(),
        Language::Python => "python3".to_owned(),
        Language::Rust => std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()),
    }
}

/// A language whose programs can be run.
#[derive(Clone, Copy)]
struct Program {
    language: Language,
}

impl Program {
    /// Compiles `demo` or `threads` in `folder`; the command that runs it.
    fn build(self, folder: &Path, name: &str) -> Vec<String> {
        let emitted = self.language.file_name();
        let extension = if self.language == Language::C { "c" } else { emitted.split_once('.').unwrap().1 };
        let extension = if self.language == Language::Cpp { "cpp" } else { extension };
        let source = format!("{name}.{extension}");
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/emit");
        fs::copy(data.join(&source), folder.join(&source)).unwrap();
        fs::write(folder.join(emitted), &*self.language.source()).unwrap();
        // Warnings count: the file stands among those of a project with rules of its own.
        let words: &[&str] = match self.language {
            Language::C => {
                &["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2", "-fopenmp", &source]
            }
            Language::Cpp => &[
                "-std=c++11",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Wno-unused-function",
                "-O2",
                "-pthread",
                &source,
            ],
            Language::Fortran => {
                &["-std=f2008", "-Wall", "-Wno-compare-reals", "-Werror", "-O2", "-fopenmp", emitted, &source]
            }
            Language::Rust => &["--edition", "2024", "-D", "warnings", "-O", &source],
            Language::Python => return vec!["python3".to_owned(), source],
        };
        let made = format!("./{name}.run");
        let mut command = Command::new(compiler(self.language));
        let output = command.args(words).args(["-o", &made]).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        vec![made]
    }
}

fn run(command: &[String], folder: &Path, variables: &[(&str, &str)]) -> Output {
    let mut process = Command::new(&command[0]);
    process.args(&command[1..]).current_dir(folder).env("PYTHONDONTWRITEBYTECODE", "1");
    for name in ["NBTRACE", "NBTRACE_LABEL", "NBTRACE_REPLAY", "NBTRACE_KEYS"] {
        process.env_remove(name);
    }
    process.envs(variables.iter().copied()).output().unwrap()
}

/// Runs it without a word.
fn quiet(command: &[String], folder: &Path, variables: &[(&str, &str)]) {
    let output = run(command, folder, variables);
    let printed = [&output.stdout[..], &output.stderr[..]].concat();
    assert!(output.status.success() && printed.is_empty(), "{}", String::from_utf8_lossy(&printed));
}

/// Numbers of every kind: the ends of the range, ties, powers of ten around the change of form, any bits.
fn numbers() -> Vec<f64> {
    let mut all = vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN, f64::MAX, f64::MIN];
    all.extend([f64::MIN_POSITIVE, 5e-324, 1.0 / 3.0, 123_456_789_012_345_680.0, 99_999_999_999_999_990.0]);
    for power in -330..310 {
        let x: f64 = format!("1e{power}").parse().unwrap();
        all.extend([x, -x, x * 1.5, x.next_down(), x.next_up()]);
    }
    let mut bits = 1_u64;
    for _ in 0..2000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all.push(f64::from_bits(bits ^ bits >> 29));
    }
    all
}

fn word(x: f64) -> String {
    if x.is_nan() { "nan".to_owned() } else { c_number::g(x, 17) }
}

/// What the demo says, by the law of the format alone; `remark` adds lines after a key's.
fn expected(label: &str, numbers: &[f64], values: [[f64; 2]; 2], remark: &dyn Fn(&str) -> String) -> String {
    let mut text = "# nbtrace 1\n".to_owned();
    let mut say = |key: &str, value: &str| {
        text += &format!("TRACE_{label}: {key} {value}\n{}", remark(key));
    };
    numbers.iter().for_each(|x| say("x", &word(*x)));
    for (n, [f, g]) in values.into_iter().enumerate() {
        say("#begin", "");
        say("step", &n.to_string());
        say("f", &word(f));
        say("v", "1 -2.5 1.0000000000000001e+300");
        say("#begin", "");
        say("inner_cell", "-3");
        say("g", &word(g));
        say("#end", "");
        say("a/b", &format!("@array t.trace.a_b.{}.npy shape 2x3", 2 * n));
        say("line", &format!("@array t.trace.line.{}.npy shape 6", 2 * n + 1));
        say("#end", "");
    }
    text.replace(&format!("TRACE_{label}: #begin \n"), "# begin\n")
        .replace(&format!("TRACE_{label}: #end \n"), "# end\n")
}

/// A version 1.0 file of NumPy with these numbers.
fn npy(head: &str, numbers: &[f64]) -> Vec<u8> {
    let mut head = head.to_owned();
    while !(head.len() + 11).is_multiple_of(64) {
        head.push(' ');
    }
    head.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.bytes());
    bytes.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    bytes
}

fn folder_with_bits(numbers: &[f64]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bits: String = numbers.iter().map(|x| format!("{}\n", x.to_bits() as i64)).collect();
    fs::write(folder.path().join("bits.txt"), bits).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn none(_: &str) -> String {
    String::new()
}

/// The values of the demo that are not the same in both records.
const OWN: [[f64; 2]; 2] = [[0.0, 1.0], [0.7, 1.7]];

fn bytes_of_the_law(program: Program) {
    let numbers = numbers();
    let folder = folder_with_bits(&numbers);
    let command = program.build(folder.path(), "demo");
    let before = names(folder.path());
    quiet(&command, folder.path(), &[]);
    quiet(&command, folder.path(), &[("NBTRACE", "")]);
    assert_eq!(names(folder.path()), before, "off, nothing is written");
    quiet(&command, folder.path(), &[("NBTRACE", "t.trace")]);
    let found = fs::read_to_string(folder.path().join("t.trace")).unwrap();
    for (found, expected) in found.lines().zip(expected("NB", &numbers, OWN, &none).lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found, expected("NB", &numbers, OWN, &none));
    let order = if program.language == Language::Fortran { "True" } else { "False" };
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
    for n in 0..2 {
        let read =
            |name: &str, n: usize| fs::read(folder.path().join(format!("t.trace.{name}.{n}.npy"))).unwrap();
        let head = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': (2, 3), }}");
        assert_eq!(read("a_b", 2 * n), npy(&head, &values));
        let head = "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }";
        assert_eq!(read("line", 2 * n + 1), npy(head, &values));
    }
    quiet(&command, folder.path(), &[("NBTRACE", "t.trace"), ("NBTRACE_LABEL", "F90")]);
    let found = fs::read_to_string(folder.path().join("t.trace")).unwrap();
    assert_eq!(found, expected("F90", &numbers, OWN, &none));
}

/// Makes the locale `comma` below `folder`, whose numbers have a decimal comma; what keeps it from being made.
fn comma_locale(folder: &Path) -> Result<(), String> {
    let source = "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \"\"\ngrouping -1\nEND LC_NUMERIC\n";
    fs::write(folder.join("comma.src"), source).unwrap();
    fs::create_dir(folder.join("locales")).unwrap();
    let mut command = Command::new("localedef");
    command.args(["-c", "-i", "./comma.src", "-f", "UTF-8", "./locales/comma"]).current_dir(folder);
    // It ends with 1 where it warns, as of categories that are not there.
    let output = command.output().map_err(|_| "no localedef".to_owned())?;
    match folder.join("locales/comma/LC_NUMERIC").is_file() {
        true => Ok(()),
        false => Err(format!(
            "localedef: {}",
            String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("")
        )),
    }
}

/// Before its first own line the program has the locale, as one that a library or a window system starts in the user's language.
fn decimal_comma(program: Program) {
    let numbers = numbers();
    let folder = folder_with_bits(&numbers);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    comma_locale(folder.path()).unwrap();
    let library = "#include <locale.h>\n#include <stdio.h>\n#include <stdlib.h>\n\
        __attribute__((constructor)) static void comma(void) {\n\
        if (!setlocale(LC_ALL, \"comma\") || localeconv()->decimal_point[0] != ',') {\n\
        fputs(\"no decimal comma\", stderr); _Exit(77); } }\n";
    fs::write(at("comma.c"), library).unwrap();
    let mut gcc = Command::new("gcc");
    let made = gcc
        .args(["-shared", "-fPIC", "comma.c", "-o", "comma.so"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let command = program.build(folder.path(), "demo");
    let reference = "# nbtrace 1\n# begin\nTRACE_REF: step 1\nTRACE_REF: f 0.25\n# end\n";
    fs::write(at("r.trace"), reference).unwrap();
    let (locales, library) = (at("locales"), at("comma.so"));
    let comma =
        [("LD_PRELOAD", &*library), ("LOCPATH", &*locales), ("LC_ALL", "comma"), ("NBTRACE", "t.trace")];
    quiet(&command, folder.path(), &comma);
    assert_eq!(fs::read_to_string(at("t.trace")).unwrap(), expected("NB", &numbers, OWN, &none));
    let replayed = [("NBTRACE_REPLAY", "r.trace"), ("NBTRACE_KEYS", "f")];
    quiet(&command, folder.path(), &[&comma[..], &replayed].concat());
    let own = expected("NB", &numbers, [[0.0, 1.0], [0.7, 1.25]], &|key| match key {
        "f" => "# replayed f\n".to_owned(),
        _ => String::new(),
    });
    assert_eq!(fs::read_to_string(at("t.trace")).unwrap(), own.replacen("# replayed", "# not replayed", 1));
}

fn replay(program: Program) {
    let folder = folder_with_bits(&[]);
    let command = program.build(folder.path(), "demo");
    // Another program's trace, without a line in common beyond what is asked for; its arrays stand beside it.
    fs::create_dir(folder.path().join("reference")).unwrap();
    let reference = "# nbtrace 1\nchatter\nTRACE_REF: f 9\n# begin\nTRACE_REF: step 1\nTRACE_REF: f 0.25\n# begin\n\
        TRACE_REF: inner_cell -3\nTRACE_REF: f 8\n# end\nTRACE_REF: a/b @array other.npy shape 2x3\n# end\n";
    fs::write(folder.path().join("reference/r.trace"), reference).unwrap();
    let head = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
    fs::write(folder.path().join("reference/other.npy"), npy(head, &[6.0, 5.0, 4.0, 3.0, 2.0, 1.0])).unwrap();
    let variables =
        [("NBTRACE", "t.trace"), ("NBTRACE_REPLAY", "reference/r.trace"), ("NBTRACE_KEYS", "f,a/b")];
    quiet(&command, folder.path(), &variables);
    // The trace has the program's own value; what follows from it is the reference's.
    let own = expected("NB", &[], [[0.0, 1.0], [0.7, 1.25]], &|key| match key {
        "f" | "a/b" => format!("# replayed {key}\n"),
        _ => String::new(),
    });
    let own = own.replacen("# replayed", "# not replayed", 2);
    assert_eq!(fs::read_to_string(folder.path().join("t.trace")).unwrap(), own);
    let last = fs::read(folder.path().join("t.trace.line.3.npy")).unwrap();
    let head = "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }";
    assert_eq!(last, npy(head, &in_memory(program, [6.0, 5.0, 4.0, 3.0, 2.0, 1.0])));
}

/// The elements of an array of 2 by 3, given with the last index fastest, as the program has them in memory.
fn in_memory(program: Program, [a, b, c, d, e, f]: [f64; 6]) -> [f64; 6] {
    if program.language == Language::Fortran { [a, d, b, e, c, f] } else { [a, b, c, d, e, f] }
}

fn replay_of_arrays(program: Program) {
    let folder = folder_with_bits(&[]);
    let command = program.build(folder.path(), "demo");
    let (by_rows, by_columns) = ([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], [6.0, 3.0, 5.0, 2.0, 4.0, 1.0]);
    let head = |element: &str, order: &str, shape: &str| {
        format!("{{'descr': '{element}', 'fortran_order': {order}, 'shape': {shape}, }}")
    };
    let whole = npy(&head("<f8", "False", "(2, 3)"), &by_rows);
    let own = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
    let given = in_memory(program, by_rows);
    for (name, bytes, values) in [
        ("rows", whole.clone(), given),
        ("columns", npy(&head("<f8", "True", "(2, 3)"), &by_columns), given),
        ("integers", npy(&head("<i8", "False", "(2, 3)"), &by_rows), own),
        ("most significant byte first", npy(&head(">f8", "False", "(2, 3)"), &by_rows), own),
        ("turned", npy(&head("<f8", "False", "(3, 2)"), &by_rows), own),
        ("larger", npy(&head("<f8", "False", "(3, 3)"), &[7.0; 9]), own),
        ("cut off", whole[..whole.len() - 8].to_vec(), own),
        ("longer", [&whole[..], b"x"].concat(), own),
        ("nothing", Vec::new(), own),
    ] {
        fs::write(folder.path().join("other.npy"), bytes).unwrap();
        let reference = "# begin\nTRACE_A: step 1\nTRACE_A: a/b @array other.npy shape 2x3\n# end\n";
        fs::write(folder.path().join("r.trace"), reference).unwrap();
        let variables = [("NBTRACE", "t.trace"), ("NBTRACE_REPLAY", "r.trace"), ("NBTRACE_KEYS", "a/b")];
        quiet(&command, folder.path(), &variables);
        let found = fs::read_to_string(folder.path().join("t.trace")).unwrap();
        assert_eq!(found.contains("# replayed a/b"), values == given, "{name}");
        let last = fs::read(folder.path().join("t.trace.line.3.npy")).unwrap();
        assert_eq!(last, npy(&head("<f8", "False", "(6,)"), &values), "{name}");
    }
}

fn replay_of_words(program: Program) {
    let folder = folder_with_bits(&[1.0, 2.0, 3.0]);
    let command = program.build(folder.path(), "demo");
    // The last line has no end of its own.
    for wrong in ["1,5", "2*1", "7/", "x", "1.5e", "0.5 y"] {
        let reference =
            format!("TRACE_A: x {wrong}\nTRACE_A: x 8\n# begin\nTRACE_A: step 0\nTRACE_A: f 0.25");
        fs::write(folder.path().join("r.trace"), reference).unwrap();
        quiet(&command, folder.path(), &[("NBTRACE", "t.trace"), ("NBTRACE_REPLAY", "r.trace")]);
        let found = fs::read_to_string(folder.path().join("t.trace")).unwrap();
        let remarks: Vec<&str> = found.lines().filter(|l| l.contains("replayed")).take(4).collect();
        assert_eq!(remarks[..3], ["# not replayed x", "# replayed x", "# not replayed x"], "{wrong}");
        assert_eq!(remarks[3], "# replayed f", "{wrong}");
    }
}

fn reference_is_not_written(program: Program) {
    let folder = folder_with_bits(&[1.0]);
    let command = program.build(folder.path(), "demo");
    let at = |name: &str| folder.path().join(name);
    let reference = "# nbtrace 1\nTRACE_A: x 7\nTRACE_A: only_here 8\n";
    fs::write(at("r.0"), reference).unwrap();
    fs::hard_link(at("r.0"), at("second.0")).unwrap();
    fs::create_dir(at("sub")).unwrap();
    for name in ["r.0", "second.0", "sub/../r.0", "r.%t", "second.%t"] {
        let output = run(&command, folder.path(), &[("NBTRACE", name), ("NBTRACE_REPLAY", "r.0")]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
        assert!(
            stderr.contains("is the trace that NBTRACE_REPLAY names; expected another file"),
            "{name}: {stderr}"
        );
        assert_eq!(fs::read_to_string(at("r.0")).unwrap(), reference, "{name}");
    }
}

fn replay_in_order(program: Program) {
    let folder = folder_with_bits(&[1.0, 2.0, 3.0]);
    let command = program.build(folder.path(), "demo");
    let reference =
        "TRACE_A: x 5\nTRACE_A: x 6 7\n# begin\nTRACE_A: step 0\nTRACE_A: v 1 2\nTRACE_A: f inf\n# end\n";
    fs::write(folder.path().join("r.trace"), reference).unwrap();
    quiet(&command, folder.path(), &[("NBTRACE", "t.trace"), ("NBTRACE_REPLAY", "r.trace")]);
    let found = fs::read_to_string(folder.path().join("t.trace")).unwrap();
    let remarks: Vec<&str> = found.lines().filter(|l| l.contains("replayed")).collect();
    let first = ["# replayed x", "# not replayed x", "# not replayed x", "# replayed f", "# not replayed v"];
    assert_eq!(remarks[..5], first, "{found}");
    assert!(found.contains("\nTRACE_NB: g inf\n"), "{found}");
    // Without a trace of its own the program is replayed all the same.
    quiet(&command, folder.path(), &[("NBTRACE_REPLAY", "r.trace")]);
}

/// Every record of a trace as its lines, between `# begin` and `# end`.
fn records(text: &str) -> Vec<Vec<&str>> {
    let mut all: Vec<Vec<&str>> = Vec::new();
    let mut open = false;
    for line in text.lines().skip(1) {
        match line {
            "# begin" => {
                assert!(!open, "a record within another");
                open = true;
                all.push(Vec::new());
            }
            "# end" => open = false,
            line => {
                assert!(open, "`{line}` outside of a record");
                all.last_mut().unwrap().push(line);
            }
        }
    }
    all
}

fn check_records(mut found: Vec<Vec<String>>) {
    found.sort_by_key(|lines| lines[0].rsplit(' ').next().unwrap().parse::<u32>().unwrap());
    assert_eq!(found.len(), 400);
    for (n, lines) in found.iter().enumerate() {
        assert_eq!(lines[0], format!("TRACE_NB: record {n}"));
        let values = (0..100).map(|k| format!("TRACE_NB: x {}", word(n as f64 + f64::from(k) / 128.0)));
        assert!(lines[1..].iter().cloned().eq(values), "record {n}");
    }
}

fn owned(text: &str) -> Vec<Vec<String>> {
    records(text).iter().map(|lines| lines.iter().map(|line| (*line).to_owned()).collect()).collect()
}

fn threads_in_one_file(program: Program) {
    let folder = tempfile::tempdir().unwrap();
    let command = program.build(folder.path(), "threads");
    quiet(&command, folder.path(), &[("NBTRACE", "t.trace")]);
    check_records(owned(&fs::read_to_string(folder.path().join("t.trace")).unwrap()));
}

fn own_files(program: Program) {
    let folder = tempfile::tempdir().unwrap();
    let command = program.build(folder.path(), "threads");
    // Two processes at once, as `mpirun -n 2` starts them.
    std::thread::scope(|scope| {
        for rank in ["0", "1"] {
            let (command, folder) = (&command, folder.path());
            scope.spawn(move || {
                quiet(command, folder, &[("NBTRACE", "t.%r.%p.%t"), ("OMPI_COMM_WORLD_RANK", rank)]);
            });
        }
    });
    for rank in ["0", "1"] {
        let is_of =
            |path: &&PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(&format!("t.{rank}."));
        let all = names(folder.path());
        let files: Vec<&PathBuf> = all.iter().filter(is_of).collect();
        assert_eq!(files.len(), 4, "{files:?}");
        check_records(files.iter().flat_map(|path| owned(&fs::read_to_string(path).unwrap())).collect());
    }
}

fn refusals(program: Program) {
    let folder = folder_with_bits(&[1.0]);
    let command = program.build(folder.path(), "demo");
    let output = run(&command, folder.path(), &[("NBTRACE", "nowhere/t.trace")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the program goes on: {stderr}");
    assert!(stderr.starts_with("nbtrace: `nowhere/t.trace`: cannot be written\n"), "{stderr}");
    if cfg!(target_os = "linux") {
        let output = run(&command, folder.path(), &[("NBTRACE", "/dev/full")]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the program goes on: {stderr}");
        assert_eq!(stderr.matches("nbtrace: `/dev/full`: cannot be written\n").count(), 1, "{stderr}");
    }
    let output = run(&command, folder.path(), &[("NBTRACE_REPLAY", "nowhere.trace")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "without its reference it does not: {stderr}");
    assert!(stderr.starts_with("nbtrace: `nowhere.trace`: cannot be read; expected a trace\n"), "{stderr}");
}

fn commands() {
    for (name, language) in ["c", "cpp", "fortran", "python", "rust"].into_iter().zip(Language::ALL) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
        let output = command.args(["emit", name]).output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), language.source());
    }
}
