//! Why a run did not deliver, in words.
//!
//! Not here: running it (`call`).

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::evidence::bundle::reading::regular;
use crate::evidence::process::{Ending, Invocation, Measured};

/// How a run ended that did not deliver its image, in words that follow the program's name; `None` if it did.
pub fn why_failed(measured: &Measured, invocation: &Invocation, image: &Path) -> Option<String> {
    match measured.ending {
        Ending::Exit(0) if fs::metadata(image).is_ok_and(|m| m.len() > 0) => None,
        Ending::Exit(0) => Some("ended well but wrote no float image".to_owned()),
        _ => how_it_failed(measured, invocation),
    }
}

/// How a run of any program ended that did not end well, in words that follow its name; `None` if it did.
pub fn how_it_failed(measured: &Measured, invocation: &Invocation) -> Option<String> {
    match measured.ending {
        Ending::Exit(0) => None,
        Ending::Exit(code) => Some(format!("ended with exit status {code}")),
        Ending::Signal(number) => Some(format!("was ended by signal {number}")),
        Ending::TimedOut => {
            Some(format!("was ended after {} s", invocation.time_limit.unwrap_or_default().as_secs_f64()))
        }
        Ending::TooMuchOutput { limit_bytes } => {
            Some(format!("was ended: it printed more than {limit_bytes} bytes"))
        }
        Ending::Interrupted => Some("was interrupted".to_owned()),
    }
}

/// The last lines of standard error, however large it is, in words that follow how the run ended; bytes that are no UTF-8
/// become replacement characters.
pub fn last_words(path: &Path) -> String {
    const TAIL: u64 = 16 << 10;
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = regular::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = String::from_utf8_lossy(&read().unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    match lines.len() {
        0 => "; it wrote nothing to its standard error".to_owned(),
        n => lines[n.saturating_sub(10)..]
            .iter()
            .fold("; its last words:".to_owned(), |text, line| text + "\n  " + line),
    }
}
