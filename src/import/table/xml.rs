//! The XML parts of an archive that tables are read from: what is watched in them while they are unpacked.
//!
//! Bytes are watched rather than XML understood, so that nothing depends on understanding it as its reader does.

use super::{OTHER_PART, Refusal, SHARED_TEXTS, UNPACKED, refusal};

/// The most tags in the table of shared texts, four for a text: each text costs memory, however short it is.
const SHARED_TAGS: u64 = 8_000_000;
/// The most texts that the table of shared texts may claim to have, for which room is made at once.
const CLAIMED_TEXTS: u64 = SHARED_TAGS / 4;
/// The name of the attribute that claims it.
const CLAIM: &[u8] = b"uniqueCount";
/// The most tags in another part that is no sheet; in the styles each may cost half a kibibyte of memory.
const OTHER_TAGS: u64 = 400_000;
/// The most that the tags of the styles may come to if each were as long as their longest attribute, in bytes: what
/// one says, such as the name of a font, may be gathered for each.
const REPEATED: u64 = 64 << 20;

/// What a part holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sheet,
    SharedTexts,
    Styles,
    Other,
}

/// What is watched in a part that is wanted.
pub(super) struct Wanted {
    kind: Kind,
    before: [u8; 2],
    tags: u64,
    /// How much of [`CLAIM`] was just read; all of it until its number has ended.
    claim: usize,
    claimed: u64,
    /// The length of the attribute being read, if there is one, and of the longest.
    attribute: Option<u64>,
    longest: u64,
    in_declaration: bool,
    after_equals: bool,
}

impl Wanted {
    /// A part by its plain name, if anything is read from it.
    pub(super) fn of(name: &str) -> Option<Self> {
        let kind = match name {
            "xl/sharedstrings.xml" => Kind::SharedTexts,
            "xl/styles.xml" => Kind::Styles,
            "xl/workbook.xml" | "xl/_rels/workbook.xml.rels" => Kind::Other,
            _ if name.starts_with("xl/worksheets/") && name.strip_suffix(".xml").is_some() => Kind::Sheet,
            _ => return None,
        };
        Some(Self {
            kind,
            before: [0; 2],
            tags: 0,
            claim: 0,
            claimed: 0,
            attribute: None,
            longest: 0,
            in_declaration: false,
            after_equals: false,
        })
    }

    /// The most bytes the part may have.
    pub(super) fn limit(&self) -> u64 {
        match self.kind {
            Kind::Sheet => UNPACKED,
            Kind::SharedTexts => SHARED_TEXTS,
            Kind::Styles | Kind::Other => OTHER_PART,
        }
    }

    /// Looks through the next piece of the part. Refuses what would cost more memory than its bytes let expect; text
    /// that is not in UTF-8; and a document type, which alone can define entities.
    pub(super) fn look(&mut self, piece: &[u8], name: &str) -> Result<(), Refusal> {
        if self.tags == 0 {
            self.in_declaration = piece.strip_prefix(b"\xef\xbb\xbf").unwrap_or(piece).starts_with(b"<?xml");
        }
        for &byte in piece {
            let odd = match self.kind {
                Kind::Styles => self.measure(byte),
                Kind::SharedTexts => self.count(byte),
                Kind::Sheet | Kind::Other => false,
            };
            let definition = self.before == *b"<!" && !matches!(byte, b'-' | b'[');
            if byte == 0 || definition || odd {
                return Err(refusal::odd_part(name));
            }
            self.before = [self.before[1], byte];
            self.tags += u64::from(byte == b'<');
        }
        let fits = match self.kind {
            Kind::Sheet => true,
            Kind::SharedTexts => self.tags <= SHARED_TAGS && self.claimed <= CLAIMED_TEXTS,
            Kind::Styles => self.tags <= OTHER_TAGS && self.tags * self.longest <= REPEATED,
            Kind::Other => self.tags <= OTHER_TAGS,
        };
        if fits { Ok(()) } else { Err(refusal::too_complex(name)) }
    }

    /// Measures attributes, from an equals sign and a quotation mark to the next. Whether there is one in single ones,
    /// inside which the double ones measure nothing; only the declaration of XML may have such.
    fn measure(&mut self, byte: u8) -> bool {
        self.attribute = match byte {
            b'"' => self.after_equals.then_some(0),
            _ => self.attribute.map(|length| length + 1),
        };
        self.longest = self.longest.max(self.attribute.unwrap_or_default());
        self.in_declaration &= byte != b'>';
        let single = byte == b'\'' && self.after_equals && !self.in_declaration;
        self.after_equals = byte == b'=' || self.after_equals && byte.is_ascii_whitespace();
        single
    }

    /// Reads the numbers that are claimed, wherever it is. Nothing in it is odd.
    fn count(&mut self, byte: u8) -> bool {
        let claims = self.claim == CLAIM.len();
        match byte {
            b'0'..=b'9' if claims => {
                self.claimed = self.claimed.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
            }
            b'=' | b'"' | b'\'' | b'+' | b' ' | b'\t' | b'\r' | b'\n' if claims => {}
            _ if !claims && byte == CLAIM[self.claim] => self.claim += 1,
            _ => self.claim = usize::from(byte == CLAIM[0]),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a part is looked through to its end, in pieces of so many bytes; or the refusal's code.
    fn looked_through(name: &str, text: &str, piece: usize) -> Result<(), &'static str> {
        let mut wanted = Wanted::of(name).expect("wanted");
        text.as_bytes().chunks(piece).try_for_each(|piece| wanted.look(piece, name)).map_err(|refusal| refusal.code)
    }

    #[test]
    fn tags_have_a_limit_where_they_cost_memory() {
        let tags = |count: u64| "<a>".repeat(usize::try_from(count).expect("small"));
        for name in ["xl/styles.xml", "xl/workbook.xml"] {
            assert_eq!(looked_through(name, &tags(OTHER_TAGS + 1), 1 << 16), Err("too-complex"));
            assert_eq!(looked_through(name, &tags(50_000), 1 << 16), Ok(()));
        }
        assert_eq!(looked_through("xl/worksheets/sheet1.xml", &tags(OTHER_TAGS + 1), 1 << 16), Ok(()));
    }

    #[test]
    fn what_many_styles_repeat_has_a_limit() {
        let styles = |font: &str| format!("{font}{}", "<xf fontId=\"0\"/>".repeat(200_000));
        let (name, long) = ("xl/styles.xml", "x".repeat(1 << 10));
        assert_eq!(looked_through(name, &styles("<font name=\"x\"/>"), 1 << 16), Ok(()));
        assert_eq!(
            looked_through(name, &styles(&format!("<font name =\n\"<>'{long}=\"/>")), 1 << 16),
            Err("too-complex")
        );
        assert_eq!(looked_through(name, &format!("<a b=\"c\"/>{}", "<left/>".repeat(50_000)), 1 << 16), Ok(()));
        assert_eq!(looked_through(name, "<?xml version='1.0'?><font name = 'x'/>", 8), Err("odd-part"));
        assert_eq!(looked_through(name, "<?xml version='1.0'?><font name=\"'x'\"/>", 8), Ok(()));
    }

    #[test]
    fn a_claimed_count_of_texts_has_a_limit_wherever_it_hides() {
        let name = "xl/sharedstrings.xml";
        for (claim, expected) in [
            ("<sst count=\"9\" uniqueCount=\"2000000\">", Ok(())),
            ("<sst uniqueCount=\"2000001\">", Err("too-complex")),
            ("<sst a='>' uniqueCount = '+99999999999999999999999'>", Err("too-complex")),
            ("<t>uuniqueCount is 99999999999</t>", Ok(())),
            ("<t>uuniqueCount=99999999999</t>", Err("too-complex")),
        ] {
            for piece in [1, 7, 100] {
                assert_eq!(looked_through(name, claim, piece), expected, "{claim}");
            }
        }
    }
}
