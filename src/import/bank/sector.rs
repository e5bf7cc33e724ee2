//! The sector of an organisation, read from its name.
//!
//! Swedish law makes some kinds tell themselves: a limited company's name has `aktiebolag` or AB (aktiebolagslagen
//! 2005:551, 28 kap. 1 §), an economic association's `ekonomisk förening` or `ek. för.` (lag 2018:672, 20 kap.). Others
//! are told by what such bodies are called. The names studied are the 720 of the two banks; the banks cut some short.

use Place::{Begins, Ends, First, Inside, Word};
use Sector::{Academia, Business, CivilSociety, Public};

use crate::organisation::Sector;

/// Where in a name a pattern stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// As a word, or several.
    Word,
    /// Where the name begins.
    First,
    /// Where a word begins.
    Begins,
    /// Where a word ends.
    Ends,
    /// Anywhere, also inside a word.
    Inside,
}

/// What a name tells: the first that fits is right, so what is sure stands before what is less so.
const TABLE: &[(Sector, Place, &[&str])] = &[
    // What a later line would take for something else.
    (Public, Begins, &["länsstyrelse", "statens "]),
    (Public, Inside, &["universitetshospital", "universitetssjukhus", "sygehus"]),
    (Public, Word, &["sveriges meterologiska", "sveriges meteorologiska", "european investment fund"]),
    (CivilSociety, Begins, &["folkuniversitet", "folkbildning", "studieförbund", "studiefrämjande"]),
    (CivilSociety, Inside, &["folkhögskola"]),
    // Companies and foundations that are universities or research institutes.
    (Academia, Inside, &["tekniska högskola", "yrkeshögskola", "yrkes högskola", "handelshögskola", "forskningsinst"]),
    (Academia, Begins, &["swerea", "acreo", "sik institut", "european spallation", "stiftelsen institutet"]),
    (Academia, Word, &["swedish ict", "research institute", "research institutes", "engineering institute"]),
    // What the law makes a name say, and its like in the neighbouring countries.
    (Business, Word, &["ab", "aktiebolag", "aktiebolaget", "hb", "handelsbolag", "kb", "kommanditbolag"]),
    (Business, Inside, &["ekonomisk fören", "ekonomiska fören", "ek fören", "utvecklingscentrum ekonomi"]),
    (Business, Word, &["ek för", "oy", "oyj", "aps", "a s", "gmbh", "ltd", "f m b a"]),
    // Economic associations and chambers of commerce by what they are.
    (Business, Inside, &["kreditgarantifören", "coompanion", "kooperativ utveckling", "handelskammar"]),
    // Associations and foundations, also those of public bodies.
    (CivilSociety, Begins, &["stiftelse", "stift ", "insamlingsstift", "fonden", "nätverk", "ung företagsamhet"]),
    (CivilSociety, Word, &["foundation", "handikappidrott"]),
    (CivilSociety, Inside, &["hushållningssällskap", "stiftelsen ", "idrottsf", "båtförbund"]),
    (CivilSociety, Ends, &["förening", "föreningen", "fören", "foreningen", "foreningerne", "fonden", "nätverket"]),
    (CivilSociety, Ends, &["sällskap", "klubb", "kapellag", "vänner", "nyföretagarcentrum", "idrottsförb"]),
    (CivilSociety, Begins, &["föreningen", "företagarna"]),
    // Public bodies.
    (Public, Word, &["kommun", "kommuns", "kommunen", "kommuner", "kommmun", "stad", "stads", "landsting"]),
    (Public, First, &["region "]),
    (Public, Begins, &["landsting", "regionförbund", "kommunförbund", "samordningsförbund", "beskaeftigelsesregion"]),
    (Public, Inside, &["kommunalförbund", "götalandsregionen"]),
    (Public, Ends, &["kommune", "kaupunki", "miljöcentralen", "gymnasieförbund", "verket", "arkivet"]),
    (Public, Ends, &["myndighet", "myndigheten", "inspektionen"]),
    (Public, Begins, &["skogsstyrelsen", "forststyrelsen", "socialstyrelsen", "arbetsförmedlingen"]),
    (Public, Word, &["satakunta förbund", "skat köbenhavn", "nutek", "öresundskomiteen"]),
    // Universities and institutes.
    (Academia, Ends, &["universitet", "universitetet", "university", "yliopisto", "högskola", "högskolan"]),
    (Academia, Ends, &["akademi", "instituttet", "institutet", "institut", "korkeakolu", "korkeakoulu", "korkekoulu"]),
    (Academia, Word, &["university college", "business school", "research"]),
];

/// The sector that a name tells; nothing when none is evident.
#[must_use]
pub fn sector(name: &str) -> Option<Sector> {
    let plain = plain(name);
    let is_told = |place: Place, pattern: &str| match place {
        Word => plain.contains(&format!(" {pattern} ")),
        First => plain.trim_start().starts_with(pattern),
        Begins => plain.contains(&format!(" {pattern}")),
        Ends => plain.contains(&format!("{pattern} ")),
        Inside => plain.contains(pattern),
    };
    let is_right = |(_, place, patterns): &&(Sector, Place, &[&str])| patterns.iter().any(|it| is_told(*place, it));
    TABLE.iter().find(is_right).map(|(sector, ..)| *sector)
}

/// Small letters, æ and ø as ä and ö, one space for every sign, and one before and after.
fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'æ' => 'ä',
        'ø' => 'ö',
        letter if letter.is_alphanumeric() => letter,
        _ => ' ',
    };
    let plain: String = name.to_lowercase().chars().map(letter).collect();
    format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_sector() {
        let names = [
            (Public, "NORSJÖ KOMMUN"),
            (Public, "Malmö stad"),
            (Public, "Vaggeryds kommun/biblioteket"),
            (Public, "Länsstyrelsen i Västerbottens län"),
            (Public, "Region Dalarna"),
            (Public, "Regionförbundet i Kalmar län"),
            (Public, "Kommunalförbundet Akademi Norr"),
            (Public, "Västerbottens läns landsting"),
            (Public, "Statens maritima museer"),
            (Public, "Tillväxtverket"),
            (Public, "Skogsstyrelsen"),
            (Public, "Frederikshavn Kommune"),
            (Business, "Umeå Kommunföretag AB"),
            (Business, "Business Region Göteborg AB"),
            (Business, "EXPANDUM AKTIEBOLAG"),
            (Business, "Gold of Lappland Ekonomisk Förening"),
            (Business, "Lofsdalen Turistnäring ek. för."),
            (Business, "Kreditgarantiföreningen Jämtlands län"),
            (Academia, "Luleå Tekniska Universitet"),
            (Academia, "Chalmers Tekniska Högskola AB"),
            (Academia, "HÖGSKOLAN I SKÖVDE"),
            (Academia, "SP Sveriges Tekniska Forskningsinstitut AB"),
            (Academia, "Åbo Akademi"),
            (CivilSociety, "Stiftelsen Chalmers Industriteknik"),
            (CivilSociety, "Stift Jamtli"),
            (CivilSociety, "VÄSTERBOTTENS IDROTTSFÖRBUND"),
            (CivilSociety, "Skaraborgs läns hushållningssällskap"),
            (CivilSociety, "Föreningen Malmö folkhögskola"),
            (CivilSociety, "Folkuniversitet Syd"),
        ];
        for (expected, name) in names {
            assert_eq!(sector(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_is_not_evident_is_not_told() {
        for name in ["", "Communicare", "Stål & Verkstad", "Absolut", "Regional samverkan", "Kommunikation i Norr"] {
            assert_eq!(sector(name), None, "{name}");
        }
    }
}
