//! The one table of the reference's flags: spelling, match rule, number of values, their ranges, unit, default, help.
//!
//! The order of the rows is the order in which the reference tests them; it matters for a word that matches several rows.
//! Help, man page, completions and documentation come from this table. Not here: our own long options (`options`).

use crate::defects::Dialect;

/// How a word on the command line is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The text stands anywhere in the word.
    Contains(&'static str),
    /// The text stands in the word, and nothing else does.
    Whole(&'static str),
}

impl Match {
    /// Whether `word` (with its single dash) is this flag.
    pub fn accepts(self, word: &str) -> bool {
        match self {
            Self::Contains(text) => word.contains(text),
            Self::Whole(text) => word == text,
        }
    }

    /// The spelling behind the rule.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::Contains(text) | Self::Whole(text) => text,
        }
    }
}

/// What follows a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Nothing.
    None,
    /// Nothing; the reference ignores the flag where it is the last word.
    NotLast,
    /// This many numbers.
    Numbers(usize),
    /// This many integers.
    Integers(usize),
    /// One word: a file name or a keyword.
    Word,
    /// One to six numbers, ending at the first word that begins with a dash.
    Cell,
    /// Three numbers, or the word `random`.
    Misset,
    /// A number, or `inf`.
    NumberOrInfinite,
}

/// Heading under which the help lists a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Topic {
    Crystal,
    StructureFactors,
    Orientation,
    Beam,
    Detector,
    Frame,
    Sampling,
    Files,
    Images,
    Random,
    Console,
}

impl Topic {
    /// All topics in the order of the help text.
    pub const ALL: [Self; 11] = [
        Self::StructureFactors,
        Self::Crystal,
        Self::Orientation,
        Self::Beam,
        Self::Detector,
        Self::Frame,
        Self::Sampling,
        Self::Files,
        Self::Images,
        Self::Random,
        Self::Console,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Crystal => "Crystal",
            Self::StructureFactors => "Structure factors",
            Self::Orientation => "Orientation and rotation",
            Self::Beam => "Beam and sources",
            Self::Detector => "Detector",
            Self::Frame => "Beam centre, convention and frame",
            Self::Sampling => "Sampling",
            Self::Files => "Output files",
            Self::Images => "Output scaling",
            Self::Random => "Random numbers",
            Self::Console => "Console",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Flag {
    /// Identity, used by `config::resolve`.
    pub id: Id,
    /// Spellings; the first is the canonical one.
    pub matches: &'static [Match],
    /// What follows.
    pub values: Values,
    /// Range of each number that follows, the last one for all further ones; none where no numbers follow.
    pub ranges: &'static [Range],
    /// Whether no later row is tested once this one has matched.
    pub last_rule: bool,
    /// Help heading.
    pub topic: Topic,
    /// Names of the values, as in `XMIN XMAX YMIN YMAX`.
    pub metavar: &'static str,
    /// Unit as the user gives it; empty for none.
    pub unit: &'static str,
    /// Default in words; empty for none.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
}

impl Flag {
    /// The canonical spelling with its dash.
    pub fn name(&self) -> &'static str {
        self.matches[0].spelling()
    }

    /// The range of value number `i`; none where no number stands there.
    pub fn range(&self, i: usize) -> Option<Range> {
        self.ranges.get(i).or(self.ranges.last()).copied()
    }

    /// The unit of value number `i`; empty for none. A cell's lengths have one, its angles another.
    pub fn unit_of(&self, i: usize) -> &'static str {
        self.unit.split(", ").nth(i / 3).unwrap_or(self.unit)
    }

    /// Whether what follows is the name of a file.
    pub fn names_a_file(&self) -> bool {
        self.metavar == "FILE"
    }

    /// The ranges in words; empty where no numbers follow.
    pub fn ranges_in_words(&self) -> String {
        let mut ranges: Vec<String> = self.ranges.iter().map(Range::to_string).collect();
        ranges.dedup();
        ranges.join("; then ")
    }

    /// Whether `word` begins with a spelling of this flag.
    fn begins(&self, word: &str) -> bool {
        self.matches.iter().any(|m| word.starts_with(m.spelling()))
    }

    /// Whether `word` is this flag.
    pub fn accepts(&self, word: &str) -> bool {
        self.matches.iter().any(|m| m.accepts(word))
    }
}

macro_rules! table {
    ($($id:ident [$($m:expr),+] $values:ident $(($count:literal))? $(in [$($range:expr),+])?, $topic:ident, $metavar:literal, $unit:literal, $default:literal, $help:literal;)+) => {
        /// Identity of a flag.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Id { $($id),+ }

        impl Id {
            /// Its row of the table.
            pub fn flag(self) -> &'static Flag {
                &FLAGS[self as usize]
            }
        }

        /// All flags, in the order the reference tests them.
        pub static FLAGS: &[Flag] = &[$(Flag {
            id: Id::$id,
            matches: &[$($m),+],
            values: $values $(($count))?,
            ranges: &[$($($range),+)?],
            last_rule: matches!(
                Id::$id,
                Id::Na | Id::Nb | Id::Nc | Id::N | Id::OversampleThick | Id::OversamplePolar | Id::OversampleOmega
            ),
            topic: Topic::$topic,
            metavar: $metavar,
            unit: $unit,
            default: $default,
            help: $help,
        }),+];
    };
}

use super::range::{
    ANGLE, ANY_INTEGER, CELL_ANGLE, CELL_LENGTH, COUNT, DIRECTION, DIVERGENCE, DIVERGENCE_STEP, LAYERS,
    LENGTH, PIXEL, POSITION, Range,
};
use Match::{Contains as C, Whole as W};
use Values::{Cell, Integers, Misset, None as Nothing, NotLast, NumberOrInfinite, Numbers, Word};

table! {
    Mask [C("-mask")] Word, Detector, "FILE", "", "", "SMV image of 0 and non-0 values: pixels with 0 are not rendered; its header sets the geometry, before -img and all other flags";
    Image [C("-img")] Word, Detector, "FILE", "", "", "SMV image whose header sets the geometry, before all other flags";
    Na [C("-Na")] Integers(1) in [COUNT.usual(1.0, 1e6)], Crystal, "COUNT", "cells", "1", "unit cells along a";
    Nb [C("-Nb")] Integers(1) in [COUNT.usual(1.0, 1e6)], Crystal, "COUNT", "cells", "1", "unit cells along b";
    Nc [C("-Nc")] Integers(1) in [COUNT.usual(1.0, 1e6)], Crystal, "COUNT", "cells", "1", "unit cells along c";
    N [W("-N")] Integers(1) in [COUNT.usual(1.0, 1e6)], Crystal, "COUNT", "cells", "1", "unit cells along a, b and c";
    Cell [C("-cell")] Cell in [CELL_LENGTH, CELL_LENGTH, CELL_LENGTH, CELL_ANGLE, CELL_ANGLE, CELL_ANGLE], Crystal, "A [B C ALPHA BETA GAMMA]", "Å, degrees", "b, c as a; angles 90", "unit cell";
    Misset [W("-misset")] Misset in [ANGLE], Orientation, "X Y Z | random", "degrees", "0 0 0", "turns of the crystal about the lab x, y, z axes, or a random orientation";
    SampleSize [C("-samplesize"), C("-sample_size"), C("-xtalsize"), C("-xtal_size")] Numbers(1) in [LENGTH.usual(1e-7, 100.0)], Crystal, "SIZE", "mm", "", "full width of the crystal in all directions, instead of -N";
    SampleX [C("-sample_x"), C("-sample_thick"), C("-xtal_x"), C("-xtal_thick")] Numbers(1) in [LENGTH.usual(1e-7, 100.0)], Crystal, "SIZE", "mm", "", "size of the crystal along a";
    SampleY [C("-sample_y"), C("-sample_width"), C("-xtal_y"), C("-xtal_width"), C("-width")] Numbers(1) in [LENGTH.usual(1e-7, 100.0)], Crystal, "SIZE", "mm", "", "size of the crystal along b (clipped to the beam)";
    SampleZ [C("-sample_z"), C("-sample_heigh"), C("-xtal_z"), C("-xtal_heigh"), C("-heigh")] Numbers(1) in [LENGTH.usual(1e-7, 100.0)], Crystal, "SIZE", "mm", "", "size of the crystal along c (clipped to the beam)";
    Density [C("-density"), C("-sample_den")] Numbers(1) in [Range::of(0.0, 100.0)], Crystal, "DENSITY", "g/cm^3", "1", "accepted; has no effect, as in the reference";
    MolecularWeight [W("-MW"), C("-molec")] Numbers(1) in [Range::positive(1e12)], Crystal, "MASS", "g/mol", "18", "accepted; has no effect, as in the reference";
    Xbeam [C("-Xbeam")] Numbers(1) in [POSITION], Frame, "X", "mm", "centre", "direct-beam position X in the convention's own frame; selects the beam pivot";
    Ybeam [C("-Ybeam")] Numbers(1) in [POSITION], Frame, "Y", "mm", "centre", "direct-beam position Y in the convention's own frame; selects the beam pivot";
    Xclose [C("-Xclose")] Numbers(1) in [POSITION], Frame, "X", "mm", "centre", "X of the detector's point nearest to the sample; selects the sample pivot";
    Yclose [C("-Yclose")] Numbers(1) in [POSITION], Frame, "Y", "mm", "centre", "Y of the detector's point nearest to the sample; selects the sample pivot";
    OrgX [C("-ORGX")] Numbers(1) in [POSITION], Frame, "X", "pixels", "centre", "XDS origin along the fast axis; selects the sample pivot";
    OrgY [C("-ORGY")] Numbers(1) in [POSITION], Frame, "Y", "pixels", "centre", "XDS origin along the slow axis; selects the sample pivot";
    Pivot [C("-pivot")] Word, Frame, "beam|sample", "", "the convention's", "what the detector turns about; a named convention overrides it";
    Mosflm [C("-mosflm")] Nothing, Frame, "", "", "this one", "MOSFLM convention";
    Xds [C("-xds")] Nothing, Frame, "", "", "", "XDS convention";
    Adxv [C("-adxv")] Nothing, Frame, "", "", "", "ADXV convention";
    Denzo [C("-denzo")] Nothing, Frame, "", "", "", "DENZO convention";
    Dials [C("-dials")] Nothing, Frame, "", "", "", "DIALS convention";
    FdetVector [C("-fdet_vector")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "0 0 1", "direction of the fast axis; selects the CUSTOM convention";
    SdetVector [C("-sdet_vector")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "0 -1 0", "direction of the slow axis; selects CUSTOM";
    OdetVector [C("-odet_vector")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "1 0 0", "direction of the detector normal; selects CUSTOM";
    BeamVector [C("-beam_vector")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "1 0 0", "direction of the beam; selects CUSTOM";
    PolarVector [C("-polar_vector")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "0 0 1", "direction of the beam's electric vector; selects CUSTOM";
    SpindleAxis [C("-spindle_axis")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "0 0 1", "phi axis, right-handed; selects CUSTOM";
    TwothetaAxis [C("-twotheta_axis")] Numbers(3) in [DIRECTION], Frame, "X Y Z", "", "0 1 0", "axis of the detector swing; selects CUSTOM";
    Pix0Vector [C("-pix0_vector")] Numbers(3) in [POSITION], Frame, "X Y Z", "", "", "selects CUSTOM; the numbers have no effect, as in the reference (also -pix0_vector_mm)";
    Distance [C("-distance")] Numbers(1) in [LENGTH.usual(1.0, 1e5)], Detector, "DISTANCE", "mm", "100", "sample to detector along the beam; selects the beam pivot";
    CloseDistance [C("-close_distance")] Numbers(1) in [LENGTH.usual(1.0, 1e5)], Detector, "DISTANCE", "mm", "from -distance", "sample to the detector's nearest point; selects the sample pivot";
    DetectorAbs [C("-detector_abs")] NumberOrInfinite in [Range::of(0.0, 1e9)], Detector, "DEPTH", "µm", "inf", "attenuation depth of the sensor; inf or 0 switches absorption off";
    DetectorThick [W("-detector_thick")] Numbers(1) in [Range::of(0.0, 1e6).usual(0.0, 1e4)], Detector, "THICKNESS", "µm", "0", "thickness of the sensor";
    ThickSteps [C("-detector_thicksteps"), C("-thicksteps")] Integers(1) in [LAYERS], Detector, "COUNT", "", "auto", "layers of the sensor";
    Twotheta [C("-twotheta")] Numbers(1) in [ANGLE], Detector, "ANGLE", "degrees", "0", "detector swing about the two-theta axis; selects the sample pivot";
    RotX [C("-detector_rotx")] Numbers(1) in [ANGLE], Detector, "ANGLE", "degrees", "0", "detector rotation about lab x";
    RotY [C("-detector_roty")] Numbers(1) in [ANGLE], Detector, "ANGLE", "degrees", "0", "detector rotation about lab y";
    RotZ [C("-detector_rotz")] Numbers(1) in [ANGLE], Detector, "ANGLE", "degrees", "0", "detector rotation about lab z";
    DetSize [W("-detsize")] Numbers(1) in [LENGTH.usual(1.0, 5000.0)], Detector, "SIZE", "mm", "102.4", "detector width and height";
    DetSizeFast [C("-detsize_f")] Numbers(1) in [LENGTH.usual(1.0, 5000.0)], Detector, "SIZE", "mm", "102.4", "detector width (fast axis)";
    DetSizeSlow [C("-detsize_s")] Numbers(1) in [LENGTH.usual(1.0, 5000.0)], Detector, "SIZE", "mm", "102.4", "detector height (slow axis)";
    DetPixels [W("-detpixels")] Integers(1) in [COUNT], Detector, "COUNT", "pixels", "1024", "detector width and height";
    DetPixelsFast [C("-detpixels_f"), C("-detpixels_x")] Integers(1) in [COUNT], Detector, "COUNT", "pixels", "1024", "detector width (fast axis)";
    DetPixelsSlow [C("-detpixels_s"), C("-detpixels_y")] Integers(1) in [COUNT], Detector, "COUNT", "pixels", "1024", "detector height (slow axis)";
    CurvedDetector [C("-curved_det")] NotLast, Detector, "", "", "", "all pixels at the same distance from the sample (with --parity ignored as the last word, as in the reference)";
    PixelSize [C("-pixel")] Numbers(1) in [LENGTH.usual(1e-3, 20.0)], Detector, "SIZE", "mm", "0.1", "pixel size";
    PointPixel [C("-point_pixel")] Nothing, Detector, "", "", "", "solid angle from the distance only: no obliquity, no pixel size";
    Polarization [W("-polar")] Numbers(1) in [Range::of(-1.0, 1.0)], Beam, "FACTOR", "", "0", "Kahn polarisation factor, -1 to 1";
    NoPolarization [C("-nopolar")] Nothing, Beam, "", "", "", "no polarisation correction";
    OversampleThick [C("-oversample_thick")] Nothing, Sampling, "", "", "", "capture fraction anew for every sub-pixel, applied to the running sum";
    OversamplePolar [C("-oversample_polar")] Nothing, Sampling, "", "", "", "polarisation anew for every sub-pixel, applied to the running sum";
    OversampleOmega [C("-oversample_omega")] Nothing, Sampling, "", "", "", "solid angle anew for every sub-pixel, applied to the running sum";
    Oversample [C("-oversample")] Integers(1) in [COUNT.usual(1.0, 100.0)], Sampling, "COUNT", "", "auto", "sub-pixels along each side of a pixel";
    Roi [C("-roi")] Integers(4) in [ANY_INTEGER], Detector, "XMIN XMAX YMIN YMAX", "pixels", "all", "render only this region, both ends included; a negative limit means the default";
    Wavelength [C("-lambda"), C("-wave")] Numbers(1) in [Range::of(1e-12, 1e6).usual(1e-3, 1000.0)], Beam, "WAVELENGTH", "Å", "1", "wavelength";
    Energy [C("-energy")] Numbers(1) in [Range::of(1e-2, 1e16).usual(100.0, 1e7)], Beam, "ENERGY", "eV", "", "photon energy, instead of -lambda";
    Fluence [C("-fluence")] Numbers(1) in [Range::positive(1e60)], Beam, "FLUENCE", "photons/m^2", "1.25932e29", "incident photons per area; overridden by -flux";
    Flux [C("-flux")] Numbers(1) in [Range::of(0.0, 1e40)], Beam, "FLUX", "photons/s", "0", "incident photons per second: fluence = flux * exposure / beamsize^2";
    Exposure [C("-exposure")] Numbers(1) in [Range::positive(1e9)], Beam, "TIME", "s", "1", "exposure time";
    BeamSize [C("-beamsize")] Numbers(1) in [LENGTH.usual(1e-5, 100.0)], Beam, "SIZE", "mm", "0.1", "beam width and height; a smaller beam clips the sample";
    MosaicSpread [W("-mosaic"), C("-mosaici"), C("-mosaic_spr")] Numbers(1) in [Range::of(0.0, 180.0).usual(0.0, 90.0)], Orientation, "SPREAD", "degrees", "0", "isotropic mosaic spread";
    MosaicDomains [C("-mosaic_dom")] Integers(1) in [COUNT], Orientation, "COUNT", "", "10 with a spread", "mosaic domains";
    Dispersion [C("-dispersion")] Numbers(1) in [Range::of(0.0, 100.0).usual(0.0, 20.0)], Beam, "SPREAD", "percent", "0", "spread of the wavelength";
    DispersionSteps [C("-dispsteps")] Integers(1) in [COUNT], Beam, "COUNT", "", "2 with a spread", "wavelengths across the spread";
    Divergence [C("-divergence")] Numbers(1) in [DIVERGENCE], Beam, "SPREAD", "mrad", "0", "horizontal and vertical divergence";
    HDivRange [C("-hdivrange")] Numbers(1) in [DIVERGENCE], Beam, "SPREAD", "mrad", "0", "horizontal divergence";
    VDivRange [C("-vdivrange")] Numbers(1) in [DIVERGENCE], Beam, "SPREAD", "mrad", "0", "vertical divergence";
    HDivStep [W("-hdivstep")] Numbers(1) in [DIVERGENCE_STEP], Beam, "STEP", "mrad", "auto", "step of the horizontal divergence";
    HDivSteps [C("-hdivsteps")] Integers(1) in [COUNT], Beam, "COUNT", "", "auto", "steps of the horizontal divergence";
    VDivStep [W("-vdivstep")] Numbers(1) in [DIVERGENCE_STEP], Beam, "STEP", "mrad", "auto", "step of the vertical divergence";
    VDivSteps [C("-vdivsteps")] Integers(1) in [COUNT], Beam, "COUNT", "", "auto", "steps of the vertical divergence";
    DivSteps [C("-divsteps")] Integers(1) in [COUNT], Beam, "COUNT", "", "auto", "steps of both divergences";
    RoundDivergence [C("-round_div")] Nothing, Beam, "", "", "this one", "cut the divergence grid to an ellipse";
    SquareDivergence [C("-square_div")] Nothing, Beam, "", "", "", "keep the corners of the divergence grid";
    AdcOffset [C("-adc")] Numbers(1) in [Range::of(-65535.0, 65535.0).usual(0.0, 65535.0)], Images, "OFFSET", "counts", "40", "offset added to the integer and noise images";
    Phi [W("-phi")] Numbers(1) in [ANGLE], Orientation, "ANGLE", "degrees", "0", "start of the spindle rotation";
    Osc [C("-osc")] Numbers(1) in [Range::of(0.0, 36_000.0).usual(0.0, 360.0)], Orientation, "RANGE", "degrees", "0", "range of the spindle rotation";
    PhiStep [W("-phistep")] Numbers(1) in [Range::of(0.0, 36_000.0).usual(0.0, 360.0)], Orientation, "STEP", "degrees", "auto", "step of the spindle rotation";
    PhiSteps [C("-phisteps")] Integers(1) in [COUNT], Orientation, "COUNT", "", "auto", "steps of the spindle rotation";
    Dmin [C("-dmin")] Numbers(1) in [Range::of(0.0, 1e6)], Sampling, "RESOLUTION", "Å", "0", "skip pixels beyond this resolution";
    Matrix [C("-mat")] Word, Orientation, "FILE", "", "", "MOSFLM orientation matrix: reciprocal cell times wavelength";
    Hkl [C("-hkl")] Word, StructureFactors, "FILE", "", "the cache", "text list of h k l F for every reflection in P1";
    DefaultF [C("-default_F")] Numbers(1) in [Range::of(-1e12, 1e12)], StructureFactors, "F", "electrons", "0", "amplitude of reflections not in the list";
    StolOut [C("-stolout")] Word, Files, "FILE", "", "", "accepted; nothing is written, as in the reference";
    Stol [W("-stol")] Word, StructureFactors, "FILE", "sin(theta)/lambda, 1/Å", "", "amorphous scattering table: read, then not used, as in the reference";
    FourStol [W("-4stol")] Word, StructureFactors, "FILE", "4 sin(theta)/lambda, 1/Å", "", "as -stol, in another unit";
    Q [W("-Q")] Word, StructureFactors, "FILE", "4 pi sin(theta)/lambda, 1/Å", "", "as -stol, in another unit";
    SourceFile [C("-sourcefile")] Word, Beam, "FILE", "X Y Z weight wavelength(m)", "", "one source per line, instead of the divergence and dispersion grids; weights have no effect";
    FloatFile [C("-floatfile"), C("-floatimage")] Word, Files, "FILE", "", "floatimage.bin", "32-bit floats, photons per pixel";
    IntFile [C("-intfile"), C("-intimage")] Word, Files, "FILE", "", "intimage.img", "SMV image of 16-bit integers without noise";
    PgmFile [C("-pgmfile"), C("-pgmimage")] Word, Files, "FILE", "", "image.pgm", "8-bit portable grey map";
    NoiseFile [C("-noisefile"), C("-noiseimage")] Word, Files, "FILE", "", "noiseimage.img", "SMV image with Poisson noise";
    NoNoise [C("-nonoise")] Nothing, Files, "", "", "", "do not write the noise image";
    NoPgm [C("-nopgm")] Nothing, Files, "", "", "", "do not write the grey map";
    IntScale [C("-scale")] Numbers(1) in [Range::of(0.0, 1e60)], Images, "FACTOR", "counts/photon", "55000 / maximum", "scale of the integer image";
    PgmScale [C("-pgmscale")] Numbers(1) in [Range::of(0.0, 1e60)], Images, "FACTOR", "grey levels/photon", "250 / (5 rmsd)", "scale of the grey map; turns it on";
    Coherent [C("-coherent")] Nothing, Sampling, "", "", "", "accepted; has no effect, as in the reference";
    Printout [C("-printout")] Nothing, Console, "", "", "", "print every pixel";
    NoProgress [C("-noprogress")] Nothing, Console, "", "", "", "no progress bar";
    Progress [C("-progress")] Nothing, Console, "", "", "on a terminal", "progress bar";
    Interpolate [C("-interpolate")] Nothing, StructureFactors, "", "", "on if any N is 2 or less", "tricubic interpolation of structure factors between Bragg peaks";
    NoInterpolate [C("-nointerpolate")] Nothing, StructureFactors, "", "", "", "nearest reflection only";
    RoundXtal [C("-round_xtal")] Nothing, Crystal, "", "", "", "ellipsoidal crystal";
    SquareXtal [C("-square_xtal")] Nothing, Crystal, "", "", "this one", "parallelepiped crystal";
    GaussXtal [C("-gauss_xtal")] Nothing, Crystal, "", "", "", "Gaussian spots: no maxima between Bragg peaks";
    TophatSpots [C("-tophat_spots"), C("-binary_spots")] Nothing, Crystal, "", "", "", "spots of constant height, cut at half maximum";
    Fudge [C("-fudge")] Numbers(1) in [Range::of(0.0, 1e6).usual(0.01, 100.0)], Crystal, "FACTOR", "", "1", "scale of the spot width of round, gauss and tophat shapes";
    PrintoutPixel [C("-printout_pixel")] Integers(2) in [PIXEL], Console, "FAST SLOW", "pixels", "", "print this pixel";
    TracePixel [C("-trace_pixel")] Integers(2) in [PIXEL], Console, "SLOW FAST", "pixels", "", "trace this pixel (as --trace-pixel)";
    Seed [C("-seed")] Integers(1) in [ANY_INTEGER], Random, "SEED", "", "the time", "seed of the noise";
    MosaicSeed [C("-mosaic_seed")] Integers(1) in [ANY_INTEGER], Random, "SEED", "", "12345678", "seed of the mosaic domains";
    MissetSeed [C("-misset_seed")] Integers(1) in [ANY_INTEGER], Random, "SEED", "", "the time", "seed of -misset random";
    Water [C("-water")] Numbers(1) in [Range::of(0.0, 1e6).usual(0.0, 1e4)], Sampling, "SIZE", "µm", "0", "edge of a water droplet that adds a flat background";
    Dump [C("-dump")] Word, StructureFactors, "FILE", "", "Fdump.bin", "reflection cache, written after -hkl is read and read when -hkl is not given";
}

/// The rows that match `word` (single dash), in order.
pub fn matching(word: &str) -> Vec<&'static Flag> {
    found(word, |flag| flag.accepts(word))
}

/// The flags at which the two C programs part.
pub(super) const OF_ONE_DIALECT: [Id; 3] = [Id::Misset, Id::Dump, Id::TracePixel];

/// Whether the two C programs may differ in what they make of a word.
pub(super) fn is_of_one_dialect(word: &str) -> bool {
    word.contains("-misset") || OF_ONE_DIALECT.iter().any(|id| id.flag().accepts(word))
}

/// The rows that match `word` as it stands, in the order in which one of the C programs acts on them.
pub fn matching_in(word: &str, dialect: Dialect) -> Vec<&'static Flag> {
    found(word, |flag| match (dialect, flag.id) {
        (Dialect::Upstream, Id::Misset) => word.contains("-misset"),
        (Dialect::Upstream, Id::TracePixel) | (Dialect::Fork, Id::Dump) => false,
        _ => flag.accepts(word),
    })
}

fn found(word: &str, accepts: impl Fn(&Flag) -> bool) -> Vec<&'static Flag> {
    let mut found = Vec::new();
    // Spellings begin with a dash: in a word that has none further on they can only stand first.
    let stands_first = word.rfind('-').is_none_or(|dash| dash == 0);
    for flag in FLAGS {
        if (!stands_first || flag.begins(word)) && accepts(flag) {
            found.push(flag);
            if flag.last_rule {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(word: &str) -> Vec<Id> {
        matching(word).iter().map(|f| f.id).collect()
    }

    #[test]
    fn flags_are_found_by_substring() {
        assert_eq!(ids("-matrix"), [Id::Matrix]);
        assert_eq!(ids("-mosaic_domains"), [Id::MosaicDomains]);
        assert_eq!(ids("-detector_absorb"), [Id::DetectorAbs]);
        assert_eq!(ids("-adcoffset"), [Id::AdcOffset]);
        assert_eq!(ids("-sample_height"), [Id::SampleZ]);
        assert_eq!(ids("-pix0_vector_mm"), [Id::Pix0Vector]);
    }

    #[test]
    fn spellings_begin_with_a_dash_and_are_found_behind_another_one() {
        for spelling in FLAGS.iter().flat_map(|flag| flag.matches).map(|m| m.spelling()) {
            assert!(spelling.starts_with('-'), "{spelling}");
            for word in [spelling.to_owned(), format!("-{spelling}"), format!("-x{spelling}_more")] {
                // The rows in their order, as far as one after which none is checked.
                let mut rows: Vec<_> = FLAGS.iter().filter(|flag| flag.accepts(&word)).collect();
                let end = rows.iter().position(|flag| flag.last_rule).map_or(rows.len(), |last| last + 1);
                rows.truncate(end);
                let expected: Vec<_> = rows.iter().map(|flag| flag.id).collect();
                assert_eq!(ids(&word), expected, "{word}");
            }
            assert_eq!(ids(&spelling[1..]), [], "{spelling}");
        }
    }

    #[test]
    fn one_word_can_be_two_flags() {
        assert_eq!(ids("-twotheta_axis"), [Id::TwothetaAxis, Id::Twotheta]);
        assert_eq!(ids("-printout_pixel"), [Id::Printout, Id::PrintoutPixel]);
    }

    #[test]
    fn whole_words_do_not_match_longer_ones() {
        assert_eq!(ids("-phisteps"), [Id::PhiSteps]);
        assert_eq!(ids("-detector_thicksteps"), [Id::ThickSteps]);
        assert_eq!(ids("-mosaic_seed"), [Id::MosaicSeed]);
        assert_eq!(ids("-oversample_thick"), [Id::OversampleThick]);
        assert_eq!(ids("-close_distance"), [Id::CloseDistance]);
        assert!(ids("-frobnicate").is_empty());
    }

    #[test]
    fn every_flag_with_numbers_has_a_range_and_no_other_has() {
        for flag in FLAGS {
            let numeric = !matches!(flag.values, Nothing | NotLast | Word);
            assert_eq!(numeric, !flag.ranges.is_empty(), "{}", flag.name());
        }
    }

    #[test]
    fn every_flag_finds_its_own_row() {
        for flag in FLAGS {
            assert_eq!(flag.id.flag().name(), flag.name());
        }
    }

    #[test]
    fn every_row_can_be_told_from_its_help() {
        for flag in FLAGS {
            assert!(!flag.help.is_empty() && flag.name().starts_with('-'), "{flag:?}");
            assert!(matching(flag.name()).iter().any(|f| f.id == flag.id), "{} is shadowed", flag.name());
        }
    }
}
