//! Opens every file that is read, and reads it within a limit: ordinary files, and pipes that somebody writes to.
//!
//! A name on the command line may lead anywhere: to a device without an end, to a pipe without a writer, to a file larger
//! than memory. What it leads to is judged on the opened file, so that nothing can change in between. The other programs of the
//! workspace open what users name in the same way. Not here: what is in files (`input`, `image`), writing them (`output::atomic`).

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

use crate::error::InputError;

/// Limit in bytes of files that a person writes: matrices, sources, scattering tables, settings.
pub const TABLE: u64 = 64 << 20;

/// Limit in bytes of files that hold data: reflections, their cache, images, masks.
pub const BULK: u64 = 4 << 30;

/// Limit of a pipe, whose length nobody can know before it is in memory.
const PIPE: u64 = 1 << 30;

/// How long a pipe may have neither a writer nor data.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a pipe that somebody holds open may bring nothing: longer than an image takes whose program writes it at its end.
#[cfg(unix)]
const SILENCE: Duration = Duration::from_secs(600);

/// A file that is open for reading, whatever it is.
#[derive(Debug)]
pub struct Opened<'a> {
    file: File,
    path: &'a Path,
    what: &'a str,
    limit: u64,
}

/// Opens `path`, of which at most `limit` bytes will be read; `what` says what was expected, for messages. Never waits.
///
/// # Errors
/// The system's refusal.
pub fn open<'a>(path: &'a Path, what: &'a str, limit: u64) -> Result<Opened<'a>, InputError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Without it, opening a pipe waits for somebody who writes to it.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path).map_err(|e| InputError::io(path, what, &e))?;
    Ok(Opened { file, path, what, limit })
}

/// All of `path`: [`open`] and [`Opened::read`].
///
/// # Errors
/// As both.
pub fn read(path: &Path, what: &str, limit: u64) -> Result<Vec<u8>, InputError> {
    open(path, what, limit)?.read()
}

/// All of `path`, which is text in UTF-8.
///
/// # Errors
/// As [`read`]; it is no text.
pub fn text(path: &Path, what: &str, limit: u64) -> Result<String, InputError> {
    String::from_utf8(read(path, what, limit)?).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        InputError::new(path, "is no text in UTF-8", what).at(format!("byte {at}"))
    })
}

impl Opened<'_> {
    /// Length in bytes; none where only reading it shows.
    pub fn length(&self) -> Option<u64> {
        self.file.metadata().ok().filter(|m| m.is_file() && m.len() > 0).map(|m| m.len())
    }

    /// All of it.
    ///
    /// # Errors
    /// It is a device or a folder, a pipe that nobody writes to or that brings nothing for ten minutes, or larger than the limit; the
    /// system's refusal.
    pub fn read(self) -> Result<Vec<u8>, InputError> {
        let Self { path, what, mut limit, .. } = self;
        let refused = |e: io::Error| InputError::io(path, what, &e);
        let metadata = self.file.metadata().map_err(refused)?;
        let mut bytes = Vec::new();
        if metadata.is_file() {
            if metadata.len() > limit {
                return Err(too_large(path, what, limit, metadata.len()));
            }
            // The system may report a wrong size; if it is right and does not fit, reading says so.
            let _ = bytes.try_reserve_exact(usize::try_from(metadata.len()).unwrap_or(0).saturating_add(1));
        } else {
            limit = limit.min(PIPE);
        }
        self.stream()?.take(limit + 1).read_to_end(&mut bytes).map_err(refused)?;
        match bytes.len() as u64 > limit {
            true => Err(too_large(path, what, limit, bytes.len() as u64)),
            false => Ok(bytes),
        }
    }

    /// What reads it from its beginning, however long it is: for those who hold little of it in memory at a time.
    ///
    /// # Errors
    /// It is a device or a folder, or a pipe that nobody writes to; the system's refusal. Its reads end with an error where a pipe
    /// brings nothing for ten minutes.
    pub fn stream(self) -> Result<impl Read, InputError> {
        let Self { file, path, what, .. } = self;
        let refused = |e: io::Error| InputError::io(path, what, &e);
        let metadata = file.metadata().map_err(refused)?;
        if is_device(&metadata) {
            return Err(InputError::new(path, "is a device", what).hint("give a file or a pipe"));
        }
        if metadata.is_dir() {
            return Err(InputError::new(path, "is a folder", what));
        }
        let (first, rest): (Vec<u8>, Box<dyn Read>) = match is_pipe(&metadata) {
            true => {
                let first = begin(&file).map_err(refused)?.ok_or_else(|| {
                    InputError::new(path, "is a pipe that nobody writes to", what)
                        .hint("start what writes to it first")
                })?;
                (first, rest_of(file))
            }
            false => (Vec::new(), Box::new(file)),
        };
        Ok(io::Cursor::new(first).chain(rest))
    }
}

fn too_large(path: &Path, what: &str, limit: u64, bytes: u64) -> InputError {
    let problem = format!("has `{bytes}` bytes or more");
    InputError::new(path, problem, format!("{what} of at most {limit} bytes"))
}

/// Whether it is a device, which may have no end; the empty one may stand for a file.
#[cfg(unix)]
fn is_device(metadata: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let kind = metadata.file_type();
    let is_null = || std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == metadata.rdev());
    kind.is_block_device() || kind.is_char_device() && !is_null()
}

#[cfg(not(unix))]
fn is_device(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Waits for a pipe's begin; gives the first byte if it is there already, nothing if somebody holds the pipe open, none where nobody
/// does.
#[cfg(unix)]
fn begin(mut pipe: &File) -> io::Result<Option<Vec<u8>>> {
    let has_news = has_news(pipe, PATIENCE)?;
    let mut first = [0];
    // Without a writer, a read that must not wait finds the end; with one, it finds nothing yet.
    match pipe.read(&mut first) {
        Ok(0) if !has_news => Ok(None),
        Ok(length) => Ok(Some(first[..length].to_vec())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn rest_of(file: File) -> Box<dyn Read> {
    Box::new(Pipe { file, silence: SILENCE })
}

/// A pipe whose reads wait for data, but not without end.
#[cfg(unix)]
struct Pipe {
    file: File,
    silence: Duration,
}

#[cfg(unix)]
impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while has_news(&self.file, self.silence)? {
            match self.file.read(into) {
                // Another reader of the same pipe was faster.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
        let problem = format!("is a pipe that brings nothing for {} s", self.silence.as_secs_f64());
        Err(io::Error::new(io::ErrorKind::TimedOut, problem))
    }
}

/// Whether a pipe brings data or its end within `patience`.
#[cfg(unix)]
fn has_news(pipe: &File, patience: Duration) -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let limit = Timespec::try_from(patience).map_err(io::Error::other)?;
    let polled = || poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&limit));
    Ok(rustix::io::retry_on_intr(polled)? > 0)
}

#[cfg(not(unix))]
fn begin(_: &File) -> io::Result<Option<Vec<u8>>> {
    Ok(Some(Vec::new()))
}

#[cfg(not(unix))]
fn rest_of(file: File) -> Box<dyn Read> {
    Box::new(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_within_its_limit_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        std::fs::write(&path, "four").expect("a small file");
        assert_eq!(read(&path, "a word", 4).expect("it fits"), b"four");
        assert_eq!(text(&path, "a word", 4).expect("it is text"), "four");
        let refusal = |path: &Path, limit| text(path, "a word", limit).expect_err("refused").to_string();
        assert!(refusal(&path, 3).ends_with("has `4` bytes or more; expected a word of at most 3 bytes"));
        assert!(refusal(folder.path(), 4).ends_with("is a folder; expected a word"));
        std::fs::write(&path, [b'a', 0xff]).expect("a small file");
        assert!(refusal(&path, 4).ends_with(", byte 1: is no text in UTF-8; expected a word"));
    }
    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_to_its_end_and_one_that_brings_nothing_is_left() {
        use std::io::Write;

        let pipe = |silence| {
            let (reader, writer) = io::pipe().expect("a pipe");
            rustix::fs::fcntl_setfl(&reader, rustix::fs::OFlags::NONBLOCK).expect("no waiting");
            (Pipe { file: std::os::fd::OwnedFd::from(reader).into(), silence }, writer)
        };
        let (mut reader, mut writer) = pipe(Duration::from_secs(60));
        let writes = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            writer.write_all(b"late").expect("somebody reads");
        });
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("the writer ends");
        assert_eq!(text, "late");
        writes.join().expect("it wrote");

        let (mut reader, mut silent) = pipe(Duration::from_millis(20));
        silent.write_all(b"ab").expect("room");
        let mut read = Vec::new();
        let problem = reader.read_to_end(&mut read).expect_err("the writer neither writes nor ends");
        assert_eq!((problem.kind(), read.as_slice()), (io::ErrorKind::TimedOut, b"ab".as_slice()));
        assert_eq!(problem.to_string(), "is a pipe that brings nothing for 0.02 s");
        drop(silent);
    }
}
