//! Reads the golden data of `tests/golden`: cases, image pieces, traces and console texts.
//! Not here: running anything, or judging a result.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::{GzDecoder, ZlibDecoder};
use toml::{Table, Value};

/// All golden data, decoded except for the images.
pub struct Golden {
    pub cases: Vec<Case>,
    pub totals: Totals,
    /// Console text by case id: no banner, no lines of the trace-instrumented build.
    pub consoles: BTreeMap<String, Vec<String>>,
    traces: BTreeMap<String, Vec<String>>,
    images: Vec<u8>,
}

/// How many of each the packing script stored; what is read and what is compared must come to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub cases: usize,
    pub protein_cases: usize,
    pub files: usize,
    pub traces: usize,
    pub protein_traces: usize,
    pub images: usize,
    pub consoles: usize,
}

/// One run of the reference.
#[derive(Clone)]
pub struct Case {
    pub id: String,
    /// Arguments; `{inputs}` and `{data}` stand for folders.
    pub args: Vec<String>,
    pub tags: Vec<String>,
    pub exit: i32,
    /// Detector size (fast, slow) in pixels; zero where the run fails before it has one.
    pub size: (usize, usize),
    /// (name in the run's folder, name in `inputs/`) of files put there beforehand.
    pub cwd_files: Vec<(String, String)>,
    pub files: Vec<GoldenFile>,
    /// Kinds of output (`noise`, `pgm`) that the run must not write.
    pub absent: Vec<String>,
    /// Files the run leaves without our knowing their contents.
    pub left_behind: Vec<String>,
    pub crop: Option<Crop>,
    /// Traced pixels, (slow, fast).
    pub trace_pixels: Vec<(usize, usize)>,
}

/// One output file of the reference.
#[derive(Clone)]
pub struct GoldenFile {
    pub kind: String,
    pub name: String,
    pub bytes: usize,
    pub sha256: String,
}

/// Where a piece of the float image lies, in the image (limits inclusive) and in the pack.
#[derive(Clone, Copy)]
pub struct Crop {
    pub fast: (usize, usize),
    pub slow: (usize, usize),
    offset: usize,
    length: usize,
}

/// The folder of the golden data.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

impl Golden {
    /// Reads everything; a damaged pack ends the test run with the reason.
    pub fn load() -> Golden {
        let text = read_text("cases.toml");
        let manifest: Table = text.parse().unwrap_or_else(|error| panic!("cases.toml: {error}"));
        let totals = Totals::from_table(manifest["totals"].as_table().expect("[totals] of cases.toml"));
        let cases: Vec<Case> = array(&manifest, "case").iter().map(Case::from_value).collect();
        let golden = Golden {
            totals,
            consoles: sections(&gunzip("console.txt.gz")),
            traces: sections(&gunzip("traces.txt.gz")),
            images: read("images.pack"),
            cases,
        };
        assert_eq!(golden.count(), golden.totals, "the pack does not hold what its manifest says");
        golden
    }

    /// What is really there.
    fn count(&self) -> Totals {
        let (protein, other): (Vec<&Case>, Vec<&Case>) =
            self.cases.iter().partition(|case| case.is_protein());
        let traces = |cases: &[&Case]| cases.iter().flat_map(|c| &c.trace_pixels).count();
        Totals {
            cases: other.len(),
            protein_cases: protein.len(),
            files: self.cases.iter().map(|case| case.files.len()).sum(),
            traces: traces(&other),
            protein_traces: traces(&protein),
            images: self.cases.iter().filter(|case| case.crop.is_some()).count(),
            consoles: self.consoles.len(),
        }
    }

    /// The case of that id.
    pub fn case(&self, id: &str) -> &Case {
        self.cases.iter().find(|case| case.id == id).unwrap_or_else(|| panic!("no golden case `{id}`"))
    }

    /// The pixel lines of a stored trace, without their prefix.
    pub fn trace(&self, case: &Case, (slow, fast): (usize, usize)) -> Vec<&str> {
        let key = format!("{} {slow} {fast}", case.id);
        let lines = self.traces.get(&key).unwrap_or_else(|| panic!("no golden trace `{key}`"));
        lines.iter().filter_map(|line| line.strip_prefix("TRACE_C: ")).collect()
    }

    /// The stored piece of a float image, row after row.
    pub fn crop_pixels(&self, crop: &Crop) -> Vec<f32> {
        let stored = &self.images[crop.offset..crop.offset + crop.length];
        let mut shuffled = Vec::new();
        ZlibDecoder::new(stored).read_to_end(&mut shuffled).expect("a whole zlib stream in images.pack");
        let n = crop.width() * (crop.slow.1 - crop.slow.0 + 1);
        assert_eq!(shuffled.len(), 4 * n, "images.pack at {}", crop.offset);
        (0..n).map(|i| f32::from_le_bytes([0, 1, 2, 3].map(|plane| shuffled[plane * n + i]))).collect()
    }
}

impl Totals {
    fn from_table(table: &Table) -> Totals {
        let get = |key: &str| number(&table[key]);
        Totals {
            cases: get("cases"),
            protein_cases: get("protein_cases"),
            files: get("files"),
            traces: get("traces"),
            protein_traces: get("protein_traces"),
            images: get("images"),
            consoles: get("consoles"),
        }
    }
}

impl Crop {
    /// Pixels in a row of the piece.
    pub fn width(&self) -> usize {
        self.fast.1 - self.fast.0 + 1
    }

    fn from_table(table: &Table) -> Crop {
        Crop {
            fast: pair(&table["fast"]),
            slow: pair(&table["slow"]),
            offset: number(&table["offset"]),
            length: number(&table["length"]),
        }
    }
}

impl Case {
    /// Is it one of the protein in `trace-harness/data`?
    pub fn is_protein(&self) -> bool {
        self.id.starts_with("protein/")
    }

    /// Does the case carry that tag?
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|t| t == tag)
    }

    fn from_value(value: &Value) -> Case {
        let table = value.as_table().expect("[[case]] is a table");
        let id = text(&table["id"]);
        let size = |key: &str| table.get(key).map_or(0, number);
        Case {
            args: strings(table, "args"),
            tags: strings(table, "tags"),
            exit: table["exit"].as_integer().and_then(|n| i32::try_from(n).ok()).expect("exit is a number"),
            size: (size("fpixels"), size("spixels")),
            cwd_files: entries(table, "cwd_files").map(|(name, from)| (name.clone(), text(from))).collect(),
            files: entries(table, "files").map(|(kind, file)| GoldenFile::new(kind, file)).collect(),
            absent: strings(table, "absent"),
            left_behind: strings(table, "left_behind"),
            crop: table.get("crop").and_then(Value::as_table).map(Crop::from_table),
            trace_pixels: array(table, "traces").iter().map(pair).collect(),
            id,
        }
    }
}

impl GoldenFile {
    fn new(kind: &str, value: &Value) -> GoldenFile {
        GoldenFile {
            kind: kind.to_owned(),
            name: text(&value["name"]),
            bytes: number(&value["bytes"]),
            sha256: text(&value["sha256"]),
        }
    }
}

/// Splits a text into its entries: `== name lines`, then that many lines.
fn sections(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some(head) = lines.next() {
        let (name, count) =
            head.strip_prefix("== ").and_then(|h| h.rsplit_once(' ')).expect("`== name lines`");
        let count: usize = count.parse().expect("a number of lines");
        let body: Vec<String> = lines.by_ref().take(count).map(str::to_owned).collect();
        assert_eq!(body.len(), count, "entry `{name}` is cut short");
        assert!(found.insert(name.to_owned(), body).is_none(), "entry `{name}` stands twice");
    }
    found
}

fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// A text file of the golden folder.
pub fn read_text(name: &str) -> String {
    String::from_utf8(read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn gunzip(name: &str) -> String {
    let mut text = String::new();
    GzDecoder::new(read(name).as_slice()).read_to_string(&mut text).unwrap_or_else(|e| panic!("{name}: {e}"));
    text
}

fn array<'a>(table: &'a Table, key: &str) -> &'a [Value] {
    table.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn strings(table: &Table, key: &str) -> Vec<String> {
    array(table, key).iter().map(text).collect()
}

fn entries<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    table.get(key).and_then(Value::as_table).into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected a string, found {value}")).to_owned()
}

fn number(value: &Value) -> usize {
    value.as_integer().and_then(|n| usize::try_from(n).ok()).unwrap_or_else(|| panic!("no count: {value}"))
}

fn pair(value: &Value) -> (usize, usize) {
    (number(&value[0]), number(&value[1]))
}
