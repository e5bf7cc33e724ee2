//! What stands in a cell when nothing does.

use super::mend::mend;

/// Words that say that nothing is known: those of Tillväxtverket's banks, people's own, and what a spreadsheet or a
/// database shows for a missing value (Excel in Swedish: `#SAKNAS!`).
const PLACEHOLDERS: &[&str] = &[
    "värde saknas",
    "information saknas",
    "uppgift saknas",
    "uppgifter saknas",
    "beskrivning saknas",
    "data saknas",
    "saknas",
    "saknar värde",
    "ingen uppgift",
    "inga uppgifter",
    "ej angivet",
    "ej angiven",
    "ej aktuellt",
    "ej tillämpligt",
    "okänt",
    "okänd",
    "n/a",
    "n.a",
    "na",
    "nan",
    "nil",
    "null",
    "none",
    "tom",
    "-0",
    "unknown",
    "saknas!",
    "värdefel!",
    "value!",
    "ref!",
    "referens!",
    "null!",
    "skärning!",
    "name?",
    "namn?",
    "num!",
    "ogiltigt!",
    "div/0!",
    "division/0!",
];

/// Whether a text, in any capitals, only says that there is nothing to say; so does one without letters and digits.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let mended = mend(text).text.to_lowercase();
    if !mended.chars().any(char::is_alphanumeric) {
        return true;
    }
    let around = |letter: char| letter.is_whitespace() || "#.<>()[]\"'".contains(letter);
    PLACEHOLDERS.contains(&mended.trim_matches(around))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_in_many_ways() {
        let placeholders = [
            "",
            " ",
            "-",
            "–",
            ".",
            "-0",
            "...",
            "?",
            "¿¿¿",
            "Värde saknas",
            "VÄRDE  SAKNAS",
            "Information saknas.",
            "Saknas",
            "uppgift saknas",
            "N/A",
            "#N/A",
            "#SAKNAS!",
            "#VÄRDEFEL!",
            "NULL",
            "<null>",
            "n.a.",
            "V\u{c3}\u{a4}rde saknas",
        ];
        for text in placeholders {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn something_is_something() {
        let texts =
            ["0", "1", "Nationellt", "Värde saknas i kedjan", "Ett mervärde saknas", "A", "Tomas", "-1", "Nan-Ying"];
        for text in texts {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
