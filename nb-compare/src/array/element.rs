//! The types of numbers that an array can hold, and their bytes as 64-bit floats without loss.
//!
//! Not here: what two numbers have to do with each other (`number`), where bytes come from (`source`).

use std::fmt;

use half::f16;

/// The type of an array's elements; names and sizes are NumPy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// A byte that is 0 for false and anything else for true.
    Bool,
    /// Signed integer of 8 bits.
    I8,
    /// Signed integer of 16 bits.
    I16,
    /// Signed integer of 32 bits.
    I32,
    /// Signed integer of 64 bits.
    I64,
    /// Unsigned integer of 8 bits.
    U8,
    /// Unsigned integer of 16 bits.
    U16,
    /// Unsigned integer of 32 bits.
    U32,
    /// Unsigned integer of 64 bits.
    U64,
    /// IEEE float of 16 bits.
    F16,
    /// IEEE float of 32 bits.
    F32,
    /// IEEE float of 64 bits.
    F64,
    /// Two 32-bit floats: real and imaginary part.
    Complex64,
    /// Two 64-bit floats: real and imaginary part.
    Complex128,
}

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant one.
    Little,
    /// The most significant one.
    Big,
}

impl ByteOrder {
    /// That of this machine.
    pub const OWN: Self = if cfg!(target_endian = "little") { Self::Little } else { Self::Big };
}

/// All types with their letter and number of bytes as NumPy's short names have them, and their long name.
const NAMES: [(ElementType, &str, &str); 14] = [
    (ElementType::Bool, "b1", "bool"),
    (ElementType::I8, "i1", "int8"),
    (ElementType::I16, "i2", "int16"),
    (ElementType::I32, "i4", "int32"),
    (ElementType::I64, "i8", "int64"),
    (ElementType::U8, "u1", "uint8"),
    (ElementType::U16, "u2", "uint16"),
    (ElementType::U32, "u4", "uint32"),
    (ElementType::U64, "u8", "uint64"),
    (ElementType::F16, "f2", "float16"),
    (ElementType::F32, "f4", "float32"),
    (ElementType::F64, "f8", "float64"),
    (ElementType::Complex64, "c8", "complex64"),
    (ElementType::Complex128, "c16", "complex128"),
];

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(element, ..)| element == self).map_or("", |(_, _, name)| name);
        f.write_str(name)
    }
}

impl ElementType {
    /// The types by NumPy's name: `<f8`, `>i2`, `|u1`, `float64`. Without a sign the bytes are little-endian.
    pub fn of_numpy(name: &str) -> Option<(Self, ByteOrder)> {
        let (order, word) = match name.split_at_checked(1)? {
            ("<" | "|", word) => (ByteOrder::Little, word),
            (">", word) => (ByteOrder::Big, word),
            ("=", word) => (ByteOrder::OWN, word),
            _ => (ByteOrder::Little, name),
        };
        let word = if word == "?" { "b1" } else { word };
        let (element, ..) = NAMES.iter().find(|(_, short, long)| *short == word || *long == name)?;
        Some((*element, order))
    }

    /// NumPy's short name with the sign of `order`.
    pub fn numpy(self, order: ByteOrder) -> String {
        let (_, short, _) = NAMES.iter().find(|(element, ..)| *element == self).unwrap_or(&NAMES[0]);
        let sign = match (self.part_size(), order) {
            (1, _) => "|",
            (_, ByteOrder::Little) => "<",
            (_, ByteOrder::Big) => ">",
        };
        format!("{sign}{short}")
    }

    /// Bytes of an element.
    pub fn size(self) -> usize {
        self.part_size() * self.parts()
    }

    /// Real numbers in an element: 2 of a complex one, otherwise 1.
    pub fn parts(self) -> usize {
        if matches!(self, Self::Complex64 | Self::Complex128) { 2 } else { 1 }
    }

    /// Bytes of each real number in an element.
    pub fn part_size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 | Self::Complex64 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::Complex128 => 8,
        }
    }

    /// Whether its numbers are whole; truth values are.
    pub fn is_integer(self) -> bool {
        !matches!(self, Self::F16 | Self::F32 | Self::F64 | Self::Complex64 | Self::Complex128)
    }

    /// Appends the numbers in `bytes` to `high` as 64-bit floats; of 64-bit integers what the float leaves goes to `low`. The sum of
    /// both is exact. Real and imaginary parts alternate.
    pub(crate) fn decode(self, order: ByteOrder, bytes: &[u8], high: &mut Vec<f64>, low: &mut Vec<f64>) {
        macro_rules! each {
            ($number:ty, $wide:expr) => {{
                let (chunks, _) = bytes.as_chunks::<{ size_of::<$number>() }>();
                let wide = $wide;
                match order {
                    ByteOrder::Little => {
                        high.extend(chunks.iter().map(|w| wide(<$number>::from_le_bytes(*w))))
                    }
                    ByteOrder::Big => high.extend(chunks.iter().map(|w| wide(<$number>::from_be_bytes(*w)))),
                }
            }};
        }
        macro_rules! both {
            ($number:ty) => {{
                let (chunks, _) = bytes.as_chunks::<8>();
                for word in chunks {
                    let number = match order {
                        ByteOrder::Little => <$number>::from_le_bytes(*word),
                        ByteOrder::Big => <$number>::from_be_bytes(*word),
                    };
                    let float = number as f64;
                    high.push(float);
                    low.push((i128::from(number) - float as i128) as f64);
                }
            }};
        }
        match self {
            Self::Bool => high.extend(bytes.iter().map(|byte| f64::from(u8::from(*byte != 0)))),
            Self::U8 => high.extend(bytes.iter().map(|byte| f64::from(*byte))),
            Self::I8 => each!(i8, f64::from),
            Self::I16 => each!(i16, f64::from),
            Self::I32 => each!(i32, f64::from),
            Self::U16 => each!(u16, f64::from),
            Self::U32 => each!(u32, f64::from),
            Self::F16 => each!(f16, f64::from),
            Self::F32 | Self::Complex64 => each!(f32, f64::from),
            Self::F64 | Self::Complex128 => each!(f64, |number| number),
            Self::I64 => both!(i64),
            Self::U64 => both!(u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(element: ElementType, order: ByteOrder, bytes: &[u8]) -> (Vec<f64>, Vec<f64>) {
        let (mut high, mut low) = (Vec::new(), Vec::new());
        element.decode(order, bytes, &mut high, &mut low);
        (high, low)
    }

    #[test]
    fn every_name_of_numpy_is_read_back() {
        for (element, short, long) in NAMES {
            for order in [ByteOrder::Little, ByteOrder::Big] {
                let (read, read_order) = ElementType::of_numpy(&element.numpy(order)).expect("a name");
                assert!(read == element && (read_order == order || element.part_size() == 1), "{element}");
            }
            assert_eq!(ElementType::of_numpy(short), Some((element, ByteOrder::Little)));
            assert_eq!(ElementType::of_numpy(long), Some((element, ByteOrder::Little)));
            assert_eq!(element.to_string(), long);
        }
        for name in ["", "<", "<f3", "S10", "<U4", "V8", "<m8[s]", "O", "é", "<é"] {
            assert_eq!(ElementType::of_numpy(name), None, "{name}");
        }
    }

    #[test]
    fn integers_of_64_bits_keep_every_digit() {
        for number in [i64::MIN, i64::MIN + 1, -1, 0, (1 << 53) + 1, i64::MAX - 1, i64::MAX] {
            for (order, bytes) in
                [(ByteOrder::Little, number.to_le_bytes()), (ByteOrder::Big, number.to_be_bytes())]
            {
                let (high, low) = decoded(ElementType::I64, order, &bytes);
                assert_eq!(high[0] as i128 + low[0] as i128, i128::from(number));
            }
        }
        let (high, low) = decoded(ElementType::U64, ByteOrder::Little, &u64::MAX.to_le_bytes());
        assert_eq!(high[0] as i128 + low[0] as i128, i128::from(u64::MAX));
    }

    #[test]
    fn both_orders_of_bytes_are_the_same_numbers() {
        let numbers = [1.5_f32, -0.0, f32::MIN_POSITIVE / 8.0, f32::INFINITY];
        let little: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let big: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
        let wide: Vec<f64> = numbers.map(f64::from).to_vec();
        assert_eq!(decoded(ElementType::F32, ByteOrder::Little, &little).0, wide);
        assert_eq!(decoded(ElementType::F32, ByteOrder::Big, &big).0, wide);
        assert_eq!(decoded(ElementType::Complex64, ByteOrder::Big, &big).0, wide);
        assert_eq!(
            decoded(ElementType::F16, ByteOrder::Little, &[0x00, 0x3c, 0x01, 0x00]).0,
            [1.0, 2.0_f64.powi(-24)]
        );
    }
}
