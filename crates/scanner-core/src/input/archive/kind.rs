//! Tells archives by their first bytes, whatever they are called.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

/// Bytes that hold the mark of a tar.
pub(super) const TAR_HEADER: usize = 512;
const TAR_MARK: usize = 257;

/// What an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    /// One that is known but not read.
    Unknown(&'static str),
}

impl Kind {
    /// The kind of what starts so.
    pub(super) fn of(head: &[u8]) -> Option<Kind> {
        Some(match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Kind::Zip,
            [0x1F, 0x8B, 8, ..] => Kind::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Kind::Bzip2,
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Kind::Xz,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Kind::Zstd,
            [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Kind::Unknown("7z"),
            [b'R', b'a', b'r', b'!', 0x1A, 7, ..] => Kind::Unknown("rar"),
            _ if head.get(TAR_MARK..TAR_MARK + 5) == Some(b"ustar") => Kind::Tar,
            _ => return None,
        })
    }
}

/// Reads zstd: all frames, one after the other, also those that hold nothing.
pub(super) struct Zstd<R: BufRead> {
    decoder: FrameDecoder,
    source: R,
    /// Whether a frame has been begun and not been read to its end.
    inside: bool,
}

impl<R: BufRead> Zstd<R> {
    /// Frames with a larger window are refused.
    pub(super) fn new(source: R, window: u64) -> Zstd<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Zstd { decoder, source, inside: false }
    }

    /// Begins the next frame; `false` at the end.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.source.by_ref().take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            self.inside = self.inside && !self.decoder.is_finished();
            if !self.inside {
                self.inside = self.begin()?;
                if !self.inside {
                    return Ok(0);
                }
            }
            let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map_err(io::Error::other)?;
        }
    }
}
