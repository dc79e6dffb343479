//! Images in FITS files: the first header with data, or the extension of a number or name.
//!
//! By hand: what is read of the format are cards of 80 bytes and numbers behind them, and the crates for it wrap a C library or decode into
//! memory at once. Numbers with BSCALE and BZERO become what `astropy` makes of them. Not here: tables, and images compressed in them.
//!
//! Format: <https://fits.gsfc.nasa.gov/fits_standard.html>, version 4.0.

use std::io::{Read, Write};

use nanobragg::error::InputError;

use crate::array::data::{Array, DecodedNumbers, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::Cursor;

pub(super) const MAGIC: &[u8] = b"SIMPLE  =";

const BLOCK: u64 = 2880;
const CARD: usize = 80;

/// No header has more blocks.
const LONGEST_HEADER: u64 = 10_000;

const EXPECTED: &str = "a FITS file with an image";

/// What helps where an image is packed into a table, tile by tile.
const UNPACK: &str = "unpack it: CFITSIO's `funpack FILE.fits.fz`, or astropy: `numpy.save('a.npy', astropy.io.fits.getdata('FILE.fits', 1))`";

/// What a header says.
#[derive(Default)]
struct FitsHeader {
    cards: Vec<(String, String)>,
    /// Where its data begin, bytes.
    data: u64,
}

impl FitsHeader {
    fn get(&self, key: &str) -> Option<&str> {
        self.cards.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.parse().ok()
    }

    fn float(&self, key: &str) -> Option<f64> {
        self.get(key)?.replace(['D', 'd'], "E").parse().ok()
    }

    /// Lengths of the axes, the slowest first.
    fn shape(&self) -> Option<Vec<usize>> {
        let axes = self.integer("NAXIS").filter(|axes| (0..=999).contains(axes))?;
        (1..=axes).rev().map(|axis| usize::try_from(self.integer(&format!("NAXIS{axis}"))?).ok()).collect()
    }

    /// Bytes of its data, with no rest of a block.
    fn data_length(&self) -> Option<u64> {
        let shape = self.shape()?;
        // The first axis of a group of parameters is 0, and counts as none.
        let shape = if shape.is_empty() { vec![0] } else { shape };
        let elements = shape.iter().try_fold(1_u64, |n, length| n.checked_mul(*length as u64))?;
        let count = |key: &str, usual: i64| u64::try_from(self.integer(key).unwrap_or(usual)).ok();
        let all = elements.checked_add(count("PCOUNT", 0)?)?.checked_mul(count("GCOUNT", 1)?)?;
        let bits = self.integer("BITPIX").filter(|bits| [8, 16, 32, 64, -32, -64].contains(bits))?;
        all.checked_mul(bits.unsigned_abs() / 8)
    }
}

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    let length = given.length()?;
    let (mut place, mut names, mut hint) =
        (0, Vec::new(), "name an extension by its number or EXTNAME behind a colon: FILE.fits:1");
    for number in 0_usize.. {
        // What may stand behind the last one is filled up to a block, and no header.
        if place + CARD as u64 > length || number > 0 && !has_extension(given, place)? {
            break;
        }
        let header = header(given, place)?;
        let Some(data) = header.data_length().and_then(|data| header.data.checked_add(data)) else {
            let problem = "has a header whose BITPIX, NAXIS or NAXISn is none";
            return Err(given.wrong(problem, EXPECTED).at(format!("header {number}")).into());
        };
        let is_image = matches!(header.get("XTENSION"), None | Some("IMAGE"));
        let name = header.get("EXTNAME").unwrap_or_default().to_owned();
        let is_meant = match given.part {
            None => is_image && data > header.data,
            Some(part) => part == name || part.parse() == Ok(number),
        };
        let is_packed = header.get("ZIMAGE") == Some("T");
        if is_packed {
            hint = UNPACK;
        }
        if is_meant && !is_image {
            let hint = if is_packed { UNPACK } else { "" };
            let what = if is_packed { "an image that is packed into a table" } else { "a table" };
            let problem = format!("has {what} as extension `{number}`");
            return Err(given.wrong(problem, EXPECTED).hint(hint).into());
        }
        if is_meant {
            return image(given, &header);
        }
        names.push(if name.is_empty() { number.to_string() } else { format!("{number} ({name})") });
        place = data.div_ceil(BLOCK).saturating_mul(BLOCK);
    }
    let problem = match given.part {
        None => "has no image".to_owned(),
        Some(part) => format!("has no extension `{part}`"),
    };
    Err(given.wrong(problem, format!("one of {}", names.join(", "))).hint(hint).into())
}

fn has_extension(given: &ArrayInput<'_>, place: u64) -> Result<bool, InputError> {
    let mut start = [0; 8];
    given.source.read_at(place, &mut start).map_err(|e| InputError::io(given.path, WHAT, &e))?;
    Ok(start == *b"XTENSION")
}

/// The header that begins at `place`.
fn header(given: &ArrayInput<'_>, place: u64) -> Result<FitsHeader, InputError> {
    let mut header = FitsHeader::default();
    for block in 0..LONGEST_HEADER {
        let mut cards = [0; BLOCK as usize];
        let at = place + block * BLOCK;
        let cut = |_| given.wrong("ends inside a header", EXPECTED).at(format!("byte {at}"));
        given.source.read_at(at, &mut cards).map_err(cut)?;
        for card in cards.chunks(CARD) {
            let card = String::from_utf8_lossy(card);
            let (key, rest) = card.split_at_checked(8).unwrap_or((&card, ""));
            if key.trim_end() == "END" {
                header.data = at + BLOCK;
                return Ok(header);
            }
            if let Some(value) = rest.strip_prefix('=') {
                header.cards.push((key.trim_end().to_owned(), value_of(value)));
            }
        }
    }
    Err(given.wrong("has a header without an end", EXPECTED).at(format!("byte {place}")))
}

/// The value of a card: a text without its quotes, or what stands before the comment.
fn value_of(text: &str) -> String {
    match text.trim_start().strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next().unwrap_or_default().trim_end().to_owned(),
        None => text.split('/').next().unwrap_or_default().trim().to_owned(),
    }
}

fn image(given: &ArrayInput<'_>, header: &FitsHeader) -> Result<Array, ArrayError> {
    let element = match header.integer("BITPIX") {
        Some(8) => ElementType::U8,
        Some(16) => ElementType::I16,
        Some(32) => ElementType::I32,
        Some(64) => ElementType::I64,
        Some(-32) => ElementType::F32,
        Some(-64) => ElementType::F64,
        _ => {
            let says = header.get("BITPIX").unwrap_or("nothing");
            return Err(given.wrong(format!("has BITPIX `{says}`"), "8, 16, 32, 64, -32 or -64").into());
        }
    };
    let shape = header.shape().unwrap_or_default();
    let stored = Stored { shape, element, bytes: ByteOrder::Big, order: Order::C, start: header.data };
    let (scale, zero) = (header.float("BSCALE").unwrap_or(1.0), header.float("BZERO").unwrap_or(0.0));
    let blank = header.integer("BLANK").filter(|_| element.is_integer());
    // The header's word is held against the file before anything is made of it.
    let plain = Array::of(given.path, given.source.clone(), stored.clone())?;
    if (scale, zero, blank) == (1.0, 0.0, None) {
        return Ok(plain);
    }
    scaled(given, stored, scale, zero, blank)
}

/// Integers of the other sign, or physical values, as `astropy` makes them.
fn scaled(
    given: &ArrayInput<'_>,
    stored: Stored,
    scale: f64,
    zero: f64,
    blank: Option<i64>,
) -> Result<Array, ArrayError> {
    let (element, size) = (stored.element, stored.element.size());
    let other_sign = match (element, scale == 1.0) {
        (ElementType::U8, true) if zero == -128.0 => Some(ElementType::I8),
        (ElementType::I16, true) if zero == 32_768.0 => Some(ElementType::U16),
        (ElementType::I32, true) if zero == 2_147_483_648.0 => Some(ElementType::U32),
        (ElementType::I64, true) if zero == 9_223_372_036_854_775_808.0 => Some(ElementType::U64),
        _ => None,
    };
    let physical = match element {
        ElementType::U8 | ElementType::I16 | ElementType::F32 => ElementType::F32,
        _ => ElementType::F64,
    };
    let element_made = other_sign.unwrap_or(physical);
    let refused = |e: std::io::Error| InputError::io(given.path, WHAT, &e);
    let length = stored.length().unwrap_or(0);
    let mut content = Cursor::at(&given.source, stored.start).map_err(refused)?.take(length);
    let mut decoded = DecodedNumbers::of(length / size as u64 * element_made.size() as u64);
    let mut piece = vec![0; size << 16];
    loop {
        let filled = std::io::copy(&mut content.by_ref().take(piece.len() as u64), &mut piece.as_mut_slice());
        let filled = usize::try_from(filled.map_err(refused)?).unwrap_or(0);
        if filled == 0 {
            break;
        }
        let mut made = Vec::with_capacity(filled);
        for number in piece[..filled].chunks_exact_mut(size) {
            if other_sign.is_some() {
                // Adding half of the range turns the highest bit.
                number[0] ^= 0x80;
                made.extend_from_slice(number);
            } else {
                let (mut high, mut low) = (Vec::new(), Vec::new());
                element.decode(ByteOrder::Big, number, &mut high, &mut low);
                let whole = high[0] as i128 + low.first().map_or(0, |low| *low as i128);
                let is_blank = blank.is_some_and(|blank| whole == i128::from(blank));
                #[expect(clippy::cast_possible_truncation, reason = "single precision is what is made of it")]
                match (physical, is_blank) {
                    (ElementType::F32, true) => made.extend(f32::NAN.to_be_bytes()),
                    (ElementType::F32, false) => {
                        made.extend((high[0] as f32 * scale as f32 + zero as f32).to_be_bytes());
                    }
                    (_, true) => made.extend(f64::NAN.to_be_bytes()),
                    (_, false) => made.extend((high[0] * scale + zero).to_be_bytes()),
                }
            }
        }
        decoded.write_all(&made).map_err(refused)?;
    }
    decoded.finish(given.path, Stored { element: element_made, start: 0, ..stored })
}
