//! The known defects of the reference: identifier, description, our default, and the switch for each; and where its two
//! programs differ.
//!
//! Not here: the code that emulates one; it calls [`Defects::emulates`] where it would differ.

use serde::Serialize;

/// How a defect is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// As the reference behaves.
    Emulate,
    /// As it should behave.
    Correct,
}

impl Treatment {
    /// As in `--defect ID=…`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emulate => "emulate",
            Self::Correct => "correct",
        }
    }
}

macro_rules! defects {
    ($($variant:ident, $id:literal, $default:ident, $what:literal, $why:literal;)+) => {
        /// A known defect of the reference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Defect { $(#[doc = $what] $variant),+ }

        impl Defect {
            /// All of them, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Identifier, as in `--defect ID=…`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// What the reference does.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $what),+ }
            }

            /// Why the default is what it is.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $why),+ }
            }

            /// Our default.
            pub const fn default_treatment(self) -> Treatment {
                match self { $(Self::$variant => Treatment::$default),+ }
            }
        }
    };
}

defects! {
    PhiCarryOver, "C-PARITY-001", Correct, "at phi = 0 the rotated cell of the previous phi step is used again (all but the first evaluation)", "it spoils the image";
    RandomMisset, "C-IMPL-BUG-002", Emulate, "random misset draws its rotation with 90 taken as radians", "any orientation will do, and a seed names the same one in both programs";
    Pivot, "C-PIVOT-001", Emulate, "-pivot, -close_distance and -twotheta cannot change the pivot of a named convention", "a convention has its pivot, and beam centres are measured with it; a warning says so";
    Pix0, "C-PIX0-001", Correct, "the numbers of -pix0_vector have no effect; those of -pix0_vector_mm are not converted", "it spoils the image";
    InterpolationOff, "C-INTERP-001", Correct, "one interpolation outside the reflection list switches interpolation off for the rest of the run", "it spoils the image: what a pixel is depends on the pixels before it";
    TwothetaAxis, "C-TWOTHETA-001", Correct, "-twotheta_axis x y z also sets two-theta to x degrees", "it spoils the image";
    HeaderSubstring, "C-HEADER-001", Correct, "header keys are found as substrings, the last place wins: DISTANCE finds CLOSE_DISTANCE", "it spoils the image";
    CaptureZero, "C-CAPTURE-001", Correct, "-oversample_thick without a sensor makes the image zero", "it spoils the image";
    SkewedCell, "C-CELL-001", Correct, "a cell given with two or more angles other than 90 degrees is built with slightly wrong angles", "it spoils the image";
    TraceLabels, "C-TRACE-001", Emulate, "trace labels: the scattering vector in 1/m is called 1/A; the beam centre is divided by 1000 twice", "no image depends on it, and traces of both programs compare key by key";
}

impl Defect {
    /// The defect with this identifier, upper or lower case.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|d| d.id().eq_ignore_ascii_case(id))
    }
}

/// The treatment of every defect in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defects {
    treatments: Vec<Treatment>,
}

impl Default for Defects {
    fn default() -> Self {
        Self { treatments: Defect::ALL.iter().map(|d| d.default_treatment()).collect() }
    }
}

impl Defects {
    /// The defaults with `switches` applied in order; `None` stands for all defects.
    pub fn with(switches: &[(Option<Defect>, Treatment)]) -> Self {
        let mut defects = Self::default();
        for (which, treatment) in switches {
            for defect in Defect::ALL {
                if which.is_none_or(|w| w == *defect) {
                    defects.treatments[*defect as usize] = *treatment;
                }
            }
        }
        defects
    }

    /// With one defect treated another way.
    #[must_use]
    pub fn and(mut self, defect: Defect, treatment: Treatment) -> Self {
        self.treatments[defect as usize] = treatment;
        self
    }

    /// Whether the run does as the reference does.
    pub fn emulates(&self, defect: Defect) -> bool {
        self.treatments[defect as usize] == Treatment::Emulate
    }
}

impl Serialize for Defects {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Defect::ALL.iter().map(|d| (d.id(), self.treatments[*d as usize])))
    }
}

/// One of the two C programs named nanoBragg that are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The trace-instrumented fork that made the golden data.
    #[default]
    Fork,
    /// The program as its author publishes it.
    Upstream,
}

impl Dialect {
    /// As in `--dialect NAME`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Upstream => "upstream",
        }
    }

    /// The dialect of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Fork, Self::Upstream].into_iter().find(|dialect| dialect.name() == name)
    }

    /// The other of the two.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Fork => Self::Upstream,
            Self::Upstream => Self::Fork,
        }
    }
}

/// Something that the two C programs do differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Identifier.
    pub id: &'static str,
    /// What each does.
    pub what: &'static str,
    /// Flags that show it.
    pub case: &'static str,
}

/// Misset, cache name and traced pixel: all that reaches an image of one thread, a file or our text. What else the fork prints
/// are trace lines, which neither this program's summary nor the comparison of images has.
pub static DIFFERENCES: [Difference; 3] = [
    Difference {
        id: "C-DIALECT-001",
        what: "upstream takes every word with -misset in it for -misset (-misset_seed, --misset, -missets) and turns the crystal by \
               the three words after it; the fork takes -misset alone",
        case: "-misset 10 20 30 -misset_seed 5 -N 6: upstream turns by 5 0 6 degrees",
    },
    Difference {
        id: "C-DIALECT-002",
        what: "upstream names the reflection cache by -dump; the fork passes over it and takes Fdump.bin",
        case: "-hkl P1.hkl -dump other.bin",
    },
    Difference {
        id: "C-DIALECT-003",
        what: "the fork traces the pixel of -trace_pixel; upstream passes over it",
        case: "-trace_pixel 5 7",
    },
];

/// The table that `--list-defects` prints.
pub fn list() -> String {
    let mut text = String::from(
        "identifier      default  what the reference does (and why the default is what it is)\n",
    );
    for defect in Defect::ALL {
        let default = defect.default_treatment().name();
        text += &format!("{:<15} {default:<8} {} ({})\n", defect.id(), defect.description(), defect.reason());
    }
    text += "\nTwo C programs have the name. --parity --dialect fork (default) or upstream says which of them is meant.\n";
    for difference in &DIFFERENCES {
        text += &format!("{:<15} {} (example: {})\n", difference.id, difference.what, difference.case);
    }
    text
}

/// The same list as JSON: an object of `defects` and `differences` (of the two C programs).
pub fn json() -> String {
    let defects = Defect::ALL.iter().map(|defect| {
        serde_json::json!({
            "id": defect.id(),
            "default": defect.default_treatment(),
            "what": defect.description(),
            "why": defect.reason(),
        })
    });
    let differences = DIFFERENCES.iter().map(|difference| {
        serde_json::json!({ "id": difference.id, "what": difference.what, "example": difference.case })
    });
    let both = serde_json::json!({
        "defects": defects.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
    });
    format!("{both:#}\n")
}

/// The reference page of defects in Markdown.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Known defects of the reference\n\nGenerated from the table in `sim/src/defects.rs`. Each can be switched with \
         `--defect ID=emulate` or `--defect ID=correct`, all of them with `--defect all=…`; `--parity` emulates all. A run names \
         those that it corrects and whose correction makes its image differ from the C program's. To find out \
         whether a divergence is one of them, switch it and see whether the difference vanishes.\n\n\
         | identifier | default | what the reference does | why this default |\n|---|---|---|---|\n",
    );
    for defect in Defect::ALL {
        let default = defect.default_treatment().name();
        text +=
            &format!("| {} | {default} | {} | {} |\n", defect.id(), defect.description(), defect.reason());
    }
    text += "\n## The two C programs\n\nTwo programs have the name: the one its author publishes, and the trace-instrumented fork that \
             made the golden data. `--parity --dialect fork` (default) or `--parity --dialect upstream` says which of them is \
             meant; a run warns where they would differ. With one thread nothing else in them reaches an image; with several the \
             fork's threads share the buffer of the interpolation, so that its image depends on timing.\n\n\
             | identifier | what they do | example |\n|---|---|---|\n";
    for difference in &DIFFERENCES {
        text += &format!("| {} | {} | `{}` |\n", difference.id, difference.what, difference.case);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_switches_win() {
        let d =
            Defects::with(&[(None, Treatment::Emulate), (Some(Defect::PhiCarryOver), Treatment::Correct)]);
        assert!(!d.emulates(Defect::PhiCarryOver));
        assert!(d.emulates(Defect::HeaderSubstring));
        assert!(!Defects::default().emulates(Defect::HeaderSubstring));
    }

    #[test]
    fn identifiers_are_found_in_any_case_and_listed() {
        for defect in Defect::ALL {
            assert_eq!(Defect::from_id(&defect.id().to_lowercase()), Some(*defect));
            assert!(list().contains(defect.id()));
        }
    }
}
