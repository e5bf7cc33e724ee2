//! How good the suggestions are, measured on projects whose answer is known: a project bank's rows, each granted under one of five
//! axes, and registered projects with their alignments.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::model::{Label, Suggester, Suggestion};
use super::number;
use crate::language::{fold, terms};

/// The shortest description that is measured, in characters.
const SHORTEST: usize = 80;
/// Into how many parts the rows are split when each is judged by the others.
const FOLDS: u64 = 10;

/// A granted project of a project bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The bank's case id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Description.
    pub text: String,
    /// The axis it was granted under, 1 to 5.
    pub axis: u8,
}

/// How often the right axis came first and among the first two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// By axis: rows, right at first, right among the first two.
    pub axes: BTreeMap<u8, [u32; 3]>,
}

impl Tally {
    fn count(&mut self, axis: u8, place: Option<usize>) {
        let counts = self.axes.entry(axis).or_default();
        counts[0] += 1;
        counts[1] += u32::from(place == Some(0));
        counts[2] += u32::from(place.is_some_and(|place| place < 2));
    }

    /// Rows, right at first, right among the first two, of all axes together.
    #[must_use]
    pub fn all(&self) -> [u32; 3] {
        self.axes.values().fold([0; 3], |sum, counts| [0, 1, 2].map(|index| sum[index] + counts[index]))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |count: u32, of: u32| f64::from(count) / f64::from(of.max(1));
        let [rows, first, second] = self.all();
        write!(f, "{rows} rows, top-1 {:.3}, top-2 {:.3}", part(first, rows), part(second, rows))?;
        for (axis, [rows, first, second]) in &self.axes {
            let (first, second) = (part(*first, *rows), part(*second, *rows));
            write!(f, "\n  axis {axis}: {rows} rows, top-1 {first:.3}, top-2 {second:.3}")?;
        }
        Ok(())
    }
}

/// The figures of a project bank's file in words: on the first day, and with decisions, which are the other file's or else,
/// cross-validated, the file's own.
///
/// # Errors
/// When a file is no project bank.
pub fn report(suggester: &Suggester, framework: &str, file: &[u8], learn: Option<&[u8]>) -> Result<String, String> {
    let rows = rows(file)?;
    let first_day = first_day(suggester, framework, &rows);
    let (name, decided) = match learn {
        Some(other) => {
            ("with the other file's decisions", with_known(suggester, framework, &rows, &self::rows(other)?))
        }
        None => ("with decisions, cross-validated", cross_validated(suggester, framework, &rows)),
    };
    Ok(format!("first day: {first_day}\n{name}: {decided}"))
}

/// How often registered projects' main sub-goal comes first and among the first three, in words.
#[must_use]
pub fn report_projects(suggester: &Suggester, strategy: &str, projects: &[Aligned]) -> String {
    let line = |name: &str, decided: bool| {
        let places = main_sub_goals(suggester, strategy, projects, decided);
        let among = |most: usize| places.iter().filter(|(_, place)| place.is_some_and(|place| place < most)).count();
        let [first, three] = [1, 3].map(|most| number(among(most)) / number(places.len().max(1)));
        let count = places.len();
        format!("{name}: {count} projects, main sub-goal first {first:.3}, among the first three {three:.3}")
    };
    format!("{}\n{}", line("first day", false), line("with decisions, leaving one out", true))
}

/// The measurable rows of a project bank's file: those of axes 1 to 5 with a description of at least 80 characters.
///
/// The file is CSV with a header, in UTF-8 or Windows-1252, its columns known by name with or without å, ä and ö.
///
/// # Errors
///
/// When the file is no CSV or lacks a column.
pub fn rows(file: &[u8]) -> Result<Vec<Row>, String> {
    let text = decoded(file);
    let header = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|mark| header.bytes().filter(|byte| byte == mark).count());
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().map_err(|fault| fault.to_string())?.iter().map(plain).collect();
    let column = |is_it: &dyn Fn(&str) -> bool| names.iter().position(|name| is_it(name));
    let needed = |name: &str, place: Option<usize>| place.ok_or_else(|| format!("the file has no column {name}"));
    let id = needed("ärende-id", column(&|name| name.contains("rende") && name.ends_with("id")))?;
    let title = needed("projektnamn", column(&|name| name == "projektnamn"))?;
    let description = needed("projektbeskrivning", column(&|name| name.starts_with("projektbeskrivning")))?;
    let area = needed("insatsområde", column(&|name| name.starts_with("insatsomr")))?;
    let goal = column(&|name| name.starts_with("tematiskt"));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|fault| fault.to_string())?;
        let field = |index: usize| record.get(index).unwrap_or_default().trim().to_owned();
        let Some(axis) = axis(&field(area)).or_else(|| axis(&field(goal?))) else { continue };
        let text = field(description);
        if text.chars().count() >= SHORTEST {
            rows.push(Row { id: field(id), title: field(title), text, axis });
        }
    }
    Ok(rows)
}

/// A column's name in plain letters.
fn plain(name: &str) -> String {
    fold(name).replace(['å', 'ä'], "a").replace('ö', "o").chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The axis that a wording means, 1 to 5: the programmes word the same five goals differently. By word stems that broken
/// encodings leave whole; else by number, when there is nothing but one (`3`, `Insatsområde 3`).
#[must_use]
pub fn axis(wording: &str) -> Option<u8> {
    let wording = fold(wording);
    let words: Vec<&str> =
        wording.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)));
    if has(&["koldioxid"]) {
        return Some(4);
    }
    if has(&["transport", "flaskhals"]) {
        return Some(5);
    }
    if has(&["ikt", "informations", "kommunikationstek", "bredband"]) {
        return Some(2);
    }
    if has(&["konkurrenskraft", "medelstora", "smf", "sme"]) {
        return Some(3);
    }
    if has(&["forskning", "innovation"]) {
        return Some(1);
    }
    match words[..] {
        [number] | ["insatsområde" | "axel" | "axis", number] => {
            number.parse().ok().filter(|axis| (1..=5).contains(axis))
        }
        _ => None,
    }
}

/// A file's text: UTF-8, else Windows-1252.
fn decoded(file: &[u8]) -> String {
    match std::str::from_utf8(file) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(file).0.into_owned(),
    }
}

/// Where a code stands in a list of suggestions, among some codes.
fn place(list: &[Suggestion], code: &str, among: impl Fn(&str) -> bool) -> Option<usize> {
    list.iter().filter(|one| among(&one.code)).position(|one| one.code == code)
}

fn is_axis(code: &str) -> bool {
    matches!(code, "1" | "2" | "3" | "4" | "5")
}

fn judge(suggester: &Suggester, framework: &str, row: &Row, tally: &mut Tally) {
    let answer = suggester.suggest(&row.title, &row.text);
    let list = answer.priorities.get(framework).map_or(&[][..], Vec::as_slice);
    tally.count(row.axis, place(list, &row.axis.to_string(), is_axis));
}

fn learn(suggester: &mut Suggester, framework: &str, row: &Row) {
    let label = Label { catalogue: framework.to_owned(), code: row.axis.to_string(), share: 100 };
    suggester.learn(&row.id, &row.title, &row.text, &[label]);
}

/// Every row judged by what the suggester knows.
#[must_use]
pub fn first_day(suggester: &Suggester, framework: &str, rows: &[Row]) -> Tally {
    let mut tally = Tally::default();
    for row in rows {
        judge(suggester, framework, row, &mut tally);
    }
    tally
}

/// Every row judged when the others are known as granted: in ten parts, a row's part told by its title without stage and number,
/// so that a project's stages stay together and the order of the rows does not matter.
#[must_use]
pub fn cross_validated(suggester: &Suggester, framework: &str, rows: &[Row]) -> Tally {
    let mut tally = Tally::default();
    for fold in 0..FOLDS {
        let is_in = |row: &&Row| hash(&family(&row.title)) % FOLDS == fold;
        let mut taught = suggester.clone();
        rows.iter().filter(|row| !is_in(row)).for_each(|row| learn(&mut taught, framework, row));
        rows.iter().filter(is_in).for_each(|row| judge(&taught, framework, row, &mut tally));
    }
    tally
}

/// Every row judged when other rows are known as granted; those of the same project, by case id or title, are not.
#[must_use]
pub fn with_known(suggester: &Suggester, framework: &str, rows: &[Row], known: &[Row]) -> Tally {
    let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let families: HashSet<String> = rows.iter().map(|row| family(&row.title)).collect();
    let mut taught = suggester.clone();
    for row in known.iter().filter(|row| !ids.contains(row.id.as_str()) && !families.contains(&family(&row.title))) {
        learn(&mut taught, framework, row);
    }
    first_day(&taught, framework, rows)
}

/// What a project's stages have in common: its title's words without numbers and words for stages.
fn family(title: &str) -> String {
    let is_stage = |word: &str| {
        let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        matches!(word, "" | "et" | "etapp" | "fas" | "del" | "steg" | "i" | "ii" | "iii" | "iv" | "v")
    };
    let words: Vec<String> = terms(title).into_iter().map(|term| term.word).collect();
    let telling: Vec<&str> = words.iter().map(String::as_str).filter(|word| !is_stage(word)).collect();
    if telling.is_empty() { words.join(" ") } else { telling.join(" ") }
}

/// FNV-1a with the finish of `SplitMix64`: the same on every machine.
fn hash(text: &str) -> u64 {
    let fnv = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A registered project with its alignments.
#[derive(Debug, Clone)]
pub struct Aligned {
    /// Its key.
    pub key: String,
    /// Title.
    pub title: String,
    /// Summary.
    pub text: String,
    /// Its alignments: sub-goal, measure, whole percent.
    pub alignments: Vec<(String, Option<String>, u8)>,
}

impl Aligned {
    /// The sub-goal with the largest share; of equal ones the first.
    fn main_sub_goal(&self) -> Option<&str> {
        let mut sums: HashMap<&str, u32> = HashMap::new();
        for (sub_goal, _, share) in &self.alignments {
            *sums.entry(sub_goal).or_default() += u32::from(*share);
        }
        let most = sums.values().max().copied();
        self.alignments
            .iter()
            .map(|(sub_goal, _, _)| sub_goal.as_str())
            .find(|sub_goal| sums.get(sub_goal).copied() == most)
    }

    fn labels(&self, strategy: &str) -> Vec<Label> {
        let label = |(sub_goal, measure, share): &(String, Option<String>, u8)| Label {
            catalogue: strategy.to_owned(),
            code: measure.clone().unwrap_or_else(|| sub_goal.clone()),
            share: *share,
        };
        self.alignments.iter().map(label).collect()
    }
}

/// For each project with alignments the place of its main sub-goal among those suggested, from 0; with `decided`, when the other
/// projects are known, those of the same family aside.
#[must_use]
pub fn main_sub_goals(
    suggester: &Suggester,
    strategy: &str,
    projects: &[Aligned],
    decided: bool,
) -> Vec<(String, Option<usize>)> {
    let mut places = Vec::new();
    for project in projects {
        let Some(main) = project.main_sub_goal() else { continue };
        let mut taught = suggester.clone();
        let others = projects.iter().filter(|other| decided && family(&other.title) != family(&project.title));
        others.for_each(|other| taught.learn(&other.key, &other.title, &other.text, &other.labels(strategy)));
        let answer = taught.suggest(&project.title, &project.text);
        let place = place(&answer.sub_goals, main, |_| true);
        places.push((project.key.clone(), place));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_programmes_wording_tells_its_axis() {
        for (wording, expected) in [
            ("Att stärka forskning, teknisk utveckling och innovation", Some(1)),
            ("1. Samverkan inom forskning och innovation", Some(1)),
            ("Att öka tillgången till, användningen av och kvaliteten på IKT", Some(2)),
            ("Inkluderande tillväxt - bredband", Some(2)),
            ("Att Ã¶ka konkurrenskraften fÃ¶r smÃ¥ och medelstora fÃ¶retag", Some(3)),
            ("Att \u{f6}ka konkurrenskraften hos SMF", Some(3)),
            ("Innovation för en koldioxidsnål ekonomi", Some(4)),
            ("Att främja hållbara transporter och få bort flaskhalsar i viktig nätinfrastruktur", Some(5)),
            ("Insatsområde 4", Some(4)),
            ("5", Some(5)),
            ("Tekniskt stöd", None),
            ("Huvudstadsregionens särskilda utmaningar", None),
            ("2 Tillgänglighet", None),
        ] {
            assert_eq!(axis(wording), expected, "{wording}");
        }
    }

    #[test]
    fn rows_are_read_in_either_encoding() {
        let text = "ärende-id;projektnamn;projektbeskrivning;insatsområde\n1;Å;".to_owned()
            + &"bredband ".repeat(10)
            + ";bredband\n2;B;kort;bredband\n";
        let old: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
        for file in [text.as_bytes(), &old] {
            let rows = rows(file).unwrap_or_default();
            assert_eq!(rows.iter().map(|row| (row.title.as_str(), row.axis)).collect::<Vec<_>>(), [("Å", 2)]);
        }
        assert!(rows(b"a,b\n1,2\n").is_err());
    }

    #[test]
    fn stages_of_a_project_are_one_family() {
        assert_eq!(family("BREDBAND TILL FLER etapp 2"), family("Bredband till fler"));
        assert_eq!(family("Godsterminal i Bastuträsk et 1"), family("Godsterminal i Bastuträsk et2"));
        assert_ne!(family("Arena A"), family("Arena B"));
        assert_eq!(family("2"), "2");
    }
}
