//! Reads the words of `nanobragg series` that a plain run does not have.
//!
//! Not here: their table and the help (`cli`), what they mean for the images (`plan`).

use crate::cli::options::{SERIES_OPTIONS, is_option};
use crate::error::UsageError;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Images of one series at most: more names than a folder should have.
const MOST_IMAGES: u64 = 10_000_000;

/// Where the images come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Images {
    /// So many of a rotation, each beginning where the one before ends.
    Rotation(u64),
    /// One for each line of a file, which holds the flags that it has beside the common ones.
    Listed(PathBuf),
}

/// Part `index` (from 1) of `count` parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub index: u64,
    pub count: u64,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeriesOptions {
    /// Which images there are.
    pub images: Images,
    /// Number of the first.
    pub first: u64,
    /// Which of them to render.
    pub part: Part,
    /// Whether images that are there already are rendered again.
    pub again: bool,
    /// Whether to print the command of each image instead.
    pub commands_only: bool,
    /// Where finished images are noted down.
    pub journal: PathBuf,
}

/// Takes the options out of `args`; what is left is the command line that all images share.
///
/// # Errors
/// A missing or unusable value; no images, or images from two places.
pub(crate) fn split(args: &[OsString]) -> Result<(SeriesOptions, Vec<OsString>), UsageError> {
    let (mut count, mut list, mut journal) = (None, None, None);
    let mut options = SeriesOptions {
        images: Images::Rotation(0),
        first: 1,
        part: Part { index: 1, count: 1 },
        again: false,
        commands_only: false,
        journal: PathBuf::new(),
    };
    let mut rest = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
            _ => (text.as_ref(), None),
        };
        if !is_own(OsStr::new(name)) {
            rest.push(word.clone());
            continue;
        }
        if let Some(switch) = match name {
            "--again" => Some(&mut options.again),
            "--commands" => Some(&mut options.commands_only),
            _ => None,
        } {
            if let Some(value) = inline {
                return Err(unusable(name, &value, "no value"));
            }
            *switch = true;
            continue;
        }
        let value = inline.or_else(|| words.next().filter(|w| !is_option(w) && !is_own(w)).cloned());
        let value = value.filter(|value| !value.is_empty()).ok_or_else(|| {
            UsageError::new(format!("`{name}` needs a value"), "see nanobragg series --help")
        })?;
        let number = || value.to_str().and_then(|text| text.parse::<u64>().ok());
        match name {
            "--images" => {
                let read = number().filter(|count| (1..=MOST_IMAGES).contains(count));
                count = Some(
                    read.ok_or_else(|| unusable(name, &value, &format!("a count of 1 to {MOST_IMAGES}")))?,
                );
            }
            "--first" => {
                let read = number().filter(|first| *first <= u64::from(u32::MAX));
                options.first =
                    read.ok_or_else(|| unusable(name, &value, "the number of the first image, 0 or more"))?;
            }
            "--partition" => {
                options.part = part(&value).ok_or_else(|| {
                    unusable(name, &value, "I/N: part I of N, counted from 1, such as `2/8`")
                })?;
            }
            "--journal" => journal = Some(PathBuf::from(value)),
            _ => list = Some(PathBuf::from(value)),
        }
    }
    options.images = match (count, list) {
        (Some(count), None) => Images::Rotation(count),
        (None, Some(path)) => Images::Listed(path),
        (Some(_), Some(_)) => {
            return Err(UsageError::new(
                "`--images` with `--list`",
                "one of them: the list has a line for each image",
            ));
        }
        (None, None) => {
            return Err(UsageError::new(
                "`series` needs images",
                "`--images COUNT` of a rotation, or `--list FILE` (see nanobragg series --help)",
            ));
        }
    };
    options.journal = journal.unwrap_or_else(|| own_journal(options.part));
    Ok((options, rest))
}

/// One for each part, since parts run at the same time and on machines that share a file system.
fn own_journal(Part { index, count }: Part) -> PathBuf {
    if count == 1 { "series.jsonl".into() } else { format!("series.{index}of{count}.jsonl").into() }
}

fn part(value: &OsStr) -> Option<Part> {
    let (index, count) = value.to_str()?.split_once('/')?;
    let part = Part { index: index.parse().ok()?, count: count.parse().ok()? };
    (1..=part.count).contains(&part.index).then_some(part)
}

fn unusable(name: &str, value: &OsStr, expected: &str) -> UsageError {
    UsageError::new(format!("`{name}`: unusable value `{}`", value.display()), expected)
}

fn is_own(word: &OsStr) -> bool {
    SERIES_OPTIONS.iter().any(|option| word == option.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_words(text: &str) -> Result<(SeriesOptions, Vec<OsString>), UsageError> {
        split(&text.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn own_words_are_taken_out_and_the_rest_keeps_its_order() {
        let (options, rest) =
            split_words("-N 5 --images 40 -phi 0 --partition=2/8 --first 0 -osc 1").expect("valid");
        assert_eq!(rest, ["-N", "5", "-phi", "0", "-osc", "1"]);
        assert_eq!(options.images, Images::Rotation(40));
        assert_eq!((options.first, options.part), (0, Part { index: 2, count: 8 }));
        assert_eq!(options.journal, PathBuf::from("series.2of8.jsonl"));
    }

    #[test]
    fn unusable_values_say_what_was_expected() {
        for words in [
            "-N 5",
            "--images",
            "--images 0",
            "--images ten",
            "--images 99999999999",
            "--images 4 --list images.txt",
            "--images 4 --partition 0/2",
            "--images 4 --partition 3/2",
            "--images 4 --partition 2",
            "--images 4 --first -1",
            "--images 4 --again=yes",
            "--list",
        ] {
            assert!(!split_words(words).expect_err(words).expected.is_empty(), "{words}");
        }
    }
}
