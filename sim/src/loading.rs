//! Reads what a run starts from: headers, mask, matrix, reflections or their cache, scattering table, sources.
//!
//! Not here: the formats (`input`), what the values mean (`config`, `model`), which values may be (`ranges`).

pub(crate) mod ranges;

use crate::c_number::strtod;
use crate::cli::parse::{Reading, Setting, parse};
use crate::config::Config;
use crate::config::notice::Notice;
use crate::config::resolve::{HeaderGeometry, Surroundings, header_files, resolve};
use crate::defects::{Defect, Defects};
use crate::engine::Leave;
use crate::engine::threads::each;
use crate::error::{Error, InputError, UsageError};
use crate::input::grid::ReflectionGrid;
use crate::input::header::{HeaderLookup, SmvFile, read_header, read_mask};
use crate::input::provenance::Provenance;
use crate::input::{Leniency, ReadError, cache, hkl, matrix, source_file};
use crate::model::experiment::{Experiment, Inputs};
use crate::output::atomic;
use crate::physics::vec3::Vec3;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A header that was read.
#[derive(Debug)]
pub(crate) struct HeaderFile {
    path: PathBuf,
    /// Its geometry.
    pub geometry: HeaderGeometry,
    /// A mask's pixels.
    pixels: Vec<u16>,
}

/// The headers of -mask and -img.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    /// Of -mask.
    pub mask: Option<HeaderFile>,
    /// Of -img.
    pub image: Option<HeaderFile>,
    /// Warnings about them.
    pub notices: Vec<Notice>,
}

impl Headers {
    /// Judges what they say and no setting overrides; keeps the warnings.
    ///
    /// # Errors
    /// The first value outside of the range that its flag has.
    pub(crate) fn judge(&mut self, settings: &[Setting]) -> Result<(), InputError> {
        let [mask, image] =
            [&self.mask, &self.image].map(|header| header.as_ref().map(|h| (h.path.as_path(), &h.geometry)));
        self.notices.extend(ranges::headers(mask, image, settings)?);
        Ok(())
    }
}

/// Reads the headers of -mask and -img. The reference passes over files that cannot be opened; so does a lenient run.
///
/// # Errors
/// See `input::header`.
pub(crate) fn headers(
    files: [Option<PathBuf>; 2],
    defects: &Defects,
    leniency: Leniency,
) -> Result<Headers, Error> {
    let mut headers = Headers::default();
    let [mask, image] = files;
    if let Some(path) = mask {
        let read = read_mask(&path, leniency);
        if let Some((file, pixels)) = passed_over("-mask", &path, read, leniency, &mut headers.notices)? {
            headers.mask = Some(header(path, &file, pixels, (defects, leniency), &mut headers.notices)?);
        }
    }
    if let Some(path) = image {
        let read = read_header(&path, leniency);
        if let Some(file) = passed_over("-img", &path, read, leniency, &mut headers.notices)? {
            headers.image = Some(header(path, &file, Vec::new(), (defects, leniency), &mut headers.notices)?);
        }
    }
    Ok(headers)
}

fn passed_over<T>(
    flag: &'static str,
    path: &Path,
    read: Result<T, ReadError>,
    leniency: Leniency,
    notices: &mut Vec<Notice>,
) -> Result<Option<T>, Error> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if leniency == Leniency::Reference && error.is_cannot_open() => {
            notices.push(Notice::HeaderPassedOver(flag, path.display().to_string()));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn header(
    path: PathBuf,
    file: &SmvFile,
    pixels: Vec<u16>,
    (defects, leniency): (&Defects, Leniency),
    notices: &mut Vec<Notice>,
) -> Result<HeaderFile, InputError> {
    notices.extend(file.warnings.iter().cloned().map(Notice::Other));
    let emulate = defects.emulates(Defect::HeaderSubstring);
    let lookup = if emulate { HeaderLookup::Substring } else { HeaderLookup::Exact };
    let mut value = |key: &'static str| -> Result<Option<f64>, InputError> {
        if let (false, Leniency::Strict, Some(text)) = (emulate, leniency, file.text(key)) {
            notices.extend(whole_number(&path, key, &text)?);
        }
        if !emulate && file.is_ambiguous(key) {
            let found = |lookup| file.value(key, lookup);
            let (substring, exact) = (found(HeaderLookup::Substring), found(HeaderLookup::Exact));
            notices.push(Notice::HeaderKeyAmbiguous(path.display().to_string(), key, substring, exact));
        }
        Ok(file.value(key, lookup))
    };
    let geometry = HeaderGeometry {
        pixels: [file.width as i32, file.height as i32],
        pixel_size: value("PIXEL_SIZE")?,
        distance: value("DISTANCE")?,
        close_distance: value("CLOSE_DISTANCE")?,
        wavelength: value("WAVELENGTH")?,
        beam_center_x: value("BEAM_CENTER_X")?,
        beam_center_y: value("BEAM_CENTER_Y")?,
        org_x: value("ORGX")?,
        org_y: value("ORGY")?,
        phi: value("PHI")?,
        osc_range: value("OSC_RANGE")?,
    };
    Ok(HeaderFile { path, geometry, pixels })
}

/// Refuses the text of a key that is not a number; returns what is not read of it.
fn whole_number(path: &Path, key: &str, text: &str) -> Result<Option<Notice>, InputError> {
    match strtod(text.as_bytes()) {
        Some((value, used)) if used < text.len() => Ok(Some(Notice::Other(format!(
            "`{}`, key {key}: of `{text}`, `{value}` is read",
            path.display()
        )))),
        Some(_) => Ok(None),
        None => {
            let problem = format!("`{}` is not a number", text.escape_debug());
            Err(InputError::new(path, problem, "a number").at(format!("key {key}")))
        }
    }
}

/// The experiment of a command line, read strictly, with everything its words name, at a fixed time. `cache` is the reflection
/// cache, whatever -dump names: written, as in a run, when a list has been read, and read when there is none. `warn` is called
/// with each warning, in the order of reading.
///
/// # Errors
/// Words that cannot be understood or describe no experiment; files that cannot be read or understood.
pub fn experiment_of(
    args: &[OsString],
    cache: PathBuf,
    defects: Defects,
    warn: &dyn Fn(&str),
) -> Result<Experiment, Error> {
    let settings = parse(args, Reading::Strict)?;
    let mut headers = headers(header_files(&settings), &defects, Leniency::Strict)?;
    headers.judge(&settings)?;
    let around = Surroundings {
        mask: headers.mask.as_ref().map(|m| m.geometry.clone()),
        image: headers.image.as_ref().map(|m| m.geometry.clone()),
        time: 1,
        lenient: false,
    };
    let mut config = resolve(&settings, defects, &around)?;
    config.files.cache = cache;
    for notice in headers.notices.iter().chain(&config.notices) {
        warn(&notice.warning());
    }
    let (inputs, _) = inputs(&config, headers, (Leniency::Strict, 1), &mut LatestList::default(), warn)?;
    Ok(Experiment::new(&config, inputs)?)
}

/// Reads everything else, a long list of reflections on `threads` threads (0 means all cores). The reflection cache is
/// written as soon as a reflection file has been read, and neither is done again for the list of the run before. `warn` is called with each warning, in the order of reading.
///
/// # Errors
/// Nothing to compute from; files that cannot be read or understood; a mask of another size than the detector.
pub(crate) fn inputs(
    config: &Config,
    headers: Headers,
    (leniency, threads): (Leniency, usize),
    latest: &mut LatestList,
    warn: &dyn Fn(&str),
) -> Result<(Inputs, Provenance), Error> {
    let files = &config.files;
    let mut inputs = Inputs::default();
    let mut provenance = Provenance::default();
    provenance.headers.extend(headers.mask.iter().chain(&headers.image).map(|h| h.path.clone()));
    inputs.mask = mask(headers.mask, config, leniency)?;
    something_to_render(config)?;

    if let Some(path) = &files.matrix {
        inputs.matrix = read_matrix(path, config, leniency, warn)?;
        provenance.matrix = inputs.matrix.is_some().then(|| path.clone());
    }
    inputs.reflections = reflections(config, (leniency, threads), latest, warn, &mut provenance)?;
    if let Some(path) = &files.scattering_table {
        let table = source_file::read_table::<2>(path, leniency)?;
        table.warnings.iter().for_each(|w| warn(w));
        provenance.scattering_table = Some(path.clone());
    }
    if let Some(path) = &files.sources {
        let table = source_file::read(path, leniency)?;
        table.warnings.iter().for_each(|w| warn(w));
        if leniency == Leniency::Strict {
            ranges::sources(path, &table, config)?.iter().for_each(|w| warn(w));
        }
        inputs.sources = Some(table.rows);
    }
    Ok((inputs, provenance))
}

fn mask(
    header: Option<HeaderFile>,
    config: &Config,
    leniency: Leniency,
) -> Result<Option<Vec<u16>>, UsageError> {
    let Some(header) = header else { return Ok(None) };
    let [width, height] = header.geometry.pixels;
    let [fast, slow] = config.detector.pixels;
    if leniency == Leniency::Strict && (width as usize, height as usize) != (fast, slow) {
        return Err(UsageError::new(
            format!("the mask has `{width} x {height}` pixels, the detector `{fast} x {slow}`"),
            "a mask of the detector's size",
        )
        .hint("leave out -detpixels and -detsize: the mask's header sets the size"));
    }
    Ok(Some(header.pixels))
}

/// The reference's own test, with its exit status.
fn something_to_render(config: &Config) -> Result<(), Error> {
    let files = &config.files;
    let reflections = files.hkl.is_some() || config.crystal.default_f != 0.0 || files.cache.is_file();
    let cell = files.matrix.is_some() || config.crystal.cell.is_some_and(|c| c.lengths[0] != 0.0);
    let missing = match (reflections, cell) {
        (true, true) => return Ok(()),
        (false, true) => format!(
            "no structure factors: give -hkl FILE or -default_F F (there is no cache `{}`)",
            files.cache.display()
        ),
        (true, false) => "no unit cell: give -cell A B C ALPHA BETA GAMMA or -mat FILE".to_owned(),
        (false, false) => {
            "nothing to render: give a unit cell (-cell or -mat) and structure factors (-hkl or -default_F)"
                .to_owned()
        }
    };
    Err(Error::NothingToRender(format!(
        "{missing}\nusage: nanobragg -cell A B C ALPHA BETA GAMMA -hkl FILE [flags]; see --help"
    )))
}

/// Columns of the matrix. With a cell the reference goes on where there is no file, or with the numbers that a broken one
/// begins with; without a cell it has nothing to go on with.
fn read_matrix(
    path: &Path,
    config: &Config,
    leniency: Leniency,
    warn: &dyn Fn(&str),
) -> Result<Option<[Vec3<Option<f64>>; 3]>, Error> {
    let lenient = leniency == Leniency::Reference && config.crystal.cell.is_some();
    let columns =
        |[x, y, z]: matrix::PartialMatrix| Some([0, 1, 2].map(|i| Vec3 { x: x[i], y: y[i], z: z[i] }));
    match matrix::read(path, leniency) {
        Ok(rows) => Ok(columns(rows.map(|row| row.map(Some)))),
        Err(e) if lenient => {
            warn(&format!("{}; passed over, as the reference does", e.error()));
            if e.is_cannot_open() { Ok(None) } else { Ok(columns(matrix::read_partly(path)?)) }
        }
        Err(error) => Err(error.into()),
    }
}

/// The list that was read last, for the next run.
#[derive(Debug, Default)]
pub(crate) struct LatestList(Option<ListRead>);

/// A list, and what it was read from.
#[derive(Debug)]
struct ListRead {
    /// The file of -hkl if there is one, the cache, and the bits of the amplitude of what is not listed.
    source: (Option<PathBuf>, PathBuf, u64),
    list: Arc<ReflectionGrid>,
    hkl_remarks: Vec<String>,
    cache_written: bool,
}

/// The reflection list: that of -hkl, or the cache that an earlier run left, or none.
fn reflections(
    config: &Config,
    (leniency, threads): (Leniency, usize),
    LatestList(latest): &mut LatestList,
    warn: &dyn Fn(&str),
    provenance: &mut Provenance,
) -> Result<Option<Arc<ReflectionGrid>>, Error> {
    let (hkl, cache, default_f) = (&config.files.hkl, &config.files.cache, config.crystal.default_f);
    let source = (hkl.clone(), cache.clone(), default_f.to_bits());
    if latest.as_ref().is_none_or(|latest| latest.source != source) {
        *latest = None;
        if hkl.is_none() && !cache.is_file() {
            return Ok(None);
        }
        let (list, hkl_remarks, cache_written) = match hkl {
            Some(path) => read_list(path, cache, default_f, (leniency, threads), warn)?,
            None => (read_cache(cache, leniency, warn)?, Vec::new(), false),
        };
        *latest = Some(ListRead { source, list: list.into(), hkl_remarks, cache_written });
    }
    let Some(ListRead { list, hkl_remarks, cache_written, .. }) = latest else { return Ok(None) };
    provenance.hkl.clone_from(hkl);
    provenance.hkl_remarks.clone_from(hkl_remarks);
    provenance.cache_read = hkl.is_none().then(|| cache.clone());
    provenance.cache_written = cache_written.then(|| cache.clone());
    Ok(Some(Arc::clone(list)))
}

/// Reads the list of -hkl and writes the cache; the summary has a line of its own for fractional indices, which come back.
fn read_list(
    path: &Path,
    cache_path: &Path,
    default_f: f64,
    (leniency, threads): (Leniency, usize),
    warn: &dyn Fn(&str),
) -> Result<(ReflectionGrid, Vec<String>, bool), Error> {
    let all = |pieces: &[&[u8]]| each(threads, pieces, |piece| hkl::plain(piece));
    let read = hkl::read_text_in_pieces(path, default_f, leniency, all)?;
    let (fractional, others): (Vec<_>, Vec<_>) =
        read.warnings.into_iter().partition(|w| w.starts_with("non-integer value"));
    others.iter().for_each(|w| warn(w));
    if leniency == Leniency::Strict {
        ranges::amplitudes(path, &read.grid)?;
    }
    let written = atomic::write(cache_path, |out| cache::write_cache(&read.grid, out));
    if let Err(error) = &written {
        warn(&format!("reflection cache: {error}; the run goes on without it"));
    }
    Ok((read.grid, fractional, written.is_ok()))
}

fn read_cache(path: &Path, leniency: Leniency, warn: &dyn Fn(&str)) -> Result<ReflectionGrid, Error> {
    let read = cache::read_cache(path, leniency)?;
    read.warnings.iter().for_each(|w| warn(w));
    if leniency == Leniency::Strict {
        ranges::amplitudes(path, &read.grid)?;
    }
    warn(&format!(
        "no -hkl given: structure factors come from the cache `{}` that an earlier run left",
        path.display()
    ));
    Ok(read.grid)
}

/// What to say about an interpolation that left the reflection list.
pub(crate) fn left_list_warning(leave: &Leave, stops: bool) -> String {
    let [h, k, l] = leave.hkl.map(|x| format!("{x:.3}"));
    let consequence = if stops {
        "interpolation is off from there on, for the rest of the image (C-INTERP-001)"
    } else {
        "the nearest reflection is taken there, and wherever else the list is left"
    };
    format!(
        "pixel slow {}, fast {}: interpolation at h k l = {h} {k} {l} needs reflections beyond the list; {consequence}",
        leave.pixel.slow, leave.pixel.fast
    )
}
