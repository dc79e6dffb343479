//! Opening an array of any format that is read.
//!
//! Not here: the formats, a file for each.

mod cbf;
mod csv;
mod edf;
mod fits;
mod given;
mod hdf5;
mod npy;
mod npz;
mod raw;
mod smv;
mod tiff;

use std::path::Path;
use std::sync::Arc;

use nanobragg::error::InputError;
use trace_harness::evidence::bundle::reading::regular;

use crate::array::data::Array;
use crate::array::element::ElementType;
use crate::array::error::ArrayError;
use crate::array::format::{Format, Spec};
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::ByteSource;

/// Opens the array that `spec` names: a file, or `FILE:PART` where it holds several or does not say its layout.
///
/// # Errors
/// The file cannot be read, is not what its format asks for, or holds no such array.
pub fn open(spec: &Path, format: &Format) -> Result<Array, ArrayError> {
    open_spec(&Spec::of(spec), format)
}

/// As [`open`], of a file and a part that are known.
///
/// # Errors
/// As [`open`].
pub fn open_spec(Spec { path, part }: &Spec, format: &Format) -> Result<Array, ArrayError> {
    let file = regular::open(path).map_err(|e| InputError::io(path, WHAT, &e))?;
    read(&ArrayInput { path, source: ByteSource::File(Arc::new(file)), part: part.as_deref() }, format)
}

/// Whether a file, or `FILE:PART`, is an array and no 2-D image of floats, as far as its first bytes say.
pub fn is_array(spec: &Path) -> bool {
    let Spec { path, part } = Spec::of(spec);
    // Who opens a pipe only to look at it takes its writer away from whoever reads it.
    let file =
        path.metadata().ok().filter(std::fs::Metadata::is_file).and_then(|_| regular::open(&path).ok());
    let Some(file) = file else { return part.is_some() };
    let given = ArrayInput { path: &path, source: ByteSource::File(Arc::new(file)), part: part.as_deref() };
    match (part.is_some(), known(&given)) {
        (true, _) => true,
        // A broken header is a matter of whoever reads it.
        (_, Ok(Some(Format::Npy))) => npy::read(&given).is_ok_and(|array| {
            let is_float = matches!(array.element(), ElementType::F32 | ElementType::F64);
            array.shape().len() != 2 || !is_float
        }),
        // The image comparison reads it.
        (_, Ok(Some(Format::Smv))) => false,
        (_, found) => found.is_ok_and(|format| format.is_some()),
    }
}

/// As [`open`], from the content of a file; `path` is for messages only.
///
/// # Errors
/// As [`open`].
pub fn parse(path: &Path, bytes: &[u8], part: Option<&str>, format: &Format) -> Result<Array, ArrayError> {
    read(&ArrayInput { path, source: ByteSource::Memory(bytes.into()), part }, format)
}

fn read(given: &ArrayInput<'_>, format: &Format) -> Result<Array, ArrayError> {
    match format {
        Format::Npy => npy::read(given),
        Format::Npz => npz::read(given),
        Format::Smv => smv::read(given),
        Format::Csv => csv::read(given),
        Format::Tiff => tiff::read(given),
        Format::Fits => fits::read(given),
        Format::Edf => edf::read(given),
        Format::Cbf => cbf::read(given),
        Format::Hdf5 => hdf5::read(given),
        Format::Raw(layout) => raw::read(given, layout),
        Format::Auto => match known(given)? {
            Some(format) => read(given, &format),
            None => Err(unknown(given).into()),
        },
    }
}

/// Bytes that are looked at to know a format.
const LOOKED_AT: usize = 1 << 13;

/// What the file's first bytes say it is, or what stands behind the colon.
fn known(given: &ArrayInput<'_>) -> Result<Option<Format>, InputError> {
    if let Some(layout) = given.part.filter(|part| part.contains("dtype=")) {
        let layout = layout.parse().map(Format::Raw);
        return layout.map(Some).map_err(|e| given.wrong(e.to_string(), ""));
    }
    let start = given.start(LOOKED_AT)?;
    let starts = [
        (npy::MAGIC, Format::Npy),
        (npz::MAGIC, Format::Npz),
        (fits::MAGIC, Format::Fits),
        (cbf::MAGIC, Format::Cbf),
        (hdf5::MAGIC, Format::Hdf5),
    ];
    let mut starts = starts.into_iter().chain(tiff::MAGICS.map(|magic| (magic, Format::Tiff)));
    Ok(match starts.find(|(magic, _)| start.starts_with(magic)) {
        Some((_, format)) => Some(format),
        None if edf::is_edf(&start) && start.trim_ascii_start().starts_with(b"{") => Some(Format::Edf),
        None if start.starts_with(b"{") => Some(Format::Smv),
        None if csv::is_matrix(&start) => Some(Format::Csv),
        None => None,
    })
}

fn unknown(given: &ArrayInput<'_>) -> InputError {
    let hint = "bare numbers need their layout behind a colon: FILE:dtype=<f8,shape=100x200";
    given
        .wrong(
            "is of no format that is known by its first bytes",
            "NumPy (npy, npz), HDF5, NetCDF-4, TIFF, FITS, EDF, CBF, SMV, or a matrix as text",
        )
        .hint(hint)
}
