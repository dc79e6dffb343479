//! Draws random valid command lines over every family of the reference's flags, from a seed.
//! Not here: running them; runs whose outcome the reference leaves to chance (sizes that contradict a mask's, a file
//! longer than its grid, a value missing after the last word).

mod instrument;
mod sample;

use std::path::Path;

use fastrand::Rng;

/// Steps per pixel that a drawn run may take in all, so that two hundred runs stay short.
const STEP_BUDGET: usize = 48;

/// The same where there are many pixels.
const FINE_BUDGET: usize = 4;

/// Pixels along an edge from which there are many.
const FINE: usize = 400;

/// A command line and the files it wants to find in its folder.
pub struct CommandLine {
    pub args: Vec<String>,
    /// (name in the run's folder, name in the golden inputs).
    pub cwd_files: Vec<(&'static str, &'static str)>,
}

/// A family of flags: how often it takes part (per cent) and what it adds.
type Family = (u32, fn(&mut Draw));

const FAMILIES: &[Family] = &[
    (100, instrument::beam_energy),
    (70, instrument::convention),
    (40, instrument::custom_frame),
    (55, instrument::beam_centre),
    (35, instrument::tilt),
    (20, instrument::pivot),
    (15, instrument::pixel_shape),
    (25, instrument::region),
    (100, sample::crystal),
    (60, sample::orientation),
    (100, sample::size),
    (45, sample::shape),
    (40, sample::rotation),
    (35, sample::mosaic),
    (25, instrument::divergence),
    (20, instrument::dispersion),
    (12, instrument::source_file),
    (45, instrument::polarisation),
    (30, instrument::absorption),
    (85, sample::oversampling),
    (20, sample::resolution_limit),
    (20, sample::water),
    (40, instrument::intensity),
    (25, sample::interpolation),
    (45, sample::scaling),
    (15, sample::passed_over),
];

/// The state of one drawing: groups of words that must stay together, in any order among each other.
struct Draw<'a> {
    rng: Rng,
    inputs: &'a Path,
    groups: Vec<Vec<String>>,
    cwd_files: Vec<(&'static str, &'static str)>,
    budget: usize,
    /// Fast and slow pixels.
    pixels: (usize, usize),
}

/// Number `index` of the series that belongs to `seed`; `inputs` is the folder of the golden input files.
pub fn draw(seed: u64, index: u64, inputs: &Path) -> CommandLine {
    // Two numbers make one generator state; the odd factor keeps neighbouring series apart.
    let rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(index));
    let mut draw =
        Draw { rng, inputs, groups: vec![], cwd_files: vec![], budget: STEP_BUDGET, pixels: (0, 0) };
    instrument::detector(&mut draw);
    for (percent, family) in FAMILIES {
        if draw.chance(*percent) {
            family(&mut draw);
        }
    }
    draw.finish()
}

impl Draw<'_> {
    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(0..from.len())]
    }

    /// A decimal number with a few digits, as people type it.
    fn number(&mut self, low: f64, high: f64) -> String {
        let value = low + (high - low) * self.rng.f64();
        let digits = if high - low > 20.0 { 2 } else { 4 };
        format!("{value:.digits$}")
    }

    fn numbers(&mut self, n: usize, low: f64, high: f64) -> Vec<String> {
        (0..n).map(|_| self.number(low, high)).collect()
    }

    /// A step count that the budget still allows, taken off it; 1 when nothing is left.
    fn steps(&mut self, most: usize) -> usize {
        let n = self.rng.usize(1..=most.min(self.budget).max(1));
        self.budget /= n;
        n
    }

    /// Takes a fixed count off the budget, if it is there.
    fn afford(&mut self, n: usize) -> bool {
        let enough = self.budget >= n;
        if enough {
            self.budget /= n;
        }
        enough
    }

    fn add(&mut self, flag: &str, values: &[impl ToString]) {
        let mut group = vec![flag.to_owned()];
        group.extend(values.iter().map(ToString::to_string));
        self.groups.push(group);
    }

    fn switch(&mut self, flag: &str) {
        self.groups.push(vec![flag.to_owned()]);
    }

    fn add_number(&mut self, flag: &str, low: f64, high: f64) {
        let value = self.number(low, high);
        self.add(flag, &[value]);
    }

    fn has(&self, flag: &str) -> bool {
        self.groups.iter().any(|group| group[0] == flag)
    }

    fn input(&self, name: &str) -> String {
        self.inputs.join(name).display().to_string()
    }

    fn finish(mut self) -> CommandLine {
        self.rng.shuffle(&mut self.groups);
        let mut args = self.groups.concat();
        // Last, so that no flag whose value may be read beyond the end stands at the end; the seed is always given,
        // because the reference takes the time otherwise.
        let seed = self.pick(&["1", "7", "123", "20241", "0", "-5"]);
        let files = [
            "-floatfile",
            "float.bin",
            "-intfile",
            "int.img",
            "-pgmfile",
            "image.pgm",
            "-noisefile",
            "noise.img",
        ];
        args.extend(files.map(str::to_owned));
        if self.chance(8) {
            args.push(self.pick(&["-nopgm", "-nonoise"]).to_owned());
        }
        args.extend(["-seed", seed, "-noprogress"].map(str::to_owned));
        CommandLine { args, cwd_files: self.cwd_files }
    }
}
