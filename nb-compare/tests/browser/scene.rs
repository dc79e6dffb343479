//! The pages under test: made by the program itself from images whose every pixel is known here.
//!
//! Not here: looking at them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::chromium::Outcome;
use crate::page::Dot;

/// An argument that would run if it became part of the page.
pub const SCRIPT: &str = "<script>window.pwned=1</script>";
/// A file name, and an argument, that would run if it left its cell or its quotes.
pub const IMAGE: &str = "\"><img src=x onerror=window.pwned=2>";
/// What a runner says on its first line, where its version is expected.
const VERSION: &str = "simulator <script>window.pwned=3</script>";

/// Pixels of the whole images: not square, so that a swap of the axes shows.
pub const WHOLE: Dot = (64, 48);
/// The compared part: xmin, xmax, ymin, ymax, all inclusive.
pub const ROI: [usize; 4] = [8, 47, 4, 35];
/// Dots of the compared part.
pub const SIZE: Dot = (ROI[1] - ROI[0] + 1, ROI[3] - ROI[2] + 1);

/// The brightest pixel of the pattern, in the whole image.
pub const PEAK: Dot = (20, 10);
/// Where B is much higher than A: the largest difference.
pub const HIGHER: Dot = (30, 25);
/// Where B is lower than A.
pub const LOWER: Dot = (12, 20);
/// Where B is the next number after A.
pub const NEXT: Dot = (25, 18);
/// The value of A there: with eight digits it looks like its neighbour.
const CLOSE: f32 = 10_000.0 + 21.0 / 1024.0;
/// Pixels of all sizes, in this row from the first column of the region on.
pub const ODD_ROW: usize = 30;
pub const ODD: [f32; 8] = [0.0, -2.5, 0.1, 1e-7, 123_456.79, 12_345.678, 1.0 / 3.0, 3e-30];

/// Where a pixel of the whole image is among the dots of the region.
pub fn dot((fast, slow): Dot) -> Dot {
    (fast - ROI[0], slow - ROI[2])
}

/// An image in memory, row after row.
#[derive(Clone)]
pub struct Image {
    pub fast: usize,
    pub data: Vec<f32>,
}

impl Image {
    pub fn at(&self, (fast, slow): Dot) -> f32 {
        self.data[slow * self.fast + fast]
    }

    fn set(&mut self, (fast, slow): Dot, value: f32) {
        self.data[slow * self.fast + fast] = value;
    }

    /// Row after row of the region.
    pub fn region(&self) -> impl Iterator<Item = f32> + '_ {
        (ROI[2]..=ROI[3]).flat_map(move |slow| (ROI[0]..=ROI[1]).map(move |fast| self.at((fast, slow))))
    }
}

/// A smooth background with two peaks, and pixels of all sizes in one row.
fn image_a() -> Image {
    let (fast, slow) = WHOLE;
    let peak = |f: usize, s: usize, (at_f, at_s): Dot, height: f64| {
        let square = |x: usize, y: usize| (x as f64 - y as f64).powi(2);
        height * (-(square(f, at_f) + square(s, at_s)) / 4.5).exp()
    };
    let pixel = |f: usize, s: usize| {
        let background = 20.0 + 15.0 * (0.19 * f as f64 + 0.11 * s as f64).sin();
        (background + peak(f, s, PEAK, 900.0) + peak(f, s, LOWER, 300.0)) as f32
    };
    let data = (0..slow).flat_map(|s| (0..fast).map(move |f| pixel(f, s))).collect();
    let mut image = Image { fast, data };
    ODD.iter().enumerate().for_each(|(i, &value)| image.set((ROI[0] + i, ODD_ROW), value));
    image.set(NEXT, CLOSE);
    image
}

/// As A, but for three pixels of the region.
fn image_b(a: &Image) -> Image {
    let mut b = a.clone();
    b.set(HIGHER, a.at(HIGHER) + 400.0);
    b.set(LOWER, a.at(LOWER) - 150.0);
    b.set(NEXT, a.at(NEXT).next_up());
    b
}

/// One page with what it was made from and what stands beside it.
pub struct Report {
    pub page: PathBuf,
    pub a: Image,
    pub b: Image,
    pub summary: Value,
    pub metrics: Value,
}

/// All pages of the trials.
pub struct Reports {
    /// Two files that differ, compared in a region down to the last bit.
    pub differing: Report,
    /// Two runners that made the same image, with hostile arguments.
    pub runners: Report,
    /// Two black images.
    pub black: Report,
    /// Pixels that are not finite.
    pub broken: Report,
    /// A mask over the first row.
    pub masked: Report,
    /// Images too large to be shown pixel by pixel.
    pub large: Report,
    /// Nobody's report: everything in it is wrong.
    pub wrong: PathBuf,
    _folder: tempfile::TempDir,
}

impl Reports {
    /// Makes all of them.
    pub fn make() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let place = folder.path();
        let a = image_a();
        let b = image_b(&a);
        let black = Image { fast: 16, data: vec![0.0; 256] };
        let wrong = place.join("wrong.html");
        fs::write(&wrong, include_str!("wrong.html"))?;
        Ok(Self {
            differing: files(place, "differing", [&a, &b], &roi_words("files --max-ulp 0 --shape 64 48"))?,
            runners: runners(place, &a)?,
            black: files(place, "black", [&black, &black], "files")?,
            broken: broken(place)?,
            masked: masked(place)?,
            large: large(place)?,
            wrong,
            _folder: folder,
        })
    }
}

fn roi_words(line: &str) -> String {
    format!("{line} --roi {}", ROI.map(|n| n.to_string()).join(" "))
}

fn write(path: &Path, image: &Image) -> Outcome {
    let bytes: Vec<u8> = image.data.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
    Ok(fs::write(path, bytes)?)
}

/// Compares two files, the first of which has a hostile name.
fn files(place: &Path, name: &str, [a, b]: [&Image; 2], line: &str) -> Outcome<Report> {
    let folder = place.join(name);
    fs::create_dir(&folder)?;
    let (path_a, path_b) = (folder.join(format!("{IMAGE}.bin")), folder.join("b.bin"));
    write(&path_a, a)?;
    write(&path_b, b)?;
    let words = line.split(' ').map(str::to_owned).chain([path_a, path_b].map(|p| p.display().to_string()));
    call(&folder, words.collect())?;
    read(&folder, a, b)
}

fn runners(place: &Path, image: &Image) -> Outcome<Report> {
    let folder = place.join("runners");
    fs::create_dir(&folder)?;
    write(&folder.join("image"), image)?;
    let copied = folder.join("image").display().to_string();
    let text = format!(
        "#!/bin/sh\necho '{VERSION}'\nwhile [ $# -gt 1 ]; do\n[ \"$1\" = -floatfile ] && cp '{copied}' \"$2\"\nshift\ndone\n"
    );
    for name in ["reference", "candidate"] {
        fs::write(folder.join(name), &text)?;
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755))?;
    }
    let line = roi_words("--reference ./reference --candidate ./candidate");
    let forwarded = ["--", "-detpixels_f", "64", "-detpixels_s", "48", SCRIPT, IMAGE];
    let words = line.split(' ').chain(forwarded).map(str::to_owned);
    call(&folder, words.collect())?;
    read(&folder, image, image)
}

fn broken(place: &Path) -> Outcome<Report> {
    let a = Image { fast: 16, data: (0..256_u16).map(f32::from).collect() };
    let mut b = a.clone();
    b.set((3, 2), f32::NAN);
    b.set((5, 2), f32::INFINITY);
    files(place, "broken", [&a, &b], "files")
}

fn masked(place: &Path) -> Outcome<Report> {
    let a = Image { fast: 16, data: (0..256_u16).map(f32::from).collect() };
    let mask = Image { fast: 16, data: (0..256).map(|i| if i < 16 { 0.0 } else { 1.0 }).collect() };
    let path = place.join("mask.bin");
    write(&path, &mask)?;
    files(place, "masked", [&a, &a], &format!("files --mask {}", path.display()))
}

/// Two sides that differ in one pixel, which is the brightest of its block but not the first.
fn large(place: &Path) -> Outcome<Report> {
    let (fast, slow) = (600, 420);
    let a = Image { fast, data: (0..fast * slow).map(|i| (i % 97) as f32 + 1.0).collect() };
    let mut b = a.clone();
    b.set((301, 203), 5000.5);
    files(place, "large", [&a, &b], "files --shape 600 420")
}

fn call(folder: &Path, mut words: Vec<String>) -> Outcome {
    let at = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.splice(at..at, ["--outdir".to_owned(), "evidence".to_owned(), "--quiet".to_owned()]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_nb-compare"));
    command.args(&words).current_dir(folder).env_remove("NB_C_BIN").env_remove("NB_PY_BIN");
    let output = command.output()?;
    if folder.join("evidence/report.html").is_file() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("no page from nb-compare {}: {said}", words.join(" ")).into())
}

fn read(folder: &Path, a: &Image, b: &Image) -> Outcome<Report> {
    let evidence = folder.join("evidence");
    let json =
        |name: &str| -> Outcome<Value> { Ok(serde_json::from_slice(&fs::read(evidence.join(name))?)?) };
    Ok(Report {
        page: evidence.join("report.html"),
        a: a.clone(),
        b: b.clone(),
        summary: json("summary.json")?,
        metrics: json("metrics.json")?,
    })
}
