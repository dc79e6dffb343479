//! Variables of HDF5 and NetCDF-4 files: numbers, truth values and complex numbers as `h5py` writes them.
//!
//! Variables in one run of bytes stay where they are; chunks are unpacked some rows at a time. Fill values and attributes say nothing here.
//! Not here: the format (the crate `hdf5-pure`).

use std::io::Write;

use hdf5_pure::{
    ChunkIndex, Dataset, Datatype, DatatypeByteOrder, Error, File, FloatingPointLayout, FormatError, Layout,
};
use nanobragg::error::InputError;

use crate::array::data::{Array, DecodedNumbers, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::{ArrayError, shape_text};
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::ByteSource;

pub(super) const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

const EXPECTED: &str = "a variable of an HDF5 or NetCDF-4 file";

/// What helps where the chunks of a variable are found or packed in a way that the crate does not know. A copy by the library's own means keeps
/// the way; one that is written as new does not.
const WRITE_AS_NEW: &str = "write it in the form of earlier versions, as h5py does: `h5py.File('new.h5', 'w')['x'] = h5py.File('old.h5')['x'][()]`";

/// No packed byte becomes more bytes than these.
const RATIO: u64 = 1032;

/// Bytes that are unpacked at a time, where a chunk has no more.
const AT_A_TIME: u64 = 8 << 20;

/// Names that a message lists, at most.
const SHOWN: usize = 12;

/// The bytes of a file as the crate reads them.
struct Content {
    source: ByteSource,
    length: u64,
}

impl hdf5_pure::Source for Content {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, place: u64, into: &mut [u8]) -> Result<(), FormatError> {
        self.source.read_at(place, into).map_err(|e| FormatError::Source(e.to_string()))
    }
}

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    let broken = |e: Error| given.wrong(format!("cannot be read as HDF5: {e}"), EXPECTED);
    let content = Content { source: given.source.clone(), length: given.length()? };
    let file = File::from_source(content).map_err(broken)?;
    let name = variable(given, &file)?;
    let variable = file.dataset(&name).map_err(|e| {
        let expected = format!("one of {}", listed(&names(&file)));
        given.wrong(format!("has no variable `{name}`: {e}"), expected)
    })?;
    let lengths = variable.shape().map_err(broken)?;
    let shape: Option<Vec<usize>> = lengths.iter().map(|length| usize::try_from(*length).ok()).collect();
    let datatype = variable.datatype().map_err(broken)?;
    let Some((element, bytes)) = element_of(&datatype) else {
        let problem = format!("has a variable `{name}` of another type than numbers: {}", kind(&datatype));
        return Err(given.wrong(problem, "integers, floats, truth values or complex numbers").into());
    };
    let mut stored = Stored { shape: shape.unwrap_or_default(), element, bytes, order: Order::C, start: 0 };
    let most = given.length()?.saturating_mul(RATIO);
    let Some(length) = stored.length().filter(|length| *length <= most) else {
        let problem = format!(
            "has a variable `{name}` of shape `{}`, more than such a file can hold",
            shape_text(&stored.shape)
        );
        return Err(given.wrong(problem, EXPECTED).into());
    };
    if let Ok(Layout::Contiguous { address: Some(address), size }) = variable.layout()
        && size >= length
    {
        stored.start = address;
        return Array::of(given.path, given.source.clone(), stored);
    }
    unpack(given, &variable, stored, length)
}

fn unpack(
    given: &ArrayInput<'_>,
    variable: &Dataset,
    stored: Stored,
    length: u64,
) -> Result<Array, ArrayError> {
    let mut decoded = DecodedNumbers::of(length);
    let rows = stored.shape.first().map_or(1, |rows| *rows as u64);
    let row = length.checked_div(rows).unwrap_or(0).max(1);
    let chunk =
        variable.chunk_shape().ok().flatten().and_then(|chunk| chunk.first().copied()).unwrap_or(1).max(1);
    // Whole chunks, so that none is unpacked twice.
    let step = (AT_A_TIME / row / chunk).max(1).saturating_mul(chunk);
    let mut start = 0;
    while start < rows && length > 0 {
        let content = variable
            .read_raw_rows(start, step.min(rows - start))
            .map_err(|e| refused(given, variable, &e))?;
        decoded.write_all(&content).map_err(|e| InputError::io(given.path, WHAT, &e))?;
        start += step;
    }
    if !decoded.is_whole() {
        return Err(given.wrong("has a variable that ends before its last element", EXPECTED).into());
    }
    decoded.finish(given.path, stored)
}

/// Why the chunks of a variable cannot be read.
fn refused(given: &ArrayInput<'_>, variable: &Dataset, error: &Error) -> InputError {
    let newer = |problem: &str| given.wrong(problem, EXPECTED).hint(WRITE_AS_NEW);
    if let Error::Format(FormatError::InvalidLayoutVersion(version)) = error {
        return newer(&format!(
            "has a variable whose layout is of version `{version}`, which is that of HDF5 2.0"
        ));
    }
    match variable.layout() {
        Ok(Layout::Chunked { index: ChunkIndex::BTreeV2, .. }) => newer(
            "has a variable that may grow along several axes, whose chunks stand in a tree of version 2",
        ),
        _ => given.wrong(format!("cannot be read as HDF5: {error}"), EXPECTED),
    }
}

/// The name of the variable that is meant.
fn variable(given: &ArrayInput<'_>, file: &File) -> Result<String, InputError> {
    if let Some(part) = given.part {
        return Ok(part.trim_start_matches('/').to_owned());
    }
    let names = names(file);
    match names.as_slice() {
        [name] => Ok(name.clone()),
        _ => {
            let problem = format!("holds {} variables, and none of them is named", names.len());
            let expected = format!("one of {}", listed(&names));
            Err(given.wrong(problem, expected).hint("name the variable behind a colon: FILE.h5:/path/to/it"))
        }
    }
}

/// Variables of the root and of the groups in it.
fn names(file: &File) -> Vec<String> {
    let root = file.root();
    let mut names = root.datasets().unwrap_or_default();
    for group in root.groups().unwrap_or_default() {
        let inner = file.group(&group).and_then(|group| group.datasets()).unwrap_or_default();
        names.extend(inner.iter().map(|name| format!("{group}/{name}")));
    }
    names
}

fn listed(names: &[String]) -> String {
    let mut text = names.iter().take(SHOWN).map(|name| format!("/{name}")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text += ", ...";
    }
    text
}

/// IEEE floats of 16 bits.
const HALF: FloatingPointLayout = FloatingPointLayout {
    bit_offset: 0,
    bit_precision: 16,
    exponent_location: 10,
    exponent_size: 5,
    mantissa_location: 0,
    mantissa_size: 10,
    exponent_bias: 15,
};

/// The type of numbers and the order of their bytes, of types that are read.
fn element_of(datatype: &Datatype) -> Option<(ElementType, ByteOrder)> {
    let order = |order: DatatypeByteOrder| match order {
        DatatypeByteOrder::LittleEndian => Some(ByteOrder::Little),
        DatatypeByteOrder::BigEndian => Some(ByteOrder::Big),
        DatatypeByteOrder::Vax => None,
    };
    let element = match datatype {
        Datatype::FixedPoint { size, byte_order, layout } => {
            let is_whole = layout.bit_offset == 0 && u32::from(layout.bit_precision) == size * 8;
            let element = match (size, layout.signed) {
                (1, true) => ElementType::I8,
                (2, true) => ElementType::I16,
                (4, true) => ElementType::I32,
                (8, true) => ElementType::I64,
                (1, false) => ElementType::U8,
                (2, false) => ElementType::U16,
                (4, false) => ElementType::U32,
                (8, false) => ElementType::U64,
                _ => return None,
            };
            (element, order(*byte_order).filter(|_| is_whole)?)
        }
        Datatype::FloatingPoint { size, byte_order, layout } => {
            let (element, ieee) = match size {
                2 => (ElementType::F16, HALF),
                4 => (ElementType::F32, FloatingPointLayout::IEEE754_BINARY32),
                8 => (ElementType::F64, FloatingPointLayout::IEEE754_BINARY64),
                _ => return None,
            };
            (element, order(*byte_order).filter(|_| *layout == ieee)?)
        }
        Datatype::Enumeration { base_type, members, size: 1 } => {
            let (_, bytes) = element_of(base_type)?;
            let mut named: Vec<(&str, &[u8])> =
                members.iter().map(|member| (member.name.as_str(), member.value.as_slice())).collect();
            named.sort_unstable();
            // Other numbers of these names would be other truth values.
            (named == [("FALSE", [0].as_slice()), ("TRUE", &[1])]).then_some((ElementType::Bool, bytes))?
        }
        Datatype::Compound { size, members } => {
            let [real, imaginary] = members.as_slice() else { return None };
            // The names that h5py and NetCDF give to the parts: other records of two floats are no numbers.
            if ![["r", "i"], ["real", "imag"]].contains(&[&real.name, &imaginary.name].map(String::as_str)) {
                return None;
            }
            let ((a, bytes), (b, other)) = (element_of(&real.datatype)?, element_of(&imaginary.datatype)?);
            let element = match (a, b) {
                (ElementType::F32, ElementType::F32) => ElementType::Complex64,
                (ElementType::F64, ElementType::F64) => ElementType::Complex128,
                _ => return None,
            };
            let is_tight = real.byte_offset == 0
                && imaginary.byte_offset == a.size() as u64
                && *size as usize == element.size()
                && bytes == other;
            is_tight.then_some((element, bytes))?
        }
        _ => return None,
    };
    Some(element)
}

/// What a type is called.
fn kind(datatype: &Datatype) -> &'static str {
    match datatype {
        Datatype::FixedPoint { .. } => "integers of an unusual size",
        Datatype::FloatingPoint { .. } => "floats of an unusual layout",
        Datatype::String { .. } | Datatype::VariableLength { .. } => "text or lists",
        Datatype::Compound { .. } => "records",
        Datatype::Enumeration { .. } => "names of states",
        Datatype::Array { .. } => "arrays in each element",
        _ => "no numbers",
    }
}

#[cfg(test)]
mod tests {
    use hdf5_pure::{CompoundTypeBuilder, EnumTypeBuilder, make_f32_type, make_i8_type};

    use super::*;

    #[test]
    fn records_are_complex_numbers_by_the_names_of_their_parts_alone() {
        let record = |names: [&str; 2]| {
            let [a, b] = names;
            CompoundTypeBuilder::new().f64_field(a).f64_field(b).build().expect("a type")
        };
        for names in [["r", "i"], ["real", "imag"]] {
            assert_eq!(element_of(&record(names)), Some((ElementType::Complex128, ByteOrder::Little)));
        }
        for names in [["i", "r"], ["imag", "real"], ["mass", "charge"], ["r", "imag"]] {
            assert_eq!(element_of(&record(names)), None, "{names:?}");
        }
    }

    #[test]
    fn truth_values_are_names_with_the_numbers_of_h5py() {
        let states = |no: &str, yes: &str| {
            let states = EnumTypeBuilder::with_base(make_i8_type()).raw_value(no, &[0]).raw_value(yes, &[1]);
            element_of(&states.build().expect("a type")).map(|(element, _)| element)
        };
        assert_eq!(states("FALSE", "TRUE"), Some(ElementType::Bool));
        assert_eq!([states("TRUE", "FALSE"), states("OFF", "ON")], [None, None]);
    }

    #[test]
    fn floats_are_those_of_ieee() {
        let Datatype::FloatingPoint { size, byte_order, layout } = make_f32_type() else { panic!("a float") };
        let float = |layout| element_of(&Datatype::FloatingPoint { size, byte_order, layout });
        assert_eq!(float(layout), Some((ElementType::F32, ByteOrder::Little)));
        let others = [
            FloatingPointLayout { exponent_bias: 100, ..layout },
            FloatingPointLayout { mantissa_location: 1, ..layout },
            FloatingPointLayout { exponent_location: 22, ..layout },
        ];
        assert!(others.into_iter().all(|other| float(other).is_none()));
    }
}
