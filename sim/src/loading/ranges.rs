//! Values that come from files instead of flags: held to the ranges of the flags that would set them.
//!
//! Not here: values of flags (`cli::parse`), what a file must look like to be read at all (`input`), the reference's leniency,
//! which checks none of this.

use std::path::Path;

use crate::c_number::g6;
use crate::cli::flags::{FLAGS, Id};
use crate::cli::parse::Setting;
use crate::cli::range::Range;
use crate::config::Config;
use crate::config::notice::Notice;
use crate::config::resolve::HeaderGeometry;
use crate::error::InputError;
use crate::input::grid::ReflectionGrid;
use crate::input::source_file;
use crate::model::cell::Cell;
use crate::model::sources::Sources;

/// A key of a header, its value, and the flags that set the same; the first has its range.
type HeaderKey = (&'static str, fn(&HeaderGeometry) -> Option<f64>, &'static [Id]);

const KEYS: &[HeaderKey] = &[
    ("PIXEL_SIZE", |g| g.pixel_size, &[Id::PixelSize]),
    ("DISTANCE", |g| g.distance, &[Id::Distance]),
    ("CLOSE_DISTANCE", |g| g.close_distance, &[Id::CloseDistance]),
    ("WAVELENGTH", |g| g.wavelength, &[Id::Wavelength, Id::Energy]),
    ("BEAM_CENTER_X", |g| g.beam_center_x, &[Id::Xbeam]),
    ("BEAM_CENTER_Y", |g| g.beam_center_y, &[Id::Ybeam]),
    ("ORGX", |g| g.org_x, &[Id::OrgX]),
    ("ORGY", |g| g.org_y, &[Id::OrgY]),
    ("PHI", |g| g.phi, &[Id::Phi]),
    ("OSC_RANGE", |g| g.osc_range, &[Id::Osc]),
];

/// The first number's range of a flag, its spelling and unit.
fn range_of(id: Id) -> Option<(Range, &'static str, &'static str)> {
    let flag = FLAGS.iter().find(|flag| flag.id == id)?;
    Some((flag.range(0)?, flag.name(), flag.unit))
}

/// A header: its file and what it says.
pub(crate) type NamedHeader<'a> = (&'a Path, &'a HeaderGeometry);

/// Judges what the headers of -mask and -img say and nothing overrides: the latter the former, flags both.
///
/// # Errors
/// The first value outside of the range that its flag has.
pub(crate) fn headers(
    mask: Option<NamedHeader<'_>>,
    image: Option<NamedHeader<'_>>,
    settings: &[Setting],
) -> Result<Vec<Notice>, InputError> {
    let mut notices = Vec::new();
    for (key, value, flags) in KEYS {
        if settings.iter().any(|setting| flags.contains(&setting.id)) {
            continue;
        }
        let found = image.into_iter().chain(mask).find_map(|(path, header)| Some((path, value(header)?)));
        let Some((path, value)) = found else { continue };
        let Some((range, flag, unit)) = range_of(flags[0]) else { continue };
        if !range.allows(value) {
            let problem = format!("`{}` is out of range", g6(value));
            return Err(InputError::new(path, problem, format!("{range} {unit}").trim_end())
                .at(format!("key {key}"))
                .hint(format!("{flag} overrides the header")));
        }
        if let Some(usual) = range.unusual(value) {
            notices.push(Notice::Other(format!(
                "`{}`, key {key}: `{}` is an unusual value, usually {usual} {unit}",
                path.display(),
                g6(value)
            )));
        }
    }
    Ok(notices)
}

/// Judges the cell that a matrix and the wavelength make. Returns the warnings.
///
/// # Errors
/// A length outside of the range of -cell.
pub(crate) fn matrix(path: &Path, cell: &Cell, wavelength: f64) -> Result<Option<String>, InputError> {
    let Some((range, ..)) = range_of(Id::Cell) else { return Ok(None) };
    let [a, b, c] = cell.lengths;
    let geometry =
        format!("a cell of `{a:.4} {b:.4} {c:.4}` Å at a wavelength of `{:.6}` Å", wavelength * 1e10);
    if !cell.lengths.iter().all(|length| range.allows(*length)) {
        return Err(InputError::new(path, format!("makes {geometry}"), format!("lengths of {range}"))
            .hint("the matrix is the reciprocal cell in 1/Å times the wavelength in Å; see -lambda"));
    }
    let unusual = cell.lengths.iter().find_map(|length| range.unusual(*length));
    Ok(unusual.map(|usual| format!("`{}`: makes {geometry}, usually lengths of {usual}", path.display())))
}

/// Judges the amplitudes of a list of reflections or of its cache.
///
/// # Errors
/// The first one outside of the range of -default_F.
pub(crate) fn amplitudes(path: &Path, grid: &ReflectionGrid) -> Result<(), InputError> {
    let Some((range, _, unit)) = range_of(Id::DefaultF) else { return Ok(()) };
    match grid.values.iter().find(|f| !range.allows(**f)) {
        Some(f) => {
            let problem = format!("has an amplitude of `{}`", g6(*f));
            Err(InputError::new(path, problem, format!("amplitudes of {range} {unit}")))
        }
        None => Ok(()),
    }
}

/// Judges the sources of a file. Returns the warnings.
///
/// # Errors
/// The first source without a direction, or with a wavelength outside of the range of -lambda.
pub(crate) fn sources(
    path: &Path,
    table: &source_file::SourceTable,
    config: &Config,
) -> Result<Vec<String>, InputError> {
    let Some((range, _, unit)) = range_of(Id::Wavelength) else { return Ok(Vec::new()) };
    let listed = Sources::from_rows(&table.rows, &config.beam, &config.frame.axes).list;
    let (mut unusual, mut behind) = (Vec::new(), Vec::new());
    for (source, line) in listed.iter().zip(&table.lines) {
        let length = source.direction.norm();
        if length.is_nan() || (length - 1.0).abs() > 1e-6 {
            return Err(InputError::new(path, "a source without a direction", "X Y Z, not all of them 0")
                .at(format!("line {line}")));
        }
        let wavelength = source.wavelength * 1e10;
        if !range.allows(wavelength) {
            let problem = format!("a wavelength of `{}` m", g6(source.wavelength));
            let hint = if range.unusual(source.wavelength).is_none() {
                "the fifth column is in metres; it looks like Å"
            } else {
                "the fifth column is in metres"
            };
            let expected = format!("{range} {unit}");
            return Err(InputError::new(path, problem, expected).at(format!("line {line}")).hint(hint));
        }
        if range.unusual(wavelength).is_some() {
            unusual.push(*line);
        }
        if source.direction.dot(config.frame.axes.beam) > 0.0 {
            behind.push(*line);
        }
    }
    let suspicious =
        [(unusual, "a wavelength that is unusual"), (behind, "a source that shines against the beam")];
    let sentence = |lines: &[usize], what: &str| {
        let first = lines.first()?;
        let others = if lines.len() > 1 { format!(" and {} more", lines.len() - 1) } else { String::new() };
        Some(format!("`{}`, line {first}{others}: {what}", path.display()))
    };
    Ok(suspicious.iter().filter_map(|(lines, what)| sentence(lines, what)).collect())
}
