//! One row on the desk: its cells, what the rules must know, and what has been found so far.

use chrono::NaiveDate;

use super::Reference;
use super::layout::{Column, Layout};
use crate::import::reading::{self, Amount, Unreadable, is_placeholder, mend};
use crate::import::told::Finding;
use crate::text::{Bilingual, bilingual};

/// A text, or as much of it as is repeated.
pub(super) fn cut(text: &str) -> String {
    if text.chars().nth(Finding::LONGEST).is_none() {
        return text.to_owned();
    }
    text.chars().take(Finding::LONGEST - 1).chain(['…']).collect()
}

/// A row being read.
pub(super) struct Desk<'a, S> {
    pub(super) layout: &'a Layout,
    pub(super) reference: &'a Reference,
    cells: &'a [S],
    pub(super) notes: Vec<Finding>,
    pub(super) faults: Vec<Finding>,
}

impl<'a, S: AsRef<str>> Desk<'a, S> {
    pub(super) fn new(layout: &'a Layout, cells: &'a [S], reference: &'a Reference) -> Self {
        Self { layout, reference, cells, notes: Vec::new(), faults: Vec::new() }
    }

    /// What stands in a cell.
    pub(super) fn raw(&self, column: Column) -> &'a str {
        self.layout.cell(self.cells, column)
    }

    pub(super) fn note(&mut self, column: Column, code: &'static str, reason: Bilingual) {
        let note = self.finding(column, self.raw(column), code, reason);
        self.notes.push(note.as_warning());
    }

    /// A note on a part of a cell.
    pub(super) fn note_on(&mut self, column: Column, value: &str, code: &'static str, reason: Bilingual) {
        let note = self.finding(column, value, code, reason);
        self.notes.push(note.as_warning());
    }

    pub(super) fn fault(&mut self, column: Column, code: &'static str, reason: Bilingual) {
        let fault = self.finding(column, self.raw(column), code, reason);
        self.faults.push(fault);
    }

    fn finding(&self, column: Column, value: &str, code: &'static str, reason: Bilingual) -> Finding {
        Finding::error(code, reason).at(self.layout.name(column), value)
    }

    /// A cell's text, mended; nothing when it says nothing. Each is taken once: what was broken is noted.
    pub(super) fn text(&mut self, column: Column) -> Option<String> {
        let raw = self.raw(column);
        let mended = mend(raw);
        if is_placeholder(&mended.text) {
            return None;
        }
        let (repaired, taken_out) = (mended.repaired, mended.taken_out);
        if taken_out > 0 {
            let reason = bilingual!(
                "{taken_out} tecken gick inte att läsa och togs bort, {repaired} rättades; jämför med källan",
                "{taken_out} characters could not be read and were removed, {repaired} were repaired; see the source"
            );
            self.note(column, "text-broken", reason);
        } else if repaired > 0 {
            let reason = bilingual!(
                "{repaired} tecken hade fått fel teckenkodning och rättades",
                "{repaired} characters were in the wrong encoding and were repaired"
            );
            self.note(column, "text-repaired", reason);
        }
        Some(mended.text)
    }

    /// A cell's day; a fault when it cannot be read.
    pub(super) fn date(&mut self, column: Column) -> Option<NaiveDate> {
        let read = reading::date(self.raw(column));
        self.read(column, read)
    }

    /// A cell's amount, when it is more than nothing and in this currency; a fault when it cannot be read.
    pub(super) fn amount(&mut self, column: Column, currency: Option<&str>) -> Option<Amount> {
        let read = reading::amount(self.raw(column));
        let amount = self.read(column, read).filter(|amount| !amount.is_zero())?;
        if let (Some(named), Some(currency)) = (amount.currency, currency)
            && named != currency
        {
            let reason = bilingual!(
                "beloppet är i {named}, men kolumnen är för {currency}",
                "the amount is in {named}, but the column is for {currency}"
            );
            self.fault(column, "amount-currency", reason);
            return None;
        }
        Some(amount)
    }

    fn read<T>(&mut self, column: Column, read: Result<Option<T>, Unreadable>) -> Option<T> {
        match read {
            Ok(value) => value,
            Err(unreadable) => {
                self.fault(column, unreadable.code(), unreadable.reason());
                None
            }
        }
    }
}
