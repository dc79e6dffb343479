//! The bytes of an array's elements: part of a file, or decoded ones in memory or a nameless temporary file.
//!
//! Read at a place and never mapped: memory stays small whatever the file's length, and a file that somebody cuts short meanwhile is an
//! error and no signal. Not here: what the bytes mean (`element`).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Decoded elements up to this many bytes stay in memory.
const IN_MEMORY: usize = 16 << 20;

/// Bytes that can be read anywhere.
#[derive(Debug, Clone)]
pub(crate) enum ByteSource {
    /// An open file.
    File(Arc<File>),
    /// Bytes in memory.
    Memory(Arc<[u8]>),
}

impl ByteSource {
    /// Bytes of it.
    pub(crate) fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Fills `into` with the bytes at `place`.
    pub(crate) fn read_at(&self, place: u64, into: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.read_exact_at(into, place),
            Self::Memory(bytes) => {
                let start = usize::try_from(place).unwrap_or(usize::MAX);
                let part = bytes.get(start..).and_then(|rest| rest.get(..into.len()));
                part.map(|part| into.copy_from_slice(part)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        }
    }

    /// The first bytes, at most `most`.
    pub(crate) fn start(&self, most: usize) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.length()?).unwrap_or(usize::MAX).min(most);
        let mut bytes = vec![0; length];
        self.read_at(0, &mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a source from one end to the other.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    source: ByteSource,
    length: u64,
    place: u64,
}

impl Cursor {
    /// From the byte at `place` on.
    pub(crate) fn at(source: &ByteSource, place: u64) -> io::Result<Self> {
        Ok(Self { source: source.clone(), length: source.length()?, place })
    }
}

impl Read for Cursor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.place)).unwrap_or(usize::MAX);
        let length = into.len().min(left);
        self.source.read_at(self.place, &mut into[..length])?;
        self.place += length as u64;
        Ok(length)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
        };
        self.place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.place)
    }
}

/// Collects decoded elements.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    memory: Vec<u8>,
    file: Option<io::BufWriter<File>>,
    written: u64,
}

impl Spool {
    /// Bytes so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// What was collected.
    pub(crate) fn finish(self) -> io::Result<ByteSource> {
        match self.file {
            None => Ok(ByteSource::Memory(self.memory.into())),
            Some(file) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                Ok(ByteSource::File(Arc::new(file)))
            }
        }
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written += bytes.len() as u64;
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
        } else if self.memory.len() + bytes.len() <= IN_MEMORY {
            self.memory.extend_from_slice(bytes);
        } else {
            let mut file = io::BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
            file.write_all(&std::mem::take(&mut self.memory))?;
            file.write_all(bytes)?;
            self.file = Some(file);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_collected_reads_back_in_memory_and_from_a_file() {
        for length in [0, 5, IN_MEMORY, IN_MEMORY + 1] {
            let mut spool = Spool::default();
            let bytes: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            bytes.chunks(1 << 20).for_each(|part| spool.write_all(part).expect("room"));
            assert_eq!(spool.written(), length as u64);
            let source = spool.finish().expect("flushed");
            assert_eq!(matches!(source, ByteSource::Memory(_)), length <= IN_MEMORY);
            let mut read = vec![0; length];
            source.read_at(0, &mut read).expect("all of it");
            assert!(read == bytes && source.length().expect("a length") == length as u64);
            assert!(source.read_at(length as u64, &mut [0]).is_err());
        }
    }
}
