//! Text files in the encodings that spreadsheets write.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, WINDOWS_1252};

use super::{Error, refusal};

/// How much of a file is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// A text file, read in pieces of UTF-8, without its byte order mark.
pub(super) struct Text {
    file: File,
    decoder: Decoder,
    bytes: Vec<u8>,
    piece: String,
    ended: bool,
}

impl Text {
    /// Opens a file in its encoding: what its byte order mark says, or UTF-8 if the whole of it is, or Windows-1252.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        file.by_ref().take(3).read_to_end(&mut start)?;
        if let Some((encoding, mark)) = Encoding::for_bom(&start) {
            return Self::from(file, encoding, mark as u64);
        }
        let mut text = Self::from(file, UTF_8, 0)?;
        while text.advance()? {}
        let encoding = if text.ended { UTF_8 } else { WINDOWS_1252 };
        Self::from(text.file, encoding, 0)
    }

    fn from(mut file: File, encoding: &'static Encoding, start: u64) -> Result<Self, Error> {
        file.seek(SeekFrom::Start(start))?;
        let decoder = encoding.new_decoder_without_bom_handling();
        Ok(Self { file, decoder, bytes: vec![0; PIECE], piece: String::new(), ended: false })
    }

    /// The next piece, which may be empty; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<&str>, Error> {
        if self.ended {
            return Ok(None);
        }
        if !self.advance()? && !self.ended {
            return Err(refusal::broken_text().into());
        }
        if self.piece.as_bytes().contains(&0) {
            return Err(refusal::not_text().into());
        }
        Ok(Some(&self.piece))
    }

    /// Decodes one more piece: whether there may be more. When there is not, either the text has ended or it is not in
    /// its encoding.
    fn advance(&mut self) -> Result<bool, Error> {
        let read = self.file.read(&mut self.bytes)?;
        self.piece.clear();
        let last = read == 0;
        // It says what it needs with what is left of the character before.
        self.piece.reserve(self.decoder.max_utf8_buffer_length_without_replacement(read).unwrap_or_default());
        let (result, _) = self.decoder.decode_to_string_without_replacement(&self.bytes[..read], &mut self.piece, last);
        self.ended = last && result == DecoderResult::InputEmpty;
        Ok(!last && result == DecoderResult::InputEmpty)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{code, file};
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, Error> {
        let file = file(bytes);
        let (mut text, mut all) = (Text::open(file.path())?, String::new());
        while let Some(piece) = text.next()? {
            all.push_str(piece);
        }
        Ok(all)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn each_encoding_gives_the_same_text() {
        let same = "Ärende;Örebro\n€ 5";
        assert_eq!(text(same.as_bytes()).expect("UTF-8"), same);
        assert_eq!(text(format!("\u{feff}{same}").as_bytes()).expect("UTF-8 with a mark"), same);
        assert_eq!(text(&utf16(same, u16::to_le_bytes)).expect("UTF-16LE"), same);
        assert_eq!(text(&utf16(same, u16::to_be_bytes)).expect("UTF-16BE"), same);
        assert_eq!(text(&WINDOWS_1252.encode(same).0).expect("Windows-1252"), same);
    }

    #[test]
    fn one_late_byte_makes_the_whole_file_windows_1252() {
        let mut bytes = "å".repeat(2 * PIECE).into_bytes();
        bytes.push(0xe5);
        let read = text(&bytes).expect("Windows-1252");
        assert!(read.starts_with("Ã¥") && read.ends_with("¥å"));
    }

    #[test]
    fn characters_across_pieces_are_whole() {
        for ahead in 0..4 {
            let same = format!("{}{}", "x".repeat(PIECE - ahead), "𝄞å€x".repeat(PIECE));
            assert_eq!(text(same.as_bytes()).expect("UTF-8"), same);
            assert_eq!(text(&utf16(&same, u16::to_le_bytes)).expect("UTF-16LE"), same);
        }
        assert_eq!(text(b"x\xc3").expect("a half character is Windows-1252"), "xÃ");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(code(text(b"a;b\n1;\0")), "not-text");
        assert_eq!(code(text(&utf16("a\0", u16::to_le_bytes))), "not-text");
        assert_eq!(code(text(b"\xef\xbb\xbfa\xe5b")), "broken-text");
        assert_eq!(code(text(b"\xff\xfea\0\0\xd8b\0")), "broken-text");
        assert_eq!(code(text(b"\xff\xfea\0b")), "broken-text");
    }
}
