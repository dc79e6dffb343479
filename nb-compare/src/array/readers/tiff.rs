//! TIFF images: integers and floats of 8 to 64 bits, plain, deflated or packed by LZW; several pages of one kind as one array.
//!
//! The shape is (rows, columns), with samples behind and pages before, as `tifffile` has it. Not here: decoding (the crate `tiff`).

use std::io::Write;

use nanobragg::error::InputError;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use crate::array::data::{Array, DecodedNumbers, Stored, length_of};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::Cursor;

pub(super) const MAGICS: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];

const EXPECTED: &str = "a TIFF image of integers or floats of 8 to 64 bits";

/// No packed byte becomes more bytes than these.
const RATIO: u64 = 1400;

/// No page has more bytes.
const LARGEST_PAGE: u64 = 4 << 30;

/// More pages than these are not read.
const MOST_PAGES: usize = 100_000;

/// The decoded samples, and their type.
fn samples(result: &mut DecodingResult) -> (ElementType, Vec<u8>) {
    let element = match result {
        DecodingResult::U8(_) => ElementType::U8,
        DecodingResult::U16(_) => ElementType::U16,
        DecodingResult::U32(_) => ElementType::U32,
        DecodingResult::U64(_) => ElementType::U64,
        DecodingResult::F16(_) => ElementType::F16,
        DecodingResult::F32(_) => ElementType::F32,
        DecodingResult::F64(_) => ElementType::F64,
        DecodingResult::I8(_) => ElementType::I8,
        DecodingResult::I16(_) => ElementType::I16,
        DecodingResult::I32(_) => ElementType::I32,
        DecodingResult::I64(_) => ElementType::I64,
    };
    (element, result.as_buffer(0).as_bytes().to_vec())
}

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    let broken = |e: TiffError| given.wrong(format!("is no TIFF image that can be read: {e}"), EXPECTED);
    let refused = |e: std::io::Error| InputError::io(given.path, WHAT, &e);
    let wanted = match given.part {
        None => None,
        Some(part) => Some(part.parse::<usize>().map_err(|_| {
            given.wrong(format!("has no page `{part}`"), "the number of a page, the first being 0")
        })?),
    };
    let most = given.length()?.saturating_mul(RATIO);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(most.min(LARGEST_PAGE)).unwrap_or(usize::MAX);
    let cursor = Cursor::at(&given.source, 0).map_err(refused)?;
    let mut decoder = Decoder::new(cursor).map_err(broken)?.with_limits(limits);
    let (mut pages, mut first): (usize, Option<(Vec<usize>, ElementType)>) = (0, None);
    let mut decoded = DecodedNumbers::of(most);
    for number in 0.. {
        if number == MOST_PAGES {
            return Err(given.wrong(format!("has more than {MOST_PAGES} pages"), EXPECTED).into());
        }
        if wanted.is_none_or(|wanted| wanted == number) {
            let shape = shape(given, &mut decoder)?;
            let mut result = decoder.read_image().map_err(broken)?;
            let (element, bytes) = samples(&mut result);
            if length_of(&shape, element) != Some(bytes.len() as u64) {
                return Err(given
                    .wrong(format!("has a page of another size than it says: {number}"), EXPECTED)
                    .into());
            }
            let kind = (shape, element);
            if first.as_ref().is_some_and(|first| *first != kind) {
                let hint = "name the page behind a colon: FILE.tif:0";
                return Err(given
                    .wrong("has pages of several shapes or types", "pages of one kind")
                    .hint(hint)
                    .into());
            }
            decoded.write_all(&bytes).map_err(refused)?;
            first = Some(kind);
            pages += 1;
        }
        if !decoder.more_images() || wanted == Some(number) {
            break;
        }
        decoder.next_image().map_err(broken)?;
    }
    let Some((page, element)) = first else {
        let problem = format!("has no page `{}`", given.part.unwrap_or_default());
        return Err(given.wrong(problem, "the number of a page, the first being 0").into());
    };
    let shape = if pages > 1 { [vec![pages], page].concat() } else { page };
    let (bytes, order) = (ByteOrder::OWN, Order::C);
    decoded.finish(given.path, Stored { shape, element, bytes, order, start: 0 })
}

/// Rows, columns, and samples where there are several.
fn shape(given: &ArrayInput<'_>, decoder: &mut Decoder<Cursor>) -> Result<Vec<usize>, ArrayError> {
    let broken = |e: TiffError| given.wrong(format!("is no TIFF image that can be read: {e}"), EXPECTED);
    /// `PhotometricInterpretation` of images whose numbers the decoder would turn round.
    const WHITE_IS_ZERO: u32 = 0;
    /// `PlanarConfiguration` of images with a plane for each sample.
    const PLANAR: u32 = 2;
    let tag = |decoder: &mut Decoder<Cursor>, tag| decoder.find_tag_unsigned::<u32>(tag).map_err(broken);
    let (columns, rows) = decoder.dimensions().map_err(broken)?;
    let colour = decoder.colortype().map_err(broken)?;
    let samples = match colour {
        ColorType::Gray(8 | 16 | 32 | 64) => 1,
        ColorType::GrayA(8 | 16 | 32 | 64) => 2,
        ColorType::RGB(8 | 16 | 32 | 64) => 3,
        ColorType::RGBA(8 | 16 | 32 | 64) => 4,
        ColorType::Multiband { bit_depth: 8 | 16 | 32 | 64, num_samples } => usize::from(num_samples),
        other => return Err(given.wrong(format!("has pixels of kind {other:?}"), EXPECTED).into()),
    };
    if tag(decoder, Tag::PhotometricInterpretation)? == Some(WHITE_IS_ZERO) {
        return Err(given.wrong("has pixels whose white is 0", "pixels whose black is 0").into());
    }
    if samples > 1 && tag(decoder, Tag::PlanarConfiguration)? == Some(PLANAR) {
        return Err(given.wrong("has a plane for each sample", "samples beside each other").into());
    }
    let mut shape = vec![rows as usize, columns as usize];
    shape.extend((samples > 1).then_some(samples));
    Ok(shape)
}
