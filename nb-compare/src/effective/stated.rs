//! What one side states about itself, in our names and units.
//!
//! Not here: the lines and header keys that state it, which are data of the adapter, and the other side.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use nanobragg::image::smv;
use trace_harness::evidence::bundle::reading::regular;
use trace_harness::numbers::number;

use crate::adapter::known::{Give, HeaderKeys, ParameterKind, StatingRows, single_blanks};
use crate::adapter::template::captures;
use crate::built_in::parameters;

/// A value: words, or numbers in the parameter's unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StatedValue {
    /// Words.
    Word(String),
    /// Numbers.
    Numbers(Vec<f64>),
}

/// Everything that a side states.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stated {
    values: BTreeMap<&'static str, StatedValue>,
    /// What the side was asked for, by the names of the parameters, where that is known.
    asked: BTreeMap<&'static str, f64>,
}

/// Parameters stand at the beginning of what a simulator prints, after one line per source; one that prints without end is
/// not read to its end.
const LONGEST_CONSOLE: u64 = 4 << 20;
const LONGEST_HEADER: u64 = 64 << 10;

impl Stated {
    /// What the console text in `console` and the SMV header of `image` state; the console text goes first, for it has what
    /// was computed with. A file that is not there or is something else states nothing.
    pub(crate) fn read(console: Option<&Path>, image: Option<&Path>) -> Self {
        let open = |path: Option<&Path>| path.and_then(|path| regular::open(path).ok());
        Self::of_files(open(console), open(image))
    }

    /// The same of open files.
    pub(crate) fn of_files(console: Option<impl Read>, image: Option<File>) -> Self {
        let mut stated = Self::default();
        if let Some(file) = console {
            stated.console(&mut BufReader::new(file.take(LONGEST_CONSOLE)));
        }
        if let Some(file) = image {
            stated.header(file);
        }
        stated
    }

    /// These values by the names of their parameters.
    pub(crate) fn of(values: impl IntoIterator<Item = (&'static str, StatedValue)>) -> Self {
        Self { values: values.into_iter().collect(), asked: BTreeMap::new() }
    }

    /// The same of a side that was asked for these values. It matters where a side has a default value.
    #[must_use]
    pub(crate) fn asked(mut self, values: BTreeMap<&'static str, f64>) -> Self {
        self.asked = values;
        self
    }

    /// The value that the side was asked to have for a parameter, as far as that is known.
    pub(super) fn asked_for(&self, name: &str) -> Option<f64> {
        self.asked.get(name).copied()
    }

    /// The value of the parameter `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&StatedValue> {
        self.values.get(name)
    }

    /// Whether nothing is stated.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn console(&mut self, text: &mut dyn BufRead) {
        let table = parameters();
        let mut groups: Vec<RowGroup> = table.rows.iter().map(RowGroup::new).collect();
        let mut line = Vec::new();
        while text.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let line_text = single_blanks(&String::from_utf8_lossy(&line));
            line.clear();
            for group in &mut groups {
                if let Some(numbers) = group.take(&line_text) {
                    self.state(&group.rows.name, StatedValue::Numbers(numbers));
                }
            }
            for known in &table.lines {
                if let Some(found) = captures(&known.text, &line_text) {
                    known.gives.iter().for_each(|give| self.give(give, &found));
                }
            }
        }
        self.switches();
    }

    fn give(&mut self, give: &'static Give, found: &[&str]) {
        match give {
            Give::Fixed { name, is } => self.state(name, StatedValue::Word(is.clone())),
            Give::Word { name, word } => {
                self.state(name, StatedValue::Word(found.get(*word).copied().unwrap_or_default().to_owned()));
            }
            Give::Numbers { name, at, factor } => {
                let value = |i: &usize| number(found.get(*i)?).map(|v| v * factor);
                if let Some(numbers) = at.iter().map(value).collect() {
                    self.state(name, StatedValue::Numbers(numbers));
                }
            }
        }
    }

    /// Enters a value. The first statement counts: later lines that look alike are about something else.
    pub(crate) fn state(&mut self, name: &'static str, value: StatedValue) {
        self.values.entry(name).or_insert(value);
    }

    /// A side that prints its parameters says of a switch only that it is on.
    fn switches(&mut self) {
        let table = parameters();
        if table.complete.iter().all(|name| self.values.contains_key(name.as_str())) {
            for parameter in table.known.iter().filter(|p| p.kind == ParameterKind::Word) {
                if let Some(silent) = &parameter.silent {
                    self.state(&parameter.name, StatedValue::Word(silent.clone()));
                }
            }
        }
    }

    fn header(&mut self, file: File) {
        let mut bytes = Vec::new();
        let read = file.take(LONGEST_HEADER).read_to_end(&mut bytes);
        let Some(header) = read.ok().and_then(|_| smv::parse_header(Path::new(""), &bytes).ok()) else {
            return;
        };
        for parameter in &parameters().known {
            let Some(HeaderKeys { keys, factor }) = &parameter.header else { continue };
            let texts: Option<Vec<&str>> = keys.iter().map(|key| header.get(key)).collect();
            let numbers = texts
                .map(|t| t.join(","))
                .and_then(|text| text.split(',').map(|t| number(t.trim()).map(|v| v * factor)).collect());
            if let Some(numbers) = numbers {
                self.state(&parameter.name, StatedValue::Numbers(numbers));
            }
        }
    }
}

/// The numbers of lines that state one parameter together and follow their title.
struct RowGroup {
    rows: &'static StatingRows,
    is_open: bool,
    /// Lines of it that were found.
    found: usize,
    numbers: Vec<f64>,
}

impl RowGroup {
    fn new(rows: &'static StatingRows) -> Self {
        Self { rows, is_open: false, found: 0, numbers: Vec::new() }
    }

    fn take(&mut self, line: &str) -> Option<Vec<f64>> {
        if line.starts_with(&self.rows.below) {
            *self = Self { is_open: true, ..Self::new(self.rows) };
        }
        let row = captures(self.rows.text.get(self.found)?, line).filter(|_| self.is_open)?;
        self.numbers.extend(row.iter().map(|word| number(word)).collect::<Option<Vec<f64>>>()?);
        self.found += 1;
        let is_full = self.found == self.rows.text.len();
        self.is_open &= !is_full;
        is_full.then(|| self.numbers.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Stated {
        let mut stated = Stated::default();
        stated.console(&mut text.as_bytes());
        stated
    }

    fn numbers(stated: &Stated, name: &str) -> Vec<f64> {
        match stated.get(name) {
            Some(StatedValue::Numbers(n)) => n.clone(),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn lines_give_values_in_our_units() {
        let s = of(
            "  dials origin= -3.3 3.5 -100.25\n  distance=0.1 detsize=0.0064x0.0032  pixel=0.0001 meters \
                    (64x32 pixels)\n  2 phi steps from 1 to 2 degrees\n",
        );
        assert_eq!(numbers(&s, "DIALS origin"), [-3.3 * 1e-3, 3.5 * 1e-3, -100.25 * 1e-3]);
        assert_eq!(numbers(&s, "detector pixels"), [64.0, 32.0]);
        assert_eq!(numbers(&s, "phi range"), [1.0, 2.0]);
        assert_eq!(s.get("curved detector"), None, "a text without fluence is no complete statement");
    }

    #[test]
    fn values_are_read_in_the_notation_of_any_language() {
        let s = of("  dials origin= -0.33D+01 0x1.cp+1 -.10025+003\n  2 phi steps from 1.Q0 to 2 degrees\n");
        assert_eq!(numbers(&s, "DIALS origin"), [-3.3 * 1e-3, 3.5 * 1e-3, -100.25 * 1e-3]);
        assert_eq!(numbers(&s, "phi range"), [1.0, 2.0]);
    }

    #[test]
    fn silence_of_a_complete_statement_is_off() {
        let text = "distance=1 detsize=1x1 pixel=1 meters (1x1 pixels)\nincident fluence: 2 photons/m^2\n";
        assert_eq!(of(text).get("curved detector"), Some(&StatedValue::Word("off".into())));
        let text = format!("{text}curved detector: all pixels same distance from origin\n");
        assert_eq!(of(&text).get("curved detector"), Some(&StatedValue::Word("on".into())));
    }

    #[test]
    fn the_cell_vectors_are_the_rows_below_their_title() {
        let text =
            "X: 9 9 9\nreal-space cell vectors (Angstrom):\n a b c\nX: 1 2 3\nY: 4 5 6\nZ: 7 8 9\nX: 0 0 0\n";
        assert_eq!(numbers(&of(text), "cell vectors"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    }

    #[test]
    fn anything_else_states_nothing() {
        assert!(of("\u{fffd}\0 x\nfluence\n").is_empty());
        assert!(Stated::read(Some(Path::new("nowhere")), Some(Path::new("nowhere"))).is_empty());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.img");
        std::fs::write(&path, b"{\nHEADER_BYTES=512;\nWAVELENGTH=1;\n").unwrap();
        assert!(Stated::read(None, Some(&path)).is_empty());
    }

    #[test]
    fn a_header_is_read_in_our_units() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.img");
        let values = smv::HeaderValues {
            fast: 4,
            slow: 2,
            distance: 150.0,
            wavelength: 0.5,
            dials_origin: [1.0, 2.0, -3.0],
            ..smv::HeaderValues::default()
        };
        std::fs::write(&path, smv::header_512(&values)).unwrap();
        let s = Stated::read(None, Some(&path));
        assert_eq!(numbers(&s, "wavelength"), [0.5 * 1e-10]);
        assert_eq!(numbers(&s, "distance"), [150.0 * 1e-3]);
        assert_eq!(numbers(&s, "DIALS origin"), [1e-3, 2.0 * 1e-3, -3.0 * 1e-3]);
        assert_eq!(numbers(&s, "detector pixels"), [4.0, 2.0]);
    }
}
