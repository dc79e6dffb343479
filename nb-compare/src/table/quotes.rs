//! Where a record of separated values ends: a quoted cell may hold ends of lines.
//!
//! A quote that is never closed, or that closes before the end of its cell, is refused: readers of CSV take such a cell each in a way
//! of its own, and some of them take the lines below into it. Not here: cutting a record into cells (the crate `csv`).

/// A quote that makes no cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteFault {
    /// It is open at the end of the text.
    Open,
    /// Characters stand between it and the end of its cell.
    Behind,
}

impl QuoteFault {
    /// What is wrong, for messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Open => "has a quote that is never closed",
            Self::Behind => "has characters behind the quote that closes a cell",
        }
    }
}

/// How many bytes the record has that `text` begins with, without the end of its last line.
///
/// # Errors
/// A quote in it makes no cell.
pub(super) fn record(text: &str, delimiter: u8) -> Result<usize, QuoteFault> {
    #[derive(PartialEq)]
    enum In {
        Start,
        Bare,
        Quoted,
        /// Behind a quote in a quoted cell: it is the first of two, or it closes the cell.
        Quote,
        Closed,
    }
    let mut state = In::Start;
    for (at, byte) in text.bytes().enumerate() {
        state = match (state, byte) {
            (In::Quoted, b'"') => In::Quote,
            (In::Quoted, _) | (In::Quote, b'"') => In::Quoted,
            (_, b'\n' | b'\r') => return Ok(at),
            (_, byte) if byte == delimiter => In::Start,
            (In::Start, b'"') => In::Quoted,
            (In::Start | In::Bare, _) => In::Bare,
            (In::Quote | In::Closed, b' ' | b'\t') => In::Closed,
            (In::Quote | In::Closed, _) => return Err(QuoteFault::Behind),
        };
    }
    if state == In::Quoted { Err(QuoteFault::Open) } else { Ok(text.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_ends_at_the_first_end_of_a_line_outside_of_quotes() {
        for (text, length) in [
            ("a,b\nc", Ok(3)),
            ("a,b", Ok(3)),
            ("\"a\nb\",c\r\nd", Ok(7)),
            ("\"a\"\"\n\",b\n", Ok(8)),
            ("a\",b\n", Ok(4)),
            ("\"a\" ,b\n", Ok(6)),
            ("a,\"b\nc", Err(QuoteFault::Open)),
            ("\"a\"b\n", Err(QuoteFault::Behind)),
        ] {
            assert_eq!(record(text, b','), length, "{text}");
        }
    }
}
