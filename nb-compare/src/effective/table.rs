//! The parameters that simulators state, in the order in which one follows from another, and the lines that state them.
//!
//! Not here: reading and comparing.

/// How the values of a parameter are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterKind {
    /// As text.
    Word,
    /// As numbers.
    Number,
    /// As numbers that are a direction or a place in space.
    Vector,
    /// As a place on the detector: a shift by half a pixel means something.
    Place,
    /// As three vectors side by side, row by row.
    Matrix,
}

/// Something that a side states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    /// What it is called.
    pub name: &'static str,
    /// Its unit here, whatever the unit it was stated in; empty for counts and words.
    pub unit: &'static str,
    /// How it is compared.
    pub kind: ParameterKind,
    /// Where a header states it: keys, and the factor to our unit. Several numbers may stand in one entry.
    pub header: Option<(&'static [&'static str], f64)>,
    /// The value that stands when none is given; what to ask, and what it means where another was given.
    pub default: Option<(f64, [&'static str; 2])>,
    /// Parameters that it follows from: where one of these differs, this one is no news.
    pub follows: &'static [&'static str],
    /// Whether the float image depends on it.
    pub in_image: bool,
    /// For a switch: what is meant when a side that states its parameters is silent about it.
    pub silent: Option<&'static str>,
}

const fn plain(name: &'static str, unit: &'static str, kind: ParameterKind) -> Parameter {
    Parameter { name, unit, kind, header: None, default: None, follows: &[], in_image: true, silent: None }
}

const fn number(name: &'static str, unit: &'static str) -> Parameter {
    plain(name, unit, ParameterKind::Number)
}

const fn place(name: &'static str, unit: &'static str) -> Parameter {
    plain(name, unit, ParameterKind::Place)
}

const fn vector(name: &'static str, unit: &'static str) -> Parameter {
    plain(name, unit, ParameterKind::Vector)
}

const fn switch(name: &'static str) -> Parameter {
    Parameter { silent: Some("off"), ..plain(name, "", ParameterKind::Word) }
}

impl Parameter {
    const fn header(self, keys: &'static [&'static str], factor: f64) -> Self {
        Self { header: Some((keys, factor)), ..self }
    }

    const fn default(self, value: f64, words: [&'static str; 2]) -> Self {
        Self { default: Some((value, words)), ..self }
    }

    const fn follows(self, names: &'static [&'static str]) -> Self {
        Self { follows: names, ..self }
    }

    const fn beside_the_image(self) -> Self {
        Self { in_image: false, ..self }
    }
}

const GEOMETRY: &[&str] = &["convention", "pivot", "distance", "pixel size", "beam centre X, Y", "two theta"];

/// What a default suggests: the question where it is not known what was asked for, and the statement where it is.
const NOT_TAKEN: [&str; 2] = ["was the argument taken?", "not taken from the arguments"];
const NOT_RECOMPUTED: [&str; 2] = [
    "was it recomputed from flux, exposure and beam size?",
    "not recomputed from flux, exposure and beam size",
];

/// Every parameter, causes first.
pub(crate) const PARAMETERS: &[Parameter] = &[
    number("wavelength", "m").header(&["WAVELENGTH"], 1e-10).default(1e-10, NOT_TAKEN),
    number("wavelength spread", "%"),
    number("wavelength steps", ""),
    number("fluence", "photons/m²").default(125932015286227086360700780544.0, NOT_RECOMPUTED),
    number("polarisation factor", ""),
    switch("polarisation"),
    plain("convention", "", ParameterKind::Word),
    plain("pivot", "", ParameterKind::Word).follows(&["convention"]),
    number("pixel size", "m").header(&["PIXEL_SIZE"], 1e-3).default(1e-4, NOT_TAKEN),
    number("detector pixels", "").header(&["SIZE1", "SIZE2"], 1.0),
    number("detector size", "m").follows(&["detector pixels", "pixel size"]),
    number("distance", "m").header(&["DISTANCE"], 1e-3).default(0.1, NOT_TAKEN),
    number("two theta", "degrees").header(&["TWOTHETA"], 1.0),
    place("beam centre X, Y", "m").header(&["BEAM_CENTER_X", "BEAM_CENTER_Y"], 1e-3),
    place("beam centre fast, slow", "m").follows(GEOMETRY),
    place("nearest point X, Y", "m").follows(GEOMETRY),
    place("nearest point fast, slow", "m").follows(GEOMETRY),
    vector("fast axis", "").follows(&["convention", "two theta"]),
    vector("slow axis", "").follows(&["convention", "two theta"]),
    vector("detector normal", "").follows(&["convention", "two theta"]),
    vector("beam direction", "").follows(&["convention"]),
    vector("rotation axis", "").follows(&["convention"]),
    vector("polarisation normal", "").follows(&["convention"]),
    place("DIALS origin", "m").header(&["DIALS_ORIGIN"], 1e-3).follows(&[
        "convention",
        "pivot",
        "distance",
        "beam centre X, Y",
        "two theta",
        "fast axis",
        "slow axis",
    ]),
    place("XDS origin", "pixels").header(&["XDS_ORGX", "XDS_ORGY"], 1.0).follows(GEOMETRY),
    number("sensor thickness", "m"),
    number("sensor layers", ""),
    number("sensor absorption", "1/m"),
    switch("curved detector"),
    switch("pixel obliquity"),
    number("region", "pixels").follows(&["detector pixels"]),
    number("cell lengths", "Å"),
    number("cell angles", "degrees"),
    number("cell volume", "Å³").follows(&["cell lengths", "cell angles"]),
    vector("misset angles", "degrees"),
    plain("cell vectors", "Å", ParameterKind::Matrix).follows(&[
        "cell lengths",
        "cell angles",
        "misset angles",
    ]),
    plain("crystal shape", "", ParameterKind::Word),
    number("crystal cells", ""),
    number("crystal size", "m").follows(&["crystal cells", "cell lengths"]),
    number("reflections", ""),
    number("default structure factor", ""),
    switch("interpolation").follows(&["crystal cells", "reflections"]),
    number("horizontal divergence", "radians"),
    number("vertical divergence", "radians"),
    number("divergence steps", "").follows(&["horizontal divergence", "vertical divergence"]),
    number("sources", "").follows(&["divergence steps", "wavelength steps"]),
    number("mosaic domains", ""),
    number("mosaic spread", "degrees"),
    number("phi steps", ""),
    number("phi range", "degrees"),
    number("phi start", "degrees").header(&["PHI"], 1.0).follows(&["phi range"]),
    number("oversampling", ""),
    plain("oversampling of", "", ParameterKind::Word),
    switch("mask"),
    number("noise seed", "").beside_the_image(),
    number("water droplet size", "m"),
];

/// What a line gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Give {
    /// Numbers of a parameter: which values of the line, and the factor to its unit.
    Numbers(&'static str, &'static [usize], f64),
    /// A word.
    Word(&'static str, usize),
    /// What the line says by being there.
    Fixed(&'static str, &'static str),
}

use Give::{Fixed, Numbers, Word};

/// Lines of console text, blanks run together, and what they give.
pub(super) const LINES: &[(&str, &[Give])] = &[
    ("{} convention selected.", &[Word("convention", 0)]),
    ("pivoting detector around {}", &[Word("pivot", 0)]),
    ("auto-selected tricubic interpolation of structure factors", &[Fixed("interpolation", "on")]),
    (
        "Unit Cell: {} {} {} {} {} {}",
        &[Numbers("cell lengths", &[0, 1, 2], 1.0), Numbers("cell angles", &[3, 4, 5], 1.0)],
    ),
    ("volume = {} A^3", &[Numbers("cell volume", &[0], 1.0)]),
    ("random orientation misset angles: {} {} {} deg", &[Numbers("misset angles", &[0, 1, 2], 1.0)]),
    ("crystal is {} x {} x {} microns", &[Numbers("crystal size", &[0, 1, 2], 1e-6)]),
    (
        "{} initialized hkls (all others ={})",
        &[Numbers("reflections", &[0], 1.0), Numbers("default structure factor", &[1], 1.0)],
    ),
    ("{} xtal: {}x{}x{} cells", &[Word("crystal shape", 0), Numbers("crystal cells", &[1, 2, 3], 1.0)]),
    (
        "wave={} meters +/- {}% in {} steps",
        &[
            Numbers("wavelength", &[0], 1.0),
            Numbers("wavelength spread", &[1], 1.0),
            Numbers("wavelength steps", &[2], 1.0),
        ],
    ),
    ("polarization effect disabled", &[Fixed("polarisation", "disabled")]),
    ("Kahn polarization factor: {}", &[Numbers("polarisation factor", &[0], 1.0)]),
    ("curved detector: all pixels same distance from origin", &[Fixed("curved detector", "on")]),
    ("pixel obliquity effect disabled", &[Fixed("pixel obliquity", "disabled")]),
    ("incident fluence: {} photons/m^2", &[Numbers("fluence", &[0], 1.0)]),
    (
        "distance={} detsize={}x{} pixel={} meters ({}x{} pixels)",
        &[
            Numbers("distance", &[0], 1.0),
            Numbers("detector size", &[1, 2], 1.0),
            Numbers("pixel size", &[3], 1.0),
            Numbers("detector pixels", &[4, 5], 1.0),
        ],
    ),
    (
        "sensor is {} m thick in {} layers with mu= {}",
        &[
            Numbers("sensor thickness", &[0], 1.0),
            Numbers("sensor layers", &[1], 1.0),
            Numbers("sensor absorption", &[2], 1.0),
        ],
    ),
    ("Xbeam={} Ybeam={}", &[Numbers("beam centre X, Y", &[0, 1], 1.0)]),
    ("Fbeam={} Sbeam={}", &[Numbers("beam centre fast, slow", &[0, 1], 1.0)]),
    ("Xclose={} Yclose={}", &[Numbers("nearest point X, Y", &[0, 1], 1.0)]),
    ("Fclose={} Sclose={}", &[Numbers("nearest point fast, slow", &[0, 1], 1.0)]),
    ("DIRECTION_OF_DETECTOR_X-AXIS= {} {} {}", &[Numbers("fast axis", &[0, 1, 2], 1.0)]),
    ("DIRECTION_OF_DETECTOR_Y-AXIS= {} {} {}", &[Numbers("slow axis", &[0, 1, 2], 1.0)]),
    ("DIRECTION_OF_DETECTOR_Z-AXIS= {} {} {}", &[Numbers("detector normal", &[0, 1, 2], 1.0)]),
    ("INCIDENT_BEAM_DIRECTION= {} {} {}", &[Numbers("beam direction", &[0, 1, 2], 1.0)]),
    ("spindle ROTATION_AXIS= {} {} {}", &[Numbers("rotation axis", &[0, 1, 2], 1.0)]),
    ("POLARIZATION_PLANE_NORMAL= {} {} {}", &[Numbers("polarisation normal", &[0, 1, 2], 1.0)]),
    ("dials origin= {} {} {}", &[Numbers("DIALS origin", &[0, 1, 2], 1e-3)]),
    ("roi: {} < x < {} && {} < y < {}", &[Numbers("region", &[0, 1, 2, 3], 1.0)]),
    ("hdivrange={} hdivstep={} radians", &[Numbers("horizontal divergence", &[0, 1], 1.0)]),
    ("vdivrange={} vdivstep={} radians", &[Numbers("vertical divergence", &[0, 1], 1.0)]),
    ("{} divergence steps", &[Numbers("divergence steps", &[0], 1.0)]),
    ("{} sources", &[Numbers("sources", &[0], 1.0)]),
    (
        "{} mosaic domains over mosaic spread of {} degrees",
        &[Numbers("mosaic domains", &[0], 1.0), Numbers("mosaic spread", &[1], 1.0)],
    ),
    (
        "{} phi steps from {} to {} degrees",
        &[
            Numbers("phi steps", &[0], 1.0),
            Numbers("phi start", &[1], 1.0),
            Numbers("phi range", &[1, 2], 1.0),
        ],
    ),
    ("{}x{} pixel oversample steps{}", &[Numbers("oversampling", &[0, 1], 1.0), Word("oversampling of", 2)]),
    ("skipping zero-flagged pixels in {}", &[Fixed("mask", "on")]),
    ("seed: {}", &[Numbers("noise seed", &[0], 1.0)]),
    ("water droplet size: {} m", &[Numbers("water droplet size", &[0], 1.0)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> bool {
        PARAMETERS.iter().any(|p| p.name == name)
    }

    #[test]
    fn every_name_in_the_tables_is_a_parameter_and_causes_come_first() {
        for (template, gives) in LINES {
            let values = template.matches("{}").count();
            for give in *gives {
                let (name, highest) = match give {
                    Numbers(name, at, _) => (name, at.iter().max().copied()),
                    Word(name, at) => (name, Some(*at)),
                    Fixed(name, _) => (name, None),
                };
                assert!(known(name), "{name}");
                assert!(highest.is_none_or(|h| h < values), "{template}");
            }
        }
        for (at, parameter) in PARAMETERS.iter().enumerate() {
            for cause in parameter.follows {
                assert!(PARAMETERS[..at].iter().any(|p| p.name == *cause), "{}: {cause}", parameter.name);
            }
        }
    }
}
