//! Reading only so much of a file.

use std::{
    cell::Cell,
    io::{self, Read, Seek, SeekFrom},
    rc::Rc,
};

/// How many bytes may still be read from a file; shared with its [`Rationed`] reader.
///
/// The libraries that read archives and XML gather what belongs together in memory, however much it is. Where they
/// are given no more than so much before they answer, they cannot gather more.
#[derive(Clone, Default)]
pub(super) struct Ration(Rc<Cell<u64>>);

impl Ration {
    /// From now on so many bytes may be read.
    pub(super) fn set(&self, bytes: u64) {
        self.0.set(bytes);
    }

    /// Whether a reader has been, or is about to be, refused more.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    /// A reader that takes from this ration, and fails when it is spent.
    pub(super) fn reader<R>(&self, inner: R) -> Rationed<R> {
        Rationed { inner, left: self.clone() }
    }
}

/// A reader with a [`Ration`].
pub(super) struct Rationed<R> {
    inner: R,
    left: Ration,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.0.get();
        if left == 0 && !buffer.is_empty() {
            return Err(io::Error::other("the ration is spent"));
        }
        let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Rationed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, empty, repeat};

    use super::*;

    #[test]
    fn a_reader_gets_its_ration_and_then_fails() {
        let ration = Ration::default();
        ration.set(10);
        let mut reader = ration.reader(repeat(b'a'));
        let mut text = Vec::new();
        assert!(reader.read_to_end(&mut text).is_err());
        assert_eq!((text.len(), ration.is_spent()), (10, true));
        ration.set(3);
        assert_eq!(reader.read(&mut [0; 8]).expect("a new ration"), 3);
    }

    #[test]
    fn the_end_is_no_failure() {
        let ration = Ration::default();
        ration.set(1);
        assert_eq!(ration.reader(empty()).read(&mut [0; 8]).expect("the end"), 0);
    }
}
