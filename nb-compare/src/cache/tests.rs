//! The cache by itself: keys, damage, room, many users. Not here: the program that uses it.

use std::ffi::OsString;
use std::fs;
use std::time::{Duration, SystemTime};

use trace_harness::evidence::process::Program;

use super::*;

/// Asks for a run of `program`, which has the digest `binary`, with arguments and an input.
fn asked(
    program: &Program,
    binary: &str,
    words: &[OsString],
    input: Option<PathBuf>,
) -> Result<Key, KeyError> {
    Key::of(&Question {
        program,
        binary,
        args: words,
        float_image: Path::new("/out/float.bin"),
        exported: &[],
        inputs: input.as_slice(),
    })
}

/// A program that is linked statically, as far as its head says: nobody is asked for its libraries.
fn native(folder: &Path) -> Program {
    let path = folder.join("program");
    let mut head = [0; 64];
    head[..6].copy_from_slice(b"\x7fELF\x02\x01");
    fs::write(&path, head).unwrap();
    Program::new(path)
}

fn key(words: &[&str]) -> Key {
    let args: Vec<OsString> = words.iter().map(OsString::from).collect();
    let folder = tempfile::tempdir().unwrap();
    asked(&native(folder.path()), "b", &args, None).unwrap()
}

/// The run that was kept, with what is known of it.
fn is_run(found: &Lookup) -> bool {
    matches!(found, Lookup::Run(known) if *known == facts())
}

fn facts() -> KeptRun {
    KeptRun { recorded: "2026-01-02T03:04:05.678Z".to_owned(), wall_s: 1.5 }
}

struct Desk {
    root: tempfile::TempDir,
    cache: Cache,
}

impl Desk {
    fn new(limit: u64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::new(root.path().join("cache"), limit);
        Self { root, cache }
    }

    fn store(&self, name: &str, content: &str) -> Key {
        let file = self.root.path().join("file");
        fs::write(&file, content).unwrap();
        let key = key(&[name]);
        self.cache.store(&key, &facts(), &[("float.bin", &file)]).unwrap();
        key
    }

    fn fetch(&self, key: &Key) -> (Lookup, Option<String>) {
        let to = self.root.path().join("fetched");
        let _ = fs::remove_file(&to);
        let found = self.cache.fetch(key, &[("float.bin", &to)]);
        (found, fs::read_to_string(&to).ok())
    }

    fn entry(&self, key: &Key) -> PathBuf {
        self.cache.folder.join(key.text())
    }

    fn used_before(&self, key: &Key, seconds: u64) {
        let list = fs::File::options().append(true).open(self.entry(key).join("entry.json")).unwrap();
        list.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    }
}

#[test]
fn what_was_stored_comes_back() {
    let desk = Desk::new(1 << 20);
    assert!(matches!(desk.fetch(&key(&["a"])).0, Lookup::Nothing));
    let a = desk.store("a", "pixels");
    let (found, pixels) = desk.fetch(&a);
    assert!(is_run(&found));
    assert_eq!(pixels.as_deref(), Some("pixels"));
    assert!(matches!(desk.fetch(&key(&["b"])).0, Lookup::Nothing));
}

#[test]
fn damage_of_any_kind_is_found_and_removed() {
    let ways: [&dyn Fn(&Path); 5] = [
        &|entry| fs::write(entry.join("float.bin"), "pixelS").unwrap(),
        &|entry| fs::write(entry.join("float.bin"), "pix").unwrap(),
        &|entry| fs::remove_file(entry.join("float.bin")).unwrap(),
        &|entry| fs::write(entry.join("entry.json"), "{").unwrap(),
        &|entry| fs::remove_file(entry.join("entry.json")).unwrap(),
    ];
    for damage in ways {
        let desk = Desk::new(1 << 20);
        let a = desk.store("a", "pixels");
        damage(&desk.entry(&a));
        assert!(matches!(desk.fetch(&a).0, Lookup::Damaged(_)));
        assert!(matches!(desk.fetch(&a).0, Lookup::Nothing), "it is removed");
        desk.store("a", "pixels");
        assert!(is_run(&desk.fetch(&a).0), "and can be stored again");
    }
}

#[test]
fn the_least_recently_used_go_first() {
    let text = "x".repeat(1000);
    // The list of an entry is some three hundred bytes long: room for three entries, not for four.
    let desk = Desk::new(4500);
    let keys: Vec<Key> = ["a", "b", "c"].iter().map(|name| desk.store(name, &text)).collect();
    for (key, age) in keys.iter().zip([300, 200, 100]) {
        desk.used_before(key, age);
    }
    assert!(matches!(desk.fetch(&keys[0]).0, Lookup::Run(_)), "used just now");
    let new = desk.store("d", &text);
    let left = [&keys[0], &keys[1], &keys[2], &new].map(|k| desk.entry(k).exists());
    assert_eq!(left, [true, false, true, true]);
}

#[test]
fn what_is_larger_than_the_limit_is_not_kept() {
    let desk = Desk::new(10);
    let a = desk.store("a", "more than ten bytes");
    assert!(matches!(desk.fetch(&a).0, Lookup::Nothing));
}

#[test]
fn many_writers_and_readers_never_meet_half_an_entry() {
    let desk = Desk::new(1 << 20);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (cache, root) = (&desk.cache, desk.root.path());
            scope.spawn(move || {
                let (file, to) = (root.join(format!("in-{n}")), root.join(format!("out-{n}")));
                fs::write(&file, "pixels").unwrap();
                for _ in 0..20 {
                    cache.store(&key(&["a"]), &facts(), &[("float.bin", &file)]).unwrap();
                    let found = cache.fetch(&key(&["a"]), &[("float.bin", &to)]);
                    assert!(is_run(&found));
                }
            });
        }
    });
}

#[test]
fn a_key_knows_words_apart_and_files_by_content() {
    assert_ne!(key(&["-a", "b"]), key(&["-a b"]));
    assert_ne!(key(&["-a", "b"]), key(&["b", "-a"]));
    assert_eq!(key(&["-f", "/out/float.bin"]), key(&["-f", "/out/float.bin"]));
    let root = tempfile::tempdir().unwrap();
    let program = native(root.path());
    let of = |name: &str, content: &str, binary: &str| {
        let path = root.path().join(name);
        fs::write(&path, content).unwrap();
        let args = ["--in".into(), path.clone().into_os_string()];
        asked(&program, binary, &args, Some(path)).unwrap()
    };
    let first = of("one.hkl", "0 0 1 5", "b");
    assert_eq!(first, of("two.hkl", "0 0 1 5", "b"), "the name of a file that is read is no matter");
    assert_ne!(first, of("one.hkl", "0 0 1 6", "b"));
    assert_ne!(first, of("one.hkl", "0 0 1 5", "c"));
}

#[test]
fn a_run_is_known_only_where_the_bytes_of_its_program_decide_what_runs() {
    let root = tempfile::tempdir().unwrap();
    let program = native(root.path());
    let script = root.path().join("script");
    fs::write(&script, "#!/bin/sh\nexec real \"$@\"\n").unwrap();
    let refused = asked(&Program::new(script.clone()), "b", &[], None);
    assert!(matches!(&refused, Err(KeyError::Program(why)) if why.to_string().contains("no machine code")));
    let option = format!("--run={}", script.display());
    for word in [script.to_str().unwrap(), &option, "sh"] {
        let launcher = program.clone().with(&["-x", word]);
        let refused = asked(&launcher, "b", &launcher.leading, None);
        assert!(matches!(&refused, Err(KeyError::Word(said)) if said == word), "{word}: {refused:?}");
    }
    let harmless = program.clone().with(&["--exactly", "-n", "5", "no-such-program-here"]);
    assert!(asked(&harmless, "b", &harmless.leading, None).is_ok());
    // A file behind an option of the arguments counts by its content.
    let of = || asked(&program, "b", &[OsString::from(&option)], None).unwrap();
    let before = of();
    fs::write(&script, "#!/bin/sh\nexec other \"$@\"\n").unwrap();
    assert_ne!(before, of());
}
