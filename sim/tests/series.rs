//! `nanobragg series`: the bytes of as many single runs, resumed where it stopped, in parts that make the whole.
//!
//! Not here: sessions of the library (`session`), a single run (`command_line`).

mod at_the_shell;

use at_the_shell::{Run, in_empty_folder, program, run, shell};
use std::collections::BTreeMap;
use std::path::Path;

const CRYSTAL: &str = "-hkl ../list.hkl -cell 60 70 80 90 90 90 -lambda 1 -N 8 -gauss_xtal -distance 60 \
                       -detpixels 64 -pixel 0.6 -seed 1 -fluence 1e24 -nopgm";

/// A folder with a list of reflections, and a folder in it to work in.
fn scene() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = in_empty_folder();
    let list: String = (-6..=6)
        .flat_map(|h| (-6..=6).map(move |k| format!("{h} {k} 1 {}\n{h} {k} -2 {}\n", 40 + h * k, 30 + h)))
        .collect();
    std::fs::write(folder.path().join("list.hkl"), list).expect("a list");
    let work = folder.path().join("work");
    std::fs::create_dir(&work).expect("a folder");
    (folder, work)
}

fn done(folder: &Path, arguments: &str) -> Run {
    let done = run(folder, arguments);
    assert_eq!(done.code, Some(0), "{arguments}: {}", done.stderr);
    done
}

/// Every file of a folder but journals, whose times differ.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| path.extension().is_none_or(|end| end != "jsonl"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a file"))
        })
        .collect()
}

/// Runs the commands that `--commands` prints for `series`, in a new folder beside `work`.
fn single_runs(work: &Path, series: &str) -> BTreeMap<String, Vec<u8>> {
    let commands = done(work, &format!("series {series} --commands")).stdout;
    let single = work.with_file_name("single");
    std::fs::create_dir(&single).expect("a folder");
    for command in commands.lines() {
        let words = command.strip_prefix("nanobragg").expect("a command of the program");
        let done = shell(&single, &format!("'{}'{words} --quiet", program().display()));
        assert_eq!(done.code, Some(0), "{command}: {}", done.stderr);
    }
    files(&single)
}

fn is_lit(bytes: &[u8]) -> bool {
    bytes.chunks_exact(4).any(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]) > 0.0)
}

#[test]
fn a_rotation_is_the_bytes_of_as_many_runs() {
    let (_folder, work) = scene();
    let series = format!("--images 4 {CRYSTAL} -phi 10 -osc 0.1 -phisteps 3");
    let said = done(&work, &format!("series {series}"));
    let images = files(&work);
    assert_eq!(images, single_runs(&work, &series));
    let names: Vec<_> = images.keys().filter(|name| name.starts_with("float")).collect();
    assert_eq!(
        names,
        ["floatimage_0001.bin", "floatimage_0002.bin", "floatimage_0003.bin", "floatimage_0004.bin"]
    );
    assert!(names.iter().all(|name| is_lit(&images[*name])));
    assert_ne!(images["floatimage_0001.bin"], images["floatimage_0002.bin"]);
    assert!(
        said.stdout.ends_with("4 images: 4 rendered, 0 there already (series.jsonl)\n"),
        "{}",
        said.stdout
    );
}

#[test]
fn the_reflection_list_is_read_once() {
    let (_folder, work) = scene();
    // A pipe has its bytes once.
    let crystal = CRYSTAL.replace("../list.hkl", "/dev/stdin");
    let words = format!("series --images 3 {crystal} -osc 1 -phisteps 2 --quiet");
    let piped = shell(&work, &format!("cat ../list.hkl | '{}' {words}", program().display()));
    assert_eq!(piped.code, Some(0), "{}", piped.stderr);
    let names: Vec<_> = files(&work).into_keys().filter(|name| name.starts_with("float")).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_list_has_the_flags_of_each_image() {
    let (folder, work) = scene();
    std::fs::write(
        folder.path().join("each.txt"),
        "# orientations\n-misset 10 20 30\n\n-misset 40 50 60 -lambda 1.1 # longer\n-misset random -misset_seed 3\n",
    )
    .expect("a list");
    let series = format!("--list ../each.txt --first 7 {CRYSTAL} -floatfile turn%02d.bin --npy turn%d.npy");
    done(&work, &format!("series {series}"));
    let images = files(&work);
    assert_eq!(images, single_runs(&work, &series));
    for name in
        ["turn07.bin", "turn08.bin", "turn09.bin", "turn7.npy", "intimage_0009.img", "noiseimage_0008.img"]
    {
        assert!(images.contains_key(name), "{name} in {:?}", images.keys());
    }
    assert!(["turn07.bin", "turn08.bin", "turn09.bin"].iter().all(|name| is_lit(&images[*name])));
}

#[test]
fn what_is_there_is_not_rendered_again_until_something_changes() {
    let (folder, work) = scene();
    let series = format!("series --images 3 {CRYSTAL} -osc 1 -phisteps 2");
    let rendered = |more: &str| {
        let said = done(&work, &format!("{series} --json {more}"));
        let outcome: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
        assert_eq!(outcome["images"], 3);
        outcome["rendered"].as_u64().expect("a count")
    };
    assert_eq!(rendered(""), 3);
    let whole = files(&work);
    assert_eq!(rendered(""), 0);
    assert_eq!(rendered("--again"), 3);
    std::fs::remove_file(work.join("intimage_0002.img")).expect("an image");
    assert_eq!(rendered(""), 1, "an image is missing");
    std::fs::write(work.join("floatimage_0003.bin"), "short").expect("room");
    assert_eq!(rendered(""), 1, "an image is another");
    assert_eq!(files(&work), whole);
    assert_eq!(rendered("-N 9"), 3, "other flags");
    let list = std::fs::read_to_string(folder.path().join("list.hkl")).expect("the list") + "3 3 3 90\n";
    std::fs::write(folder.path().join("list.hkl"), list).expect("room");
    assert_eq!(rendered("-N 9"), 3, "another list");
    // A run that was killed may leave half a line.
    let journal = work.join("series.jsonl");
    let torn = std::fs::read(&journal).expect("a journal");
    std::fs::write(&journal, &torn[..torn.len() - 20]).expect("room");
    assert_eq!(rendered("-N 9"), 1, "the last note is lost");
    assert_eq!(rendered("-N 9"), 0, "and written again on a line of its own");
}

#[test]
fn parts_make_the_whole() {
    let (_folder, work) = scene();
    let series = format!("series --images 5 {CRYSTAL} -osc 1 -phisteps 2 --quiet");
    done(&work, &series);
    let whole = files(&work);
    let parts = work.with_file_name("parts");
    std::fs::create_dir(&parts).expect("a folder");
    done(&parts, &format!("{series} --partition 2/2"));
    let even: Vec<_> = files(&parts).into_keys().filter(|name| name.starts_with("float")).collect();
    assert_eq!(even, ["floatimage_0002.bin", "floatimage_0004.bin"]);
    done(&parts, &format!("{series} --partition 1/2"));
    assert_eq!(files(&parts), whole);
    let said = done(&parts, &series.replace("--quiet", ""));
    assert!(
        said.stdout.contains("5 images: 0 rendered, 5 there already"),
        "all parts count: {}",
        said.stdout
    );
}

#[test]
fn what_is_no_series_is_refused_before_anything_is_rendered() {
    let (folder, work) = scene();
    std::fs::write(folder.path().join("bad.txt"), "-misset 1 2 3\n-misset 4 5 six\n").expect("a list");
    std::fs::write(folder.path().join("empty.txt"), "# nothing\n").expect("a list");
    for (words, code, part) in [
        (format!("--images 2 {CRYSTAL}"), 1, "`--images` without a rotation"),
        (
            format!("--images 2 {CRYSTAL} -osc 1 -floatfile one.bin"),
            1,
            "images 1 and 2 are both written to `one.bin`",
        ),
        (format!("--list ../bad.txt {CRYSTAL}"), 1, "image 2: "),
        (format!("--list ../empty.txt {CRYSTAL}"), 9, "has no line"),
        (format!("--list ../none.txt {CRYSTAL}"), 9, "`../none.txt`"),
        (format!("--images 2 {CRYSTAL} -osc 1 -phisteps 2 -floatfile none/%d.bin"), 9, "none/1.bin"),
        (format!("--images 2 {CRYSTAL} -osc 1 --version"), 1, "a series of helps"),
    ] {
        let refused = run(&work, &format!("series {words}"));
        assert_eq!(refused.code, Some(code), "{words}: {}", refused.stderr);
        assert!(refused.stderr.contains(part), "{words}: {}", refused.stderr);
        assert_eq!(files(&work).len(), 0, "{words}: nothing is left behind");
    }
}
