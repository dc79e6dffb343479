//! Is this machine's mathematical library the one that stored numbers were made with? Asked with a few stored bits.
//!
//! Not here: what follows where it is not.

use std::path::Path;

use super::pack::{PackError, PackFault, text};

/// How this machine's functions compare with stored values of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Values that were compared.
    pub values: usize,
    /// Those that differ in some bit.
    pub different: usize,
}

impl Probe {
    /// Whether every value is the same, so that bytes may be compared.
    pub fn same(&self) -> bool {
        self.different == 0
    }

    /// Compares with the file at `path`: lines of a function, an argument and the value it had, the numbers as bits in
    /// hexadecimal digits.
    ///
    /// # Errors
    /// The file cannot be read, holds no value, or is no such file.
    pub fn read(path: &Path) -> Result<Self, PackError> {
        let wrong = |fault| PackError { path: path.to_owned(), fault };
        let mut probe = Self { values: 0, different: 0 };
        for line in text(path)?.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let same = compare(line).ok_or_else(|| wrong(PackFault::ProbeLine(line.to_owned())))?;
            probe.values += 1;
            probe.different += usize::from(!same);
        }
        match probe.values {
            0 => Err(wrong(PackFault::NoValue)),
            _ => Ok(probe),
        }
    }
}

fn compare(line: &str) -> Option<bool> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [name, argument, value] = fields[..] else { return None };
    let bits = |word: &str| u64::from_str_radix(word, 16).ok();
    let here = function(name)?(f64::from_bits(bits(argument)?));
    Some(here.to_bits() == bits(value)?)
}

fn function(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "exp" => f64::exp,
        "log" => f64::ln,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_differ_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probe.txt");
        let line = |x: f64, y: f64| format!("exp {:016x} {:016x}\n", x.to_bits(), y.to_bits());
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Probe::read(&path).map_err(|e| e.to_string())
        };
        let text = format!("# exp(0) is 1\n{}{}", line(0.0, 1.0), line(0.0, 1.0_f64.next_up()));
        assert_eq!(read(&text), Ok(Probe { values: 2, different: 1 }));
        for wrong in ["", "exp 0\n", "sinh 0 0\n", "exp x 0\n"] {
            assert!(read(wrong).unwrap_err().contains("expected FUNCTION BITS BITS"), "{wrong}");
        }
    }
}
