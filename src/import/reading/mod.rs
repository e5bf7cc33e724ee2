//! Reading what people write in the cells of a sheet: amounts, days, whole numbers and texts.
//!
//! What can be read in one way only is read; what can be read in two is refused rather than guessed.

mod amount;
mod date;
mod mend;
mod placeholder;

pub use amount::{Amount, amount, whole_number};
pub use date::date;
pub use mend::{Mended, mend};
pub use placeholder::is_placeholder;

use crate::text::{Bilingual, bilingual};

/// Why a cell cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unreadable {
    /// Not an amount at all.
    Amount,
    /// One point or comma with three digits after: thousands or decimals?
    AmbiguousAmount,
    /// Below zero.
    NegativeAmount,
    /// More than two decimals.
    TooManyDecimals,
    /// More than thirteen digits before the decimals.
    AmountTooLarge,
    /// Not a day at all.
    Date,
    /// Day and month can change places.
    AmbiguousDate,
    /// The form of a day, but no day of the calendar from 1900 to 2100.
    NoSuchDay,
    /// Not a whole number.
    WholeNumber,
}

impl Unreadable {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Amount => "amount-unreadable",
            Self::AmbiguousAmount => "amount-ambiguous",
            Self::NegativeAmount => "amount-negative",
            Self::TooManyDecimals => "amount-decimals",
            Self::AmountTooLarge => "amount-too-large",
            Self::Date => "date-unreadable",
            Self::AmbiguousDate => "date-ambiguous",
            Self::NoSuchDay => "date-no-such-day",
            Self::WholeNumber => "number-unreadable",
        }
    }

    /// What would be right.
    #[must_use]
    pub fn reason(self) -> Bilingual {
        match self {
            Self::Amount => bilingual!(
                "går inte att läsa som ett belopp; skriv det som 1250000 eller 1250000,50",
                "cannot be read as an amount; write it as 1250000 or 1250000.50"
            ),
            Self::AmbiguousAmount => bilingual!(
                "kan vara tusental eller decimaler; skriv 1250 eller 1,25",
                "may be thousands or decimals; write 1250 or 1.25"
            ),
            Self::NegativeAmount => bilingual!("ett belopp är inte negativt", "an amount is not negative"),
            Self::TooManyDecimals => bilingual!("ska ha högst två decimaler", "must have at most two decimals"),
            Self::AmountTooLarge => {
                bilingual!("ska ha högst tretton siffror före decimalerna", "must have at most thirteen whole digits")
            }
            Self::Date => bilingual!(
                "går inte att läsa som en dag; skriv den som 2016-09-01",
                "cannot be read as a day; write it as 2016-09-01"
            ),
            Self::AmbiguousDate => bilingual!(
                "dag och månad kan byta plats; skriv dagen som 2016-09-01",
                "day and month can change places; write the day as 2016-09-01"
            ),
            Self::NoSuchDay => bilingual!(
                "den dagen finns inte i kalendern 1900–2100; skriv den som 2016-09-01",
                "there is no such day in the calendar 1900–2100; write it as 2016-09-01"
            ),
            Self::WholeNumber => bilingual!(
                "går inte att läsa som ett heltal; skriv det som 70",
                "cannot be read as a whole number; write it as 70"
            ),
        }
    }
}
