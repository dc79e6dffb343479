//! Pixels as documents have them: two numbers, slow before fast. For `#[serde(with = "…")]` on a pixel, or on some of them.
//!
//! Not here: the type (`nanobragg::Pixel`), which by itself is written with the names of its fields.

use nanobragg::Pixel;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What pairs of numbers stand for.
pub(crate) trait Paired: Sized {
    /// The numbers: `[slow, fast]` for each pixel.
    type Pairs: Serialize + DeserializeOwned;
    /// The numbers of these pixels.
    fn to_pairs(&self) -> Self::Pairs;
    /// The pixels of these numbers.
    fn from_pairs(pairs: Self::Pairs) -> Self;
}

impl Paired for Pixel {
    type Pairs = [usize; 2];

    fn to_pairs(&self) -> Self::Pairs {
        [self.slow, self.fast]
    }

    fn from_pairs([slow, fast]: Self::Pairs) -> Self {
        Self { slow, fast }
    }
}

impl<T: Paired> Paired for Option<T> {
    type Pairs = Option<T::Pairs>;

    fn to_pairs(&self) -> Self::Pairs {
        self.as_ref().map(T::to_pairs)
    }

    fn from_pairs(pairs: Self::Pairs) -> Self {
        pairs.map(T::from_pairs)
    }
}

impl<T: Paired> Paired for Vec<T> {
    type Pairs = Vec<T::Pairs>;

    fn to_pairs(&self) -> Self::Pairs {
        self.iter().map(T::to_pairs).collect()
    }

    fn from_pairs(pairs: Self::Pairs) -> Self {
        pairs.into_iter().map(T::from_pairs).collect()
    }
}

impl<T: Paired> Paired for [T; 2] {
    type Pairs = [T::Pairs; 2];

    fn to_pairs(&self) -> Self::Pairs {
        self.each_ref().map(T::to_pairs)
    }

    fn from_pairs(pairs: Self::Pairs) -> Self {
        pairs.map(T::from_pairs)
    }
}

/// Writes pixels as pairs.
pub(crate) fn serialize<T: Paired, S: Serializer>(pixels: &T, serializer: S) -> Result<S::Ok, S::Error> {
    pixels.to_pairs().serialize(serializer)
}

/// Reads pixels from pairs.
pub(crate) fn deserialize<'de, T: Paired, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::Pairs::deserialize(deserializer).map(T::from_pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Places {
        #[serde(with = "super")]
        one: Option<Pixel>,
        #[serde(with = "super")]
        sides: [Vec<Pixel>; 2],
    }

    #[test]
    fn pairs_have_slow_before_fast_in_both_directions() {
        let pixel = |slow, fast| Pixel { slow, fast };
        let places = Places { one: Some(pixel(7, 6)), sides: [vec![pixel(1, 2), pixel(3, 4)], vec![]] };
        let text = r#"{"one":[7,6],"sides":[[[1,2],[3,4]],[]]}"#;
        assert_eq!(serde_json::to_string(&places).unwrap(), text);
        assert_eq!(serde_json::from_str::<Places>(text).unwrap(), places);
    }

    #[test]
    fn a_pair_is_two_numbers() {
        for text in [r#"{"one":[7],"sides":[[],[]]}"#, r#"{"one":[7,6,5],"sides":[[],[]]}"#] {
            assert!(serde_json::from_str::<Places>(text).is_err(), "{text}");
        }
    }
}
