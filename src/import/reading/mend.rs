//! Mending text that has been through the wrong character encoding.
//!
//! What is repaired is what was found in Tillväxtverket's banks as loaded on 2016-10-14, and the forms in which the
//! same errors are met elsewhere: UTF-8 read byte by byte as Latin-1 or Windows-1252 (`Ã¶`), also with its first byte
//! turned into Å (`Å\u{96}vre Norrland`, `idÅ©er`); Windows-1252's dashes and quotation marks read as control
//! characters (the WHATWG Encoding Standard, index windows-1252); U+2013, U+201C and U+201D of which only the low byte
//! is left. Nothing is repaired that can be right as it stands.

use unicode_normalization::UnicodeNormalization;

/// A text as far as it can be mended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mended {
    /// The text: composed letters, single spaces, no control characters but line breaks.
    pub text: String,
    /// How many characters were repaired.
    pub repaired: usize,
    /// How many were taken out, since nobody can know what they were.
    pub taken_out: usize,
}

/// What a place in a text comes to: what the letters stood for, and how many of them are used up.
enum Step {
    Kept(char),
    Repaired(usize, Option<char>),
    TakenOut(usize),
}

/// Mends a text.
#[must_use]
pub fn mend(text: &str) -> Mended {
    let letters: Vec<char> = text.replace("\r\n", "\n").nfc().collect();
    let mut mended = Mended::default();
    let (mut whole, mut at) = (String::with_capacity(text.len()), 0);
    while at < letters.len() {
        at += match step(&letters[at..], whole.chars().next_back()) {
            Step::Kept(letter) => {
                whole.push(letter);
                1
            }
            Step::Repaired(used, letter) => {
                mended.repaired += 1;
                whole.extend(letter);
                used
            }
            Step::TakenOut(used) => {
                mended.taken_out += 1;
                used
            }
        };
    }
    mended.text = single_spaced(&whole);
    mended
}

/// The first step through these letters, of which there is at least one.
fn step(letters: &[char], before: Option<char>) -> Step {
    let (letter, next) = (letters[0], letters.get(1).copied());
    if let Some(step) = misread_utf8(letter, &letters[1..], before) {
        return step;
    }
    let is_between_letters = before.is_some_and(char::is_alphabetic) && next.is_some_and(char::is_alphabetic);
    match letter {
        '\n' | '\t' => Step::Kept(letter),
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Step::Kept('\n'),
        // Not for the eye: byte order mark, zero-width space, soft hyphen.
        '\u{feff}' | '\u{200b}' | '\u{ad}' => Step::Repaired(1, None),
        // A soft hyphen that was made visible.
        '¬' if is_between_letters => Step::Repaired(1, None),
        '\u{12}' | '\u{13}' if before.is_none_or(char::is_whitespace) && next.is_none_or(char::is_whitespace) => {
            Step::Repaired(1, Some('–'))
        }
        '\u{1c}' => Step::Repaired(1, Some('“')),
        '\u{1d}' => Step::Repaired(1, Some('”')),
        // Between letters it may as well be the rest of one.
        '\u{80}'..='\u{9f}' if !is_between_letters => {
            windows_1252(letter).map_or(Step::TakenOut(1), |letter| Step::Repaired(1, Some(letter)))
        }
        '¿' | '\u{fffd}' => Step::TakenOut(1),
        _ if letter.is_control() => Step::TakenOut(1),
        _ => Step::Kept(letter),
    }
}

/// Signs that stand in no word; as second bytes they are ä, å, ö, é, è, ê, á, í, ó, ü, ø and æ.
const NO_LETTERS: &[char] = &['¤', '¥', '¶', '©', '¨', 'ª', '¡', '\u{ad}', '³', '¼', '¸', '¦'];

/// UTF-8 of two or three bytes that was read byte by byte.
fn misread_utf8(letter: char, rest: &[char], before: Option<char>) -> Option<Step> {
    let next = *rest.first()?;
    let is_control = matches!(next, '\u{80}'..='\u{9f}');
    let is_sign = matches!(next, '\u{a0}'..='\u{bf}');
    match letter {
        'Ã' => continuation(next).map(|low| letter_of(&[0xc3, low], 2)),
        // Å is a letter of its own: it is the byte only before what no word has after it.
        'Å' if is_control || (NO_LETTERS.contains(&next) && before.is_some_and(char::is_lowercase)) => {
            continuation(next).map(|low| letter_of(&[0xc3, low], 2))
        }
        'Â' if (is_control || is_sign) && !matches!(next, '«' | '»') => {
            continuation(next).map(|low| letter_of(&[0xc2, low], 2))
        }
        'â' if matches!(next, '€' | '\u{80}') => {
            continuation(*rest.get(1)?).map(|low| letter_of(&[0xe2, 0x80, low], 3))
        }
        _ => None,
    }
}

fn letter_of(bytes: &[u8], used: usize) -> Step {
    let letter = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next());
    match letter {
        Some(letter @ '\u{80}'..='\u{9f}') => Step::Repaired(used, windows_1252(letter)),
        Some('\u{ad}' | '\u{200b}') => Step::Repaired(used, None),
        // A mark that was lost and then misread is lost all the same.
        Some('¿') => Step::TakenOut(used),
        letter => Step::Repaired(used, letter),
    }
}

/// The byte from 80 to BF that a letter was read from, as Latin-1 or as Windows-1252.
fn continuation(letter: char) -> Option<u8> {
    let low = u32::from(letter);
    if (0x80..=0xbf).contains(&low) {
        return u8::try_from(low).ok();
    }
    let position = WINDOWS_1252.iter().position(|own| *own == letter && letter != '\0')?;
    u8::try_from(position + 0x80).ok()
}

/// What Windows-1252 has for the bytes 80 to 9F, which Latin-1 takes for control characters.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

fn windows_1252(control: char) -> Option<char> {
    let index = usize::try_from(u32::from(control).checked_sub(0x80)?).ok()?;
    WINDOWS_1252.get(index).copied().filter(|letter| *letter != '\0')
}

/// Spaces in a row are one, and none begin or end a line; line breaks stay.
fn single_spaced(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut spaces = Vec::new();
    for letter in text.trim().chars() {
        match letter {
            '\n' => {
                spaces.clear();
                tidy.push(letter);
            }
            _ if letter.is_whitespace() => spaces.push(letter),
            _ => {
                let is_first = tidy.is_empty() || tidy.ends_with('\n');
                match spaces.as_slice() {
                    [] => {}
                    _ if is_first => {}
                    // A single no-break space is somebody's choice.
                    [only] if *only != '\t' => tidy.push(*only),
                    _ => tidy.push(' '),
                }
                spaces.clear();
                tidy.push(letter);
            }
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Letters of the Nordic languages, German and French; signs as people write them after a word.
    const LETTERS: &str = "[a-zA-Z0-9åäöÅÄÖéÉüÜøØæÆßçèêàâîôûëïœÂÊÔ]{0,9}";
    const LAST_LETTER: &str = "[a-zA-Z0-9åäöÅÄÖéÜ]";
    const SIGNS: &str = r#"[.,;:!?()/&%+*'"’“”«»–—…·§°=-]{0,3}"#;

    #[test]
    fn what_is_certain_is_repaired() {
        let texts = [
            ("Å\u{96}vre Norrland", "Övre Norrland", 1),
            ("SM\u{c5}LANDS F\u{c5}\u{84}LTN\u{c5}\u{84}MND", "SMÅLANDS FÄLTNÄMND", 2),
            ("nya idÅ©er, en idÅ©", "nya idéer, en idé", 2),
            ("Å\u{85}re", "Åre", 1),
            ("bÃ¤ttre vÃ¤gar till Ã–n och Ãre", "bättre vägar till Ön och Ãre", 3),
            ("b\u{c3}\u{a4}ttre \u{c3}\u{96}n", "bättre Ön", 2),
            ("Ã…re, Ã„ngelsberg", "Åre, Ängelsberg", 2),
            ("Â§ 4 Â– 5", "§ 4 Â– 5", 1),
            ("2007 Â\u{96} 2013", "2007 – 2013", 1),
            ("2007 \u{96} 2013", "2007 – 2013", 1),
            ("2007\u{96}2013", "2007–2013", 1),
            ("\u{93}citat\u{94} \u{95} punkt\u{85}", "“citat” • punkt", 3),
            ("â€œcitatâ€\u{9d} â€“ â€¦", "“citat” – …", 4),
            ("b\u{e4}dd \u{13} tj\u{e4}nst, \u{1c}ett\u{1d} \u{1d}tv\u{e5}\u{1d}", "bädd – tjänst, “ett” ”två”", 5),
            ("före¬tagens ut\u{ad}veckling", "företagens utveckling", 2),
            ("\u{feff}Namn", "Namn", 1),
        ];
        for (text, expected, repaired) in texts {
            let mended = Mended { text: expected.to_owned(), repaired, taken_out: 0 };
            assert_eq!(mend(text), mended, "{text:?}");
        }
    }

    #[test]
    fn what_nobody_can_know_is_taken_out() {
        let texts = [
            ("en ¿bra arbetsgivare¿. ¿¿¿", "en bra arbetsgivare.", 5),
            ("MSB ¿ Myndigheten", "MSB Myndigheten", 1),
            ("Â¿Landsbygd 2020Â¿ är", "Landsbygd 2020 är", 2),
            ("l\u{fffd}sning", "lsning", 1),
            ("lösningar.\u{2}\u{2}\u{2}  Såväl", "lösningar. Såväl", 3),
            ("x\u{13} y \u{13}z", "x y z", 2),
            ("Stockholm\u{96}Uppsala", "StockholmUppsala", 1),
            ("a\u{13}b \u{7f} \u{8d} c", "ab c", 3),
        ];
        for (text, expected, taken_out) in texts {
            let mended = Mended { text: expected.to_owned(), repaired: 0, taken_out };
            assert_eq!(mend(text), mended, "{text:?}");
        }
    }

    #[test]
    fn what_is_right_stays() {
        let texts = [
            "»PÅ« och »PÅ»",
            "PÅ… och PÅ – Åland",
            "FÅ\u{a0}KRONOR",
            "PÅ© och Å¤",
            "Âge, CRÂNE, pâte, 5\u{a0}€, «Â»",
            "SÃO TOMÉ",
            "5 § ± 3 ¤ ¬ x · y",
            "rad ett\nrad två",
            "1\u{a0}250\u{202f}000 kr",
            "naïve œuvre, Öğ, Åbo © 2016",
        ];
        for text in texts {
            assert_eq!(mend(text), Mended { text: text.to_owned(), repaired: 0, taken_out: 0 }, "{text:?}");
        }
    }

    #[test]
    fn spaces_are_single_and_letters_whole() {
        assert_eq!(mend("  Företagarna  \t Norr \r\n  ny\u{b}rad ").text, "Företagarna Norr\nny\nrad");
        assert_eq!(mend("A\u{30a}re o\u{308}").text, "Åre ö");
        let mended = mend("A\u{30a}re");
        assert_eq!(mended.repaired + mended.taken_out, 0);
        assert_eq!(mend(" \u{a0}\u{2009} ").text, "");
    }

    proptest! {
        #[test]
        fn right_text_is_untouched(words in prop::collection::vec((LETTERS, LAST_LETTER, SIGNS), 1..20)) {
            let words: Vec<String> = words.into_iter().map(|(word, last, signs)| word + &last + &signs).collect();
            let text = words.join(" ");
            prop_assert_eq!(mend(&text), Mended { text, repaired: 0, taken_out: 0 });
        }

        #[test]
        fn text_read_as_latin_1_comes_back(text in "[a-zåäöéüøæÅÄÖÉØÆ]{1,20}") {
            let misread: String = text.bytes().map(char::from).collect();
            prop_assert_eq!(mend(&misread).text, text);
        }

        #[test]
        fn text_with_its_first_byte_turned_into_a_letter_comes_back(text in "[a-z][ÅÄÖÉéüø][a-z]{1,9}") {
            let misread: String = text.bytes().map(char::from).map(|c| if c == 'Ã' { 'Å' } else { c }).collect();
            prop_assert_eq!(mend(&misread).text, text);
        }

        #[test]
        fn mended_text_needs_no_mending(text in "[a-zÅÃÂâ€¿\u{80}-\u{bf}\u{1}-\u{20} ]{0,30}") {
            let once = mend(&text).text;
            prop_assert!(!once.chars().any(|letter| letter.is_control() && letter != '\n'), "{:?}", once);
            prop_assert!(!once.contains("  "));
        }
    }
}
