//! The arguments of a runner: as given, but independent of the working folder and with an image file of its own.
//!
//! Not here: what the arguments mean; the simulator's own table says which of them name files.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use nanobragg::cli::flags::{Id, Values, matching};

use crate::adapter::words::{Filling, Placeholder};

/// What reflections are read from where no list of them is named; it lies in the working folder.
const REFLECTIONS: &str = "Fdump.bin";

/// Arguments ready to run from any folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    /// The arguments.
    pub args: Vec<OsString>,
    /// The files among them that are read, absolute, in order.
    pub inputs: Vec<PathBuf>,
    /// A pipe or device among them, which can be read but once.
    pub stream: Option<PathBuf>,
    /// A file that is read from the working folder without being named, seen from the user's.
    pub beside: Option<PathBuf>,
}

/// What a word on the command line asks of the word after it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Next {
    /// Nothing in particular.
    Value,
    /// It names a file that is read.
    Input,
    /// It names a file that is written.
    Output,
    /// It names the float image.
    FloatImage,
}

/// Makes input files absolute (relative ones are seen from `folder`), leaves other output files to the runner's own folder,
/// and puts `float_image` in the place of any word for it, or adds one as the adapter's command does.
pub(crate) fn prepare(args: &[OsString], folder: &Path, float_image: &Path) -> Prepared {
    let mut out =
        Prepared { args: Vec::with_capacity(args.len() + 2), inputs: Vec::new(), stream: None, beside: None };
    let mut next = Next::Value;
    let (mut named, mut reflections_named) = (false, false);
    for word in args {
        let given = folder.join(word);
        match next {
            Next::FloatImage => out.args.push(float_image.into()),
            // An output keeps its name but not its folder: no runner may touch the user's files.
            Next::Output => out.args.push(given.file_name().map_or_else(|| word.clone(), OsStr::to_owned)),
            Next::Input | Next::Value if !is_flag(word) && given.is_file() => {
                let path = given.canonicalize().unwrap_or(given);
                out.inputs.push(path.clone());
                out.args.push(path.into());
            }
            Next::Input | Next::Value => {
                if !is_flag(word) && given.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir()) {
                    out.stream.get_or_insert(given);
                }
                out.args.push(word.clone());
            }
        }
        let (kind, reflections) = kind_of(word);
        next = if next == Next::Value { kind } else { Next::Value };
        named |= next == Next::FloatImage;
        reflections_named |= reflections;
    }
    let reflections = folder.join(REFLECTIONS);
    out.beside = (!reflections_named && reflections.is_file()).then_some(reflections);
    // A -floatfile without its value at the end is completed; a missing one is added.
    if next == Next::FloatImage {
        out.args.push(float_image.into());
    } else if !named {
        out.args.extend(image_words(float_image));
    }
    out
}

/// Whether the end of `command`, as a step records it, is what [`prepare()`] makes of `args`, as a comparison records them. What comes
/// before it is the program with its own words.
pub(crate) fn are_those_of(args: &[String], command: &[String]) -> bool {
    let mut next = Next::Value;
    let mut named = false;
    let mut expected = Vec::with_capacity(args.len());
    for word in args {
        expected.push((next, word));
        let (kind, _) = kind_of(OsStr::new(word));
        next = if next == Next::Value { kind } else { Next::Value };
        named |= next == Next::FloatImage;
    }
    let image = image_words(Path::new("float.bin"));
    let added = match (next, named) {
        (Next::FloatImage, _) => 1,
        (_, true) => 0,
        (_, false) => image.len(),
    };
    let Some(end) = command.len().checked_sub(added) else { return false };
    let Some(words) =
        end.checked_sub(expected.len()).filter(|first| *first > 0).map(|first| &command[first..end])
    else {
        return false;
    };
    let flags = image.iter().zip(&command[end..]).filter(|(word, _)| added > 1 && is_flag(word));
    flags.into_iter().all(|(word, says)| word.to_str() == Some(says))
        && expected.iter().zip(words).all(|((place, word), says)| match place {
            Next::FloatImage => true,
            Next::Output => file_name(word) == file_name(says),
            Next::Input | Next::Value => *word == says,
        })
}

/// The name behind the folders of a path or token.
pub(crate) fn file_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word).trim_end_matches('}')
}

/// The words behind the arguments in the adapter's command, that say where its float image goes.
fn image_words(float_image: &Path) -> Vec<OsString> {
    let [reference, _] = &super::adapter().sides;
    let behind = reference.command.iter().skip_while(|word| !word.has(Placeholder::Args)).skip(1);
    let out = float_image.parent().unwrap_or(float_image);
    behind.flat_map(|word| word.fill(&Filling { args: &[], image: float_image, out })).collect()
}

/// The word as the table of flags knows it: with one dash.
pub(super) fn single_dash(word: &str) -> &str {
    if word.starts_with("--") { &word[1..] } else { word }
}

fn is_flag(word: &OsStr) -> bool {
    word.as_encoded_bytes().first() == Some(&b'-')
}

/// What follows `word`, and whether it names the reflections.
fn kind_of(word: &OsStr) -> (Next, bool) {
    let Some(text) = word.to_str().filter(|w| w.starts_with('-')) else { return (Next::Value, false) };
    if ["--trace-file", "--png", "--npy"].contains(&text) {
        return (Next::Output, false);
    }
    let flags = matching(single_dash(text));
    let reflections = flags.iter().any(|f| f.id == Id::Hkl);
    let file =
        flags.iter().filter(|f| f.values == Values::Word && f.id != Id::Pivot).map(|f| f.id).next_back();
    let next = match file {
        Some(Id::FloatFile) => Next::FloatImage,
        Some(Id::IntFile | Id::PgmFile | Id::NoiseFile | Id::StolOut | Id::Dump) => Next::Output,
        Some(_) => Next::Input,
        None => Next::Value,
    };
    (next, reflections)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(line: &str, folder: &Path) -> (String, Prepared) {
        let args: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let p = prepare(&args, folder, Path::new("/run/float.bin"));
        let text = p.args.iter().map(|a| a.to_str().unwrap()).collect::<Vec<_>>().join(" ");
        (text, p)
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.hkl", "int.img", "A.mat"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    #[test]
    fn inputs_become_absolute_and_the_float_image_is_added() {
        let folder = folder();
        let (text, p) = prepared("-hkl a.hkl --mat A.mat -N 5", folder.path());
        let root = folder.path().canonicalize().unwrap();
        let root = root.display();
        assert_eq!(text, format!("-hkl {root}/a.hkl --mat {root}/A.mat -N 5 -floatfile /run/float.bin"));
        assert_eq!(p.inputs.len(), 2);
    }

    #[test]
    fn every_spelling_of_the_float_image_is_replaced() {
        let folder = folder();
        for flag in ["-floatfile", "--floatfile", "-floatimage"] {
            let (text, _) = prepared(&format!("{flag} mine.bin -N 5"), folder.path());
            assert_eq!(text, format!("{flag} /run/float.bin -N 5"));
        }
        assert_eq!(prepared("-N 5 -floatfile", folder.path()).0, "-N 5 -floatfile /run/float.bin");
    }

    #[test]
    fn other_outputs_stay_in_the_folder_of_the_runner_even_when_such_a_file_exists() {
        let folder = folder();
        let (text, p) = prepared("-intfile int.img -pgmfile ../x/p.pgm --npy /etc/n.npy", folder.path());
        assert_eq!(text, "-intfile int.img -pgmfile p.pgm --npy n.npy -floatfile /run/float.bin");
        assert!(p.inputs.is_empty());
    }

    #[test]
    fn a_pipe_among_the_inputs_is_found() {
        let folder = folder();
        assert_eq!(prepared("-hkl a.hkl", folder.path()).1.stream, None);
        let stream = prepared("-hkl /dev/null -N 5", folder.path()).1.stream;
        assert_eq!(stream, Some(PathBuf::from("/dev/null")));
    }

    #[test]
    fn reflections_are_read_from_the_folder_unless_a_list_of_them_is_named() {
        let folder = folder();
        assert_eq!(prepared("-N 5", folder.path()).1.beside, None);
        let stored = folder.path().join("Fdump.bin");
        std::fs::write(&stored, "").unwrap();
        assert_eq!(prepared("-N 5", folder.path()).1.beside, Some(stored));
        assert_eq!(prepared("-hkl a.hkl -N 5", folder.path()).1.beside, None);
    }

    #[test]
    fn a_command_is_that_of_its_arguments_or_not() {
        let of = |args: &str, command: &str| {
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            are_those_of(&words(args), &words(command))
        };
        for (args, command) in [
            ("-N 5", "{bin:sim} -N 5 -floatfile {tmp}/float.bin"),
            ("-N 5", "{bin:sim} --parity -N 5 -floatfile {tmp}/float.bin"),
            ("-floatfile mine.bin -N 5", "{bin:sim} -floatfile {tmp}/float.bin -N 5"),
            ("-N 5 -floatfile", "{bin:sim} -N 5 -floatfile {tmp}/float.bin"),
            ("-intfile ../x/int.img", "{bin:sim} -intfile int.img -floatfile {tmp}/float.bin"),
            ("", "{bin:sim} -floatfile {tmp}/float.bin"),
        ] {
            assert!(of(args, command), "{args}: {command}");
        }
        for (args, command) in [
            ("-N 99", "{bin:sim} -N 5 -floatfile {tmp}/float.bin"),
            ("", "{bin:sim} -N 5"),
            ("-N", "{bin:sim} -N 5 -floatfile {tmp}/float.bin"),
            ("-N 5 -lambda 1", "{bin:sim} -N 5 -floatfile {tmp}/float.bin"),
            ("-N 5", "-N 5 -floatfile {tmp}/float.bin"),
            ("-intfile a.img", "{bin:sim} -intfile b.img -floatfile {tmp}/float.bin"),
        ] {
            assert!(!of(args, command), "{args}: {command}");
        }
    }

    #[test]
    fn what_is_no_file_goes_through_unchanged() {
        let folder = folder();
        let (text, p) = prepared("-hkl nowhere.hkl -misset -10 20 30", folder.path());
        assert_eq!(text, "-hkl nowhere.hkl -misset -10 20 30 -floatfile /run/float.bin");
        assert!(p.inputs.is_empty());
    }
}
