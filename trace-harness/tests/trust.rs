//! What a bundle of somebody else may do here, and how far its figures and its bytes are believed: what `docs/trust.md` says.
//!
//! Not here: whether it is what was written (`bundle_commands`), whose it is (`signatures`), what its steps may ask for (unit tests of `rerun`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trace_harness::prelude::*;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

struct Called {
    code: Option<i32>,
    out: String,
    err: String,
}

fn called(command: &mut Command) -> Called {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Called { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn call(folder: &Path, args: &[&str]) -> Called {
    called(Command::new(PROGRAM).args(args).current_dir(folder))
}

/// The place of the bundle that a call with `--json` made.
fn place(called: &Called) -> PathBuf {
    let result: Value =
        serde_json::from_str(&called.out).unwrap_or_else(|e| panic!("{e}: {}{}", called.out, called.err));
    result["folder"].as_str().unwrap().into()
}

/// A bundle whose one step appends to `flag`, which lies outside of the working folder, and has these variables.
fn exporting(root: &Path, flag: &Path, export: &str) -> String {
    let script = format!("echo x >> '{}'", flag.display());
    let plan = format!(
        "topic = 'p'\n[[step]]\nname = 'one'\nexport = {{ {export} }}\ncommand = ['sh', '-c', \"{script}\"]\n"
    );
    fs::write(root.join("plan.toml"), plan).unwrap();
    place(&call(root, &["run", "--plan", "plan.toml", "--json", "--keep-paths"])).to_str().unwrap().to_owned()
}

#[test]
fn variables_that_a_bundle_sets_are_shown_before_anything_runs() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let flag = elsewhere.path().join("flag");
    let place = exporting(root.path(), &flag, r#"OMP_NUM_THREADS = "3", LC_TIME = "a b\u001b[2K""#);
    let ran = fs::read(&flag).unwrap();
    for more in [&["--yes"][..], &[]] {
        fs::write(&flag, &ran).unwrap();
        let called = call(root.path(), &[&["rerun", "--keep-paths", &place], more].concat());
        let shown = ["  export   OMP_NUM_THREADS=3\n", "  export   LC_TIME=", "a b\\u{1b}[2K"];
        assert!(shown.iter().all(|line| called.err.contains(line)), "{}", called.err);
        assert!(!called.err.contains('\u{1b}'), "{:?}", called.err);
        assert_eq!(fs::read(&flag).unwrap() != ran, !more.is_empty(), "{}", called.err);
    }
}

/// An answer that comes from a file or another program is nobody's agreement.
#[test]
fn without_a_terminal_nothing_is_run_whatever_stands_in_standard_input() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let flag = elsewhere.path().join("flag");
    let place = exporting(root.path(), &flag, "");
    let before = fs::read(&flag).unwrap();
    fs::write(root.path().join("answer"), "y\nyes\n").unwrap();
    for answer in ["answer", "/dev/null"] {
        let output = Command::new(PROGRAM)
            .args(["rerun", &place, "--keep-paths"])
            .stdin(fs::File::open(root.path().join(answer)).unwrap())
            .current_dir(root.path())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), fs::read(&flag).unwrap()), (Some(1), before.clone()), "{printed}");
        assert!(printed.contains("no terminal to ask on; expected --yes"), "{printed}");
    }
    assert_eq!(fs::read_dir(root.path().join("reports")).unwrap().count(), 1, "no second bundle is begun");
}

/// A copy of the program with `nb-compare` beside it, which prints `told` and ends with `code`.
fn beside_nb_compare(folder: &Path, printed: &str, code: i32) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder).unwrap();
    let (own, other) = (folder.join("trace-harness"), folder.join("nb-compare"));
    if !own.exists() {
        fs::hard_link(PROGRAM, &own).or_else(|_| fs::copy(PROGRAM, &own).map(|_| ())).unwrap();
    }
    fs::write(folder.join("printed"), printed).unwrap();
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{0}/args'\ncat '{0}/printed'\necho 'my last words' >&2\nexit {code}\n",
        folder.display()
    );
    fs::write(&other, script).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    own
}

/// A bundle as a comparison of images makes it, whose one step appends to `flag`.
fn comparison(root: &Path, flag: &Path) -> PathBuf {
    let mut recorder = Recorder::begin(Target::Exact(root.join("comparison")), root, true).unwrap();
    let words = ["sh", "-c", &format!("echo x >> '{}'", flag.display())].map(str::to_owned);
    let mut step = Step::planned("reference", words.to_vec(), "{work}", "");
    let args = words[1..].iter().map(Into::into).collect();
    let child =
        Child { stdin: None, program: "/bin/sh".into(), args, folder: root.to_owned(), exported: Vec::new() };
    recorder.run(&mut step, child, &SystemRunner::new(Interrupt::default())).unwrap();
    recorder.step(step);
    let closing = Closing::of("comparison", "two programs", Verdict::Pass, "all pixels are the same bits");
    recorder.finish(closing).unwrap().place
}

/// The program that compares images says what follows from them, and no bundle of its comparisons is believed without it.
#[test]
fn a_comparison_of_images_is_sound_only_as_far_as_its_own_program_computes_the_same() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let flag = elsewhere.path().join("flag");
    let place = comparison(root.path(), &flag);
    let ran = fs::read(&flag).unwrap();
    let tools = root.path().join("tools");
    let result = |findings: &str, left_out: &str| {
        format!(
            r#"{{"bundles": [{{"result": {{"judged": {{"images": 1}}, "findings": [{findings}], "left_out": [{left_out}],
                "looser": ["a share of 0.5"], "not_checked": []}}}}]}}"#
        )
    };
    let forged = result(r#""`correlation`: says 1, is 0.25""#, "");
    for (text, code, exit, expected) in [
        (result("", ""), 0, 0, "  follows: 1 comparison of images\n"),
        (result("", ""), 0, 0, "  judged more loosely than usual: a share of 0.5\n"),
        (forged.clone(), 3, 3, "  does not follow: `correlation`: says 1, is 0.25\n"),
        // What it found counts, however it ended.
        (forged.clone(), 0, 3, "  does not follow: `correlation`: says 1, is 0.25\n"),
        (result("", r#""one: `x` was not kept""#), 5, 5, "  not computed again: one: `x` was not kept\n"),
        (result("", ""), 3, 5, "  not computed again: `nb-compare` ended with exit status: 3\n"),
        (String::new(), 1, 5, "my last words"),
        (r#"{"bundles": []}"#.to_owned(), 0, 5, "my last words"),
    ] {
        let own = beside_nb_compare(&tools, &text, code);
        let output =
            Command::new(own).args(["verify", "--recompute"]).arg(&place).current_dir(root.path()).output();
        let output = output.unwrap();
        let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{text}: {printed}");
        assert!(printed.contains(expected), "{text}: {printed}");
        let requested = fs::read_to_string(tools.join("args")).unwrap();
        assert_eq!(
            requested.lines().collect::<Vec<_>>(),
            ["recompute", "--json", "--", place.to_str().unwrap()]
        );
    }
    let own = beside_nb_compare(&tools, &forged, 3);
    let output = Command::new(own).args(["rerun", "--yes"]).arg(&place).current_dir(root.path()).output();
    let output = output.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!((output.status.code(), fs::read(&flag).unwrap()), (Some(3), ran), "{printed}");
    assert!(printed.contains("does not follow: ") && printed.ends_with("nothing was run\n"), "{printed}");
}

#[test]
fn without_the_program_that_compares_images_a_comparison_is_undecided() {
    let root = tempfile::tempdir().unwrap();
    let place = comparison(root.path(), &root.path().join("flag"));
    let tools = root.path().join("tools");
    let own = beside_nb_compare(&tools, "", 0);
    fs::remove_file(tools.join("nb-compare")).unwrap();
    let output = Command::new(own)
        .args(["verify", "--recompute"])
        .arg(&place)
        .env("PATH", &tools)
        .current_dir(root.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(5), "{printed}");
    assert!(printed.contains("expected it beside this program or on the PATH"), "{printed}");
}

/// Where git changes line ends, the line that `docs/trust.md` gives keeps bundles as they are.
#[test]
fn the_attributes_that_the_page_about_trust_gives_keep_a_bundle_sound_in_a_repository() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/trust.md")).unwrap();
    let block = page.split("`.gitattributes`").nth(1).unwrap().split("```").nth(1).unwrap();
    let attributes = format!("{}\n", block.trim());
    let root = tempfile::tempdir().unwrap();
    let git = |folder: &Path, args: &[&str]| {
        let settings = ["-c", "core.autocrlf=true", "-c", "core.safecrlf=false"];
        let own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
        let output = Command::new("git")
            .args(settings.iter().chain(&own).chain(args))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(folder)
            .output()
            .expect("git, which brought these sources here, runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let [mine, theirs] = ["mine", "theirs"].map(|name| root.path().join(name));
    for (attributes, sound) in [(attributes.as_str(), true), ("", false)] {
        fs::create_dir(&mine).unwrap();
        let script = "printf 'a\\r\\nb\\r\\n' > \"$1/crlf.txt\"; printf 'a\\nb\\n' > \"$1/lf.txt\"";
        let args = ["run", "--topic", "t", "--json", "--keep-paths", "--", "sh", "-c", script, "sh"];
        let called = call(&mine, &[&args[..], &["{out}/results"]].concat());
        let result: Value = serde_json::from_str(&called.out).unwrap();
        let place = Path::new(result["folder"].as_str().unwrap()).to_owned();
        let relative = place.strip_prefix(mine.canonicalize().unwrap()).unwrap().to_owned();
        fs::write(mine.join(".gitattributes"), attributes).unwrap();
        git(&mine, &["init", "--quiet"]);
        git(&mine, &["add", "--all"]);
        git(&mine, &["commit", "--quiet", "--message", "evidence"]);
        git(root.path(), &["clone", "--quiet", "mine", "theirs"]);
        let called = call(&theirs, &["verify", relative.to_str().unwrap()]);
        assert_eq!(called.code, Some(if sound { 0 } else { 3 }), "{attributes:?}: {}", called.out);
        [&mine, &theirs].into_iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }
}

/// A pair of a terminal: what is written into the first is typed on the second.
#[cfg(unix)]
fn terminal() -> (fs::File, fs::File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&keyboard).unwrap();
    unlockpt(&keyboard).unwrap();
    let name = ptsname(&keyboard, Vec::new()).unwrap();
    let screen = fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (keyboard.into(), screen)
}

#[cfg(unix)]
#[test]
fn on_a_terminal_the_user_is_asked_and_nothing_but_yes_is_an_agreement() {
    use std::io::Write;
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let flag = elsewhere.path().join("flag");
    let place = exporting(root.path(), &flag, "");
    let ran = fs::read(&flag).unwrap();
    for (answer, runs) in
        [("\n", false), ("n\n", false), ("yess\n", false), ("\u{4}", false), ("y\n", true), ("YES\n", true)]
    {
        fs::write(&flag, &ran).unwrap();
        let (mut keyboard, screen) = terminal();
        keyboard.write_all(answer.as_bytes()).unwrap();
        let mut command = Command::new(PROGRAM);
        let called =
            called(command.args(["rerun", "--keep-paths", &place]).current_dir(root.path()).stdin(screen));
        assert!(
            called.err.contains("echo x >>") && called.err.contains("[y/N]"),
            "{answer:?}: {}",
            called.err
        );
        assert_eq!(fs::read(&flag).unwrap() != ran, runs, "{answer:?}: {}", called.err);
        let printed = if runs { "the commands ended as before" } else { "nothing was run" };
        assert!(
            format!("{}{}", called.out, called.err).contains(printed),
            "{answer:?}: {}{}",
            called.out,
            called.err
        );
    }
}
