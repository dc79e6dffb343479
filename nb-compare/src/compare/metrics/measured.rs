//! A number, or the reason why there is none.
//!
//! Not here: how any number is computed.

/// The outcome of one metric. An undefined metric is never 0 or 1: it says why it has no value.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// A finite value.
    Value(f64),
    /// Why there is none, in words.
    Undefined(String),
}

impl Measured {
    /// Takes a finite number as it is; anything else is undefined because `otherwise`.
    pub fn finite(value: f64, otherwise: &str) -> Self {
        if value.is_finite() { Self::Value(value) } else { Self::Undefined(otherwise.to_owned()) }
    }

    /// No value, because `reason`.
    pub fn undefined(reason: impl Into<String>) -> Self {
        Self::Undefined(reason.into())
    }

    /// The number, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value(v) => Some(*v),
            Self::Undefined(_) => None,
        }
    }

    /// Why there is no number, if there is none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Value(_) => None,
            Self::Undefined(why) => Some(why),
        }
    }
}
