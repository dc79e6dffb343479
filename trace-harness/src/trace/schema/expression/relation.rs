//! How one number can stand to another: what laws and rules compare by.
//!
//! Not here: how much rounding is allowed for (`audit`).

use serde::{Deserialize, Serialize};

/// How a number stands to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// The same number.
    #[default]
    #[serde(rename = "==")]
    Equal,
    /// Another number, NaN included.
    #[serde(rename = "!=")]
    NotEqual,
    /// At most as large.
    #[serde(rename = "<=")]
    LessOrEqual,
    /// At least as large.
    #[serde(rename = ">=")]
    GreaterOrEqual,
    /// Smaller.
    #[serde(rename = "<")]
    Less,
    /// Larger.
    #[serde(rename = ">")]
    Greater,
}

impl Relation {
    /// All of them as they are written; one that begins another stands behind it.
    pub const ALL: [(&'static str, Self); 6] = [
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// How it is written.
    pub fn sign(self) -> &'static str {
        Self::ALL.iter().find(|(_, relation)| *relation == self).map_or("", |(sign, _)| sign)
    }

    /// Whether it holds of these numbers as they are.
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::LessOrEqual => a <= b,
            Self::GreaterOrEqual => a >= b,
            Self::Less => a < b,
            Self::Greater => a > b,
        }
    }

    /// Whether numbers that break it by no more than `room` keep it; equal numbers would keep it.
    pub fn allows(self, a: f64, b: f64, room: f64) -> bool {
        match self {
            Self::Equal => (a - b).abs() <= room,
            Self::LessOrEqual => a - b <= room,
            Self::GreaterOrEqual => b - a <= room,
            // As the numbers stand: with any room, a strict relation would hold of equal ones.
            Self::NotEqual | Self::Less | Self::Greater => false,
        }
    }

    /// Whether equal numbers break it.
    pub fn is_strict(self) -> bool {
        !self.holds(0.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_read_by_its_sign_and_holds_of_numbers_as_its_sign_says() {
        for (sign, relation) in Relation::ALL {
            assert_eq!(relation.sign(), sign);
            let read: Relation = serde_json::from_value(sign.into()).expect(sign);
            assert_eq!(read, relation);
            let holds = [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0)].map(|(a, b)| relation.holds(a, b));
            // Of a smaller, an equal and a larger number, by the characters of the sign.
            let unequal = sign == "!=";
            let expected = [
                sign.contains('<') || unequal,
                sign.contains('=') && !unequal,
                sign.contains('>') || unequal,
            ];
            assert_eq!(holds, expected, "{sign}");
            assert_eq!(relation.is_strict(), !holds[1], "{sign}");
            assert_eq!(relation.holds(f64::NAN, 2.0), unequal, "{sign}");
        }
    }

    #[test]
    fn room_is_given_where_equal_numbers_hold_and_nowhere_else() {
        for (sign, relation) in Relation::ALL {
            let near =
                [(2.1, 2.0), (1.9, 2.0)].map(|(a, b)| relation.holds(a, b) || relation.allows(a, b, 0.2));
            assert_eq!(near == [true, true], !relation.is_strict() || sign == "!=", "{sign}");
        }
    }
}
