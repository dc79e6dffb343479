//! Recognises the reference's flags: words in, typed settings out, in the order in which they take effect.
//!
//! Two ways: strictly (unknown words and unusable values are errors), or exactly as the reference does (every word that
//! begins with a dash is looked at, even one that is a value; numbers may carry letters; what is unknown is passed over).
//! Not here: what a setting means (`config::resolve`).

use super::flags::{self, FLAGS, Flag, Id, Values, matching, matching_in};
use super::options::{OWN_OPTIONS, Options, REFINE, SERIES, is_option};
use crate::c_number;
use crate::defects::{DIFFERENCES, Dialect, Difference};
use crate::error::UsageError;
use std::ffi::{OsStr, OsString};

/// One flag with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which flag.
    pub id: Id,
    /// The word as given, with a single dash.
    pub word: String,
    /// Its values, unread.
    pub values: Vec<OsString>,
}

impl Setting {
    /// Value `i` as C's `atof` reads it.
    pub fn number(&self, i: usize) -> f64 {
        self.values.get(i).map_or(0.0, |v| c_number::atof(v.as_encoded_bytes()))
    }

    /// Value `i` as C's `atoi` reads it.
    pub fn integer(&self, i: usize) -> i32 {
        self.values.get(i).map_or(0, |v| c_number::atoi(v.as_encoded_bytes()))
    }

    /// Value `i` as text; bytes that are no Unicode are replaced.
    pub fn text(&self, i: usize) -> String {
        self.values.get(i).map_or_else(String::new, |v| v.to_string_lossy().into_owned())
    }
}

/// How words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Errors for what the reference would silently misread.
    Strict,
    /// Strict, but unknown words are passed over.
    IgnoreUnknown,
    /// As one of the reference's programs reads.
    Reference(Dialect),
}

impl Reading {
    /// As a run with these options reads.
    pub(crate) fn of(options: &Options) -> Self {
        match (options.parity, options.ignore_unknown) {
            (true, _) => Self::Reference(options.dialect.unwrap_or_default()),
            (false, true) => Self::IgnoreUnknown,
            (false, false) => Self::Strict,
        }
    }
}

/// Reads `args` (without the program's name and our own options).
///
/// # Errors
/// See [`Reading`]; each names the flag, what was expected and the nearest known flag.
pub fn parse(args: &[OsString], reading: Reading) -> Result<Vec<Setting>, UsageError> {
    match reading {
        Reading::Reference(dialect) => parse_as_reference(args, dialect),
        Reading::Strict | Reading::IgnoreUnknown => parse_strictly(args, reading),
    }
}

/// The word with a single dash: `--distance` is `-distance`.
fn single_dash(word: &OsStr) -> Option<String> {
    let text = word.to_string_lossy();
    let stripped = text.strip_prefix("--").map(|t| format!("-{t}"));
    let text = stripped.unwrap_or_else(|| text.into_owned());
    (text.len() > 1 && text.starts_with('-')).then_some(text)
}

/// Where the two C programs read `args` differently so that it matters: what they do, and the word in question.
pub fn differences(args: &[OsString]) -> Vec<(&'static Difference, String)> {
    let theirs = |arg: &OsString| arg.to_str().is_none_or(flags::is_of_one_dialect);
    if !args.iter().any(theirs) {
        // Reading a command line twice takes a fifth of a small run.
        return Vec::new();
    }
    let read = |dialect| parse_as_reference(args, dialect).unwrap_or_default();
    let (fork, upstream) = (read(Dialect::Fork), read(Dialect::Upstream));
    let last = |settings: &[Setting], id: Id| settings.iter().rev().find(|s| s.id == id).cloned();
    let mut found = Vec::new();
    for (id, difference) in flags::OF_ONE_DIALECT.into_iter().zip(&DIFFERENCES) {
        let (one, other) = (last(&fork, id), last(&upstream, id));
        if one.as_ref().map(|s| &s.values) != other.as_ref().map(|s| &s.values) {
            found.extend(other.or(one).map(|setting| (difference, setting.word)));
        }
    }
    found
}

/// Flags that upstream's own description uses but neither program knows, and those that are meant.
const MISNAMED: &[(&str, &str)] = &[
    ("-hdiv", "-hdivrange"),
    ("-vdiv", "-vdivrange"),
    ("-xdet_vector", "-fdet_vector"),
    ("-ydet_vector", "-sdet_vector"),
    ("-zdet_vector", "-odet_vector"),
    ("-detsize_x", "-detsize_f"),
    ("-detsize_y", "-detsize_s"),
];

/// The flag that is meant by a word that no program knows.
fn meant(word: &str) -> Option<&'static str> {
    MISNAMED.iter().find(|(wrong, _)| *wrong == word).map(|(_, right)| *right)
}

/// Words among `args` that the reference passes over though its author's description has them, with the flags that are meant.
pub fn misnamed(args: &[OsString]) -> Vec<(String, &'static str)> {
    let arguments = args.iter().filter_map(|arg| arg.to_str());
    arguments.filter_map(|word| Some((word.to_owned(), meant(word)?))).collect()
}

fn parse_as_reference(args: &[OsString], dialect: Dialect) -> Result<Vec<Setting>, UsageError> {
    let mut settings = Vec::new();
    for (i, arg) in args.iter().enumerate() {
        // Here the word keeps its dashes: the reference compares it as it stands.
        let word = arg.to_string_lossy().into_owned();
        if !word.starts_with('-') {
            continue;
        }
        let following = &args[i + 1..];
        for flag in matching_in(&word, dialect) {
            if let Some(count) = count_as_reference(flag, following)? {
                let values = following[..count].to_vec();
                settings.push(Setting { id: flag.id, word: word.clone(), values });
                // It looks no further at a word that asks for a random orientation.
                if flag.id == Id::Misset && count == 1 {
                    break;
                }
            }
        }
    }
    Ok(settings)
}

/// How many of the words that follow the reference reads for `flag`; `None` when it passes over the flag.
fn count_as_reference(flag: &Flag, following: &[OsString]) -> Result<Option<usize>, UsageError> {
    let enough = |n: usize| (following.len() >= n).then_some(n);
    Ok(match flag.values {
        Values::None => Some(0),
        Values::NotLast => enough(1).map(|_| 0),
        Values::Numbers(n) | Values::Integers(n) => {
            if flag.id == Id::ThickSteps || flag.id == Id::DetectorThick {
                return last_word_crashes(flag, following);
            }
            enough(n)
        }
        Values::Word => enough(1),
        Values::NumberOrInfinite => return last_word_crashes(flag, following),
        Values::Cell => enough(1).map(|_| cell_count(following)),
        Values::Misset if following.first().is_some_and(|v| v.to_string_lossy().contains("rand")) => Some(1),
        Values::Misset => enough(3),
    })
}

/// The reference reads past its arguments when one of the sensor's flags comes last; that cannot be reproduced.
fn last_word_crashes(flag: &Flag, following: &[OsString]) -> Result<Option<usize>, UsageError> {
    if following.is_empty() { Err(missing(flag.name(), flag)) } else { Ok(Some(1)) }
}

/// One to six values, up to the first that begins with a dash.
fn cell_count(following: &[OsString]) -> usize {
    following.iter().take(6).take_while(|v| !v.as_encoded_bytes().starts_with(b"-")).count()
}

fn parse_strictly(args: &[OsString], reading: Reading) -> Result<Vec<Setting>, UsageError> {
    let mut settings = Vec::new();
    let mut at = 0;
    while at < args.len() {
        let arg = &args[at];
        at += 1;
        let Some(word) = single_dash(arg) else {
            if reading == Reading::IgnoreUnknown {
                continue;
            }
            let text = arg.to_string_lossy();
            return Err(UsageError::new(
                format!("unexpected argument `{text}`"),
                "a flag, such as -distance 100",
            )
            .hint(hint_at_stray(&text, at == 1)));
        };
        let (word, inline) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
            None => (word, None),
        };
        let flags = matching(&word);
        if flags.is_empty() {
            if reading == Reading::IgnoreUnknown {
                continue;
            }
            return Err(unknown(&word));
        }
        let inline = inline.map(|value| vec![value]);
        let following = inline.as_deref().unwrap_or(&args[at..]);
        let mut taken = 0;
        for flag in flags {
            let Some(count) = checked_count(&word, flag, following)? else { continue };
            taken = taken.max(count);
            settings.push(Setting { id: flag.id, word: word.clone(), values: following[..count].to_vec() });
        }
        if inline.is_none() {
            at += taken;
        }
    }
    Ok(settings)
}

/// What may be meant by a word that is no flag.
fn hint_at_stray(word: &str, is_first: bool) -> String {
    for (command, what) in
        [(REFINE, "finds parameters from an image"), (SERIES, "renders many images of one crystal")]
    {
        if word == command {
            return format!("`{command}` stands before all flags");
        }
        if is_first && strsim::damerau_levenshtein(word, command) <= 2 {
            return format!("`nanobragg {command}` {what}");
        }
    }
    "a flag before it may have been given too many values".to_owned()
}

/// How many values `flag` takes, after checking each.
fn checked_count(word: &str, flag: &Flag, following: &[OsString]) -> Result<Option<usize>, UsageError> {
    let numbers = |n: usize| -> Result<Option<usize>, UsageError> {
        for i in 0..n {
            let value = following.get(i).ok_or_else(|| missing(word, flag))?;
            check_number(word, flag, i, value)?;
        }
        Ok(Some(n))
    };
    match flag.values {
        Values::None => Ok(Some(0)),
        Values::NotLast => Ok(Some(0)),
        Values::Numbers(n) | Values::Integers(n) => numbers(n),
        Values::Cell => match cell_count(following) {
            0 => Err(missing(word, flag)),
            n => numbers(n),
        },
        Values::Misset if following.first().is_some_and(|v| v.as_encoded_bytes() == b"random") => Ok(Some(1)),
        Values::Misset => numbers(3),
        Values::NumberOrInfinite if following.first().is_some_and(|v| v.as_encoded_bytes() == b"inf") => {
            Ok(Some(1))
        }
        Values::NumberOrInfinite => numbers(1),
        Values::Word => {
            let value = following.first().ok_or_else(|| missing(word, flag))?;
            if is_option(value) || value.is_empty() { Err(missing(word, flag)) } else { Ok(Some(1)) }
        }
    }
}

/// Value number `i` is a number, and one that the flag allows.
fn check_number(word: &str, flag: &Flag, i: usize, value: &OsStr) -> Result<(), UsageError> {
    let bytes = value.as_encoded_bytes();
    let integer = matches!(flag.values, Values::Integers(_));
    let number = if integer {
        let whole =
            c_number::strtol(bytes).filter(|(n, used)| *used == bytes.len() && i32::try_from(*n).is_ok());
        whole.map(|(n, _)| n as f64)
    } else {
        c_number::strtod(bytes).filter(|(x, used)| *used == bytes.len() && x.is_finite()).map(|(x, _)| x)
    };
    let text = value.to_string_lossy();
    if let (Some(number), Some(range)) = (number, flag.range(i)) {
        if range.allows(number) {
            return Ok(());
        }
        return Err(UsageError::new(
            format!("`{word}`: value `{text}` is out of range"),
            format!("{range} in {}", describe(flag)),
        )
        .hint("--parity takes any number, as the C program does"));
    }
    if text.starts_with('-') && !matching(&text).is_empty() {
        return Err(missing(word, flag).hint(format!("`{text}`, the next word, is a flag itself")));
    }
    let kind = if integer { "a whole number" } else { "a number" };
    Err(UsageError::new(format!("`{word}`: value `{text}` is not {kind}"), describe(flag)))
}

fn describe(flag: &Flag) -> String {
    let unit = if flag.unit.is_empty() { String::new() } else { format!(" ({})", flag.unit) };
    format!("`{} {}`{unit}", flag.name(), flag.metavar)
}

fn missing(word: &str, flag: &Flag) -> UsageError {
    UsageError::new(format!("`{word}` lacks a value"), describe(flag))
}

fn unknown(word: &str) -> UsageError {
    let known = FLAGS.iter().flat_map(|f| f.matches.iter().map(|m| m.spelling()));
    let own = OWN_OPTIONS.iter().map(|o| o.name);
    let typed = word.trim_start_matches('-');
    let nearest = known
        .chain(own)
        .min_by_key(|name| strsim::damerau_levenshtein(name.trim_start_matches('-'), typed))
        .unwrap_or("--help");
    let nearest = meant(word).unwrap_or(nearest);
    UsageError::new(format!("unknown flag `{word}`"), "a flag listed by --help")
        .hint(format!("the nearest known flag is `{nearest}`; --ignore-unknown passes over unknown flags"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_at_blanks(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    fn ids(text: &str, reading: Reading) -> Vec<Id> {
        parse(&split_at_blanks(text), reading).expect("valid").iter().map(|s| s.id).collect()
    }

    const FORK: Reading = Reading::Reference(Dialect::Fork);
    const UPSTREAM: Reading = Reading::Reference(Dialect::Upstream);

    fn error(text: &str) -> UsageError {
        parse(&split_at_blanks(text), Reading::Strict).expect_err("must be refused")
    }

    #[test]
    fn negative_values_are_values() {
        let settings = parse(&split_at_blanks("-misset 12 -21 33 -N 5"), Reading::Strict).expect("valid");
        assert_eq!(settings[0].number(1), -21.0);
        assert_eq!(settings[1].integer(0), 5);
    }

    #[test]
    fn two_dashes_and_an_equals_sign_are_welcome() {
        assert_eq!(ids("--distance=100 --N 5 --mosflm", Reading::Strict), [Id::Distance, Id::N, Id::Mosflm]);
    }

    #[test]
    fn a_cell_ends_at_the_first_word_that_begins_with_a_dash() {
        let settings = parse(&split_at_blanks("-cell 10 20 -N 3"), Reading::Strict).expect("valid");
        assert_eq!(settings[0].values.len(), 2);
    }

    #[test]
    fn an_unknown_flag_names_the_nearest_one() {
        assert!(error("-detpixel 5").hint.contains("`-detpixels`"));
        assert!(error("-cel 5").hint.contains("`-cell`"));
    }

    #[test]
    fn a_misspelt_or_misplaced_refine_is_recognised() {
        for (text, hint) in [
            ("refin --target x", "`nanobragg refine`"),
            ("-N 5 refine", "`refine` stands before all flags"),
            ("-N 5 refin", "too many values"),
            ("fridge -N 5", "too many values"),
        ] {
            assert!(error(text).hint.contains(hint), "{text}: {:?}", error(text));
        }
    }

    #[test]
    fn values_that_are_no_numbers_are_refused_with_what_was_expected() {
        let problem = error("-distance 60mm");
        assert!(problem.problem.contains("`60mm`") && problem.expected.contains("mm"), "{problem:?}");
        assert!(error("-N 5.5").problem.contains("whole number"));
        assert!(error("-lambda nan").problem.contains("`nan`"));
        assert!(error("-detpixels 99999999999").problem.contains("whole number"));
    }

    #[test]
    fn what_a_range_leaves_out_is_refused_with_the_range_but_not_by_the_reference() {
        for flag in FLAGS.iter().filter(|flag| !flag.ranges.is_empty()) {
            let count = match flag.values {
                Values::Numbers(n) | Values::Integers(n) => n,
                Values::Cell => 6,
                Values::Misset => 3,
                _ => 1,
            };
            for i in 0..count {
                // Of a million million no whole number of 32 bits is left: that has a message of its own.
                let Some(bad) = [1e300_f64, 0.0, -2.0, -1e9, -1e300].into_iter().find(|x| {
                    let whole = x.abs() < 2e9 || !matches!(flag.values, Values::Integers(_));
                    whole && !flag.range(i).expect("a range").allows(*x)
                }) else {
                    continue;
                };
                let mut values = vec!["1".to_owned(); count];
                values[i] = format!("{bad:.0}");
                let line = format!("{} {} -nopgm", flag.name(), values.join(" "));
                let refusal = error(&line);
                assert!(refusal.problem.contains("out of range"), "{line}: {refusal}");
                assert!(refusal.expected.contains(&flag.range(i).expect("a range").to_string()), "{refusal}");
                assert!(ids(&line, FORK).contains(&flag.id), "{line}");
            }
        }
    }

    #[test]
    fn a_missing_value_is_told_from_a_wrong_one() {
        assert!(error("-distance").problem.contains("lacks a value"));
        assert!(error("-distance -N 5").hint.contains("`-N`"));
        assert!(error("-hkl -cell 5").problem.contains("lacks a value"));
        assert!(error("-detector_abs").problem.contains("lacks a value"));
        assert!(error("7").problem.contains("`7`"));
    }

    #[test]
    fn the_reference_passes_over_what_it_does_not_know() {
        assert_eq!(ids("-frobnicate 7 word -N 5x -distance", FORK), [Id::N]);
        assert_eq!(ids("-frobnicate 7 word -N 5", Reading::IgnoreUnknown), [Id::N]);
    }

    #[test]
    fn upstream_takes_every_word_with_misset_in_it_for_misset() {
        let misset = |text: &str, reading| {
            let settings = parse(&split_at_blanks(text), reading).expect("valid");
            settings.iter().rev().find(|s| s.id == Id::Misset).map(|s| [0, 1, 2].map(|i| s.number(i)))
        };
        let line = "-misset 10 20 30 -misset_seed 5 -N 6";
        assert_eq!(misset(line, FORK), Some([10.0, 20.0, 30.0]));
        assert_eq!(misset(line, UPSTREAM), Some([5.0, 0.0, 6.0]));
        assert_eq!(
            (misset("--misset 1 2 3", FORK), misset("--misset 1 2 3", UPSTREAM)),
            (None, Some([1.0, 2.0, 3.0]))
        );
        assert_eq!(
            misset("-misset 1 2 3 -N 5 -misset_seed 7", UPSTREAM),
            Some([1.0, 2.0, 3.0]),
            "too few words follow"
        );
        assert_eq!(ids("-misset_seed random", UPSTREAM), [Id::Misset], "it looks no further");
    }

    #[test]
    fn a_difference_of_the_two_programs_is_found_where_it_matters_and_nowhere_else() {
        let found = |text: &str| -> Vec<&str> {
            differences(&split_at_blanks(text)).iter().map(|(d, _)| d.id).collect()
        };
        for difference in &DIFFERENCES {
            let case = difference.case.split(':').next().expect("flags");
            assert_eq!(found(case), [difference.id], "{case}");
        }
        assert_eq!(found("-misset_seed 7 -misset random -N 5"), [""; 0], "what comes later wins");
        assert_eq!(found("-misset random -misset_seed 7 -N 5"), ["C-DIALECT-001"]);
        assert_eq!(found("-misset 1 2 3 -N 5 -misset_seed 7"), [""; 0]);
    }

    #[test]
    fn flags_of_upstreams_description_that_it_does_not_know_are_told_by_their_right_names() {
        for (wrong, right) in MISNAMED {
            assert!(matching(wrong).is_empty(), "{wrong} is known");
            assert!(error(&format!("{wrong} 1")).hint.contains(&format!("`{right}`")), "{wrong}");
            assert!(FLAGS.iter().any(|flag| flag.name() == *right), "{right}");
        }
    }

    #[test]
    fn the_reference_looks_at_values_too() {
        assert_eq!(ids("-floatfile -mosflm", FORK), [Id::FloatFile, Id::Mosflm]);
    }

    #[test]
    fn numbers_may_carry_letters_for_the_reference() {
        let settings = parse(&split_at_blanks("-distance 60mm -N 5x"), FORK).expect("valid");
        assert_eq!((settings[0].number(0), settings[1].integer(0)), (60.0, 5));
    }
}
