//! Reads the golden data of `tests/golden`: cases, image pieces, traces and console texts.
//! Not here: running anything, or judging a result.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nanobragg::Pixel;
use trace_harness::cases::{self, Cases, ImagePiece, pack};

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
    pub trace_pixels: Vec<Pixel>,
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
    piece: ImagePiece,
}

/// The folder of the golden data.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

impl Golden {
    /// Reads everything; a damaged pack ends the test run with the reason.
    pub fn load() -> Golden {
        let list = Cases::read(&folder().join("cases.toml")).unwrap_or_else(|error| panic!("{error}"));
        let golden = Golden {
            totals: Totals::from_table(&list.totals),
            consoles: entries("console.txt.gz"),
            traces: entries("traces.txt.gz"),
            images: read("images.pack"),
            cases: list.cases.into_iter().map(Case::from).collect(),
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
    pub fn trace(&self, case: &Case, Pixel { slow, fast }: Pixel) -> Vec<&str> {
        let key = format!("{} {slow} {fast}", case.id);
        let lines = self.traces.get(&key).unwrap_or_else(|| panic!("no golden trace `{key}`"));
        lines.iter().filter_map(|line| line.strip_prefix("TRACE_C: ")).collect()
    }

    /// The stored piece of a float image, row after row.
    pub fn crop_pixels(&self, crop: &Crop) -> Vec<f32> {
        crop.piece.unpack(&self.images).unwrap_or_else(|error| panic!("images.pack: {error}"))
    }
}

impl Totals {
    fn from_table(table: &BTreeMap<String, usize>) -> Totals {
        let get = |key: &str| *table.get(key).unwrap_or_else(|| panic!("[totals] has no `{key}`"));
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
}

impl From<ImagePiece> for Crop {
    fn from(piece: ImagePiece) -> Crop {
        let pair = |[first, last]: [usize; 2]| (first, last);
        Crop { fast: pair(piece.fast), slow: pair(piece.slow), piece }
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
}

impl From<cases::Case> for Case {
    fn from(case: cases::Case) -> Case {
        let file = |(kind, file): (String, cases::Wanted)| GoldenFile {
            bytes: file.bytes.and_then(|n| usize::try_from(n).ok()).expect("the length of a golden file"),
            sha256: file.sha256.expect("the digest of a golden file"),
            name: file.name,
            kind,
        };
        Case {
            args: case.args.list(),
            tags: case.tags,
            exit: case.exit,
            size: (case.fpixels.unwrap_or(0), case.spixels.unwrap_or(0)),
            cwd_files: case.cwd_files.into_iter().collect(),
            files: case.files.into_iter().map(file).collect(),
            absent: case.absent,
            left_behind: case.left_behind,
            crop: case.crop.map(Crop::from),
            trace_pixels: case.traces,
            id: case.name,
        }
    }
}

fn entries(name: &str) -> BTreeMap<String, Vec<String>> {
    pack::entries(&folder().join(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// A text file of the golden folder.
pub fn read_text(name: &str) -> String {
    String::from_utf8(read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
