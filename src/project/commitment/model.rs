//! What the steps of a funding line are, and which may follow on which.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::id::Id;
use crate::money::{Amount, Money};
use crate::problem::{Fault, Kind, Problem};
use crate::text::bilingual;

code_list! {
    /// How far a financier has committed itself.
    pub enum Commitment {
        /// Hoped for.
        Planned = "planned", "planerad";
        /// Applied for.
        Applied = "applied", "ansökt";
        /// A letter of intent.
        Intent = "intent", "avsiktsförklaring";
        /// A co-funding certificate.
        Certified = "certified", "medfinansieringsintyg";
        /// Granted.
        Granted = "granted", "beviljad";
        /// Paid out, in part or whole.
        Paid = "paid", "utbetald";
        /// Refused.
        Refused = "refused", "avslag";
        /// Taken back.
        Withdrawn = "withdrawn", "återtagen";
    }
}

impl Commitment {
    /// The steps that may follow: forward, skipping if need be. A grant may be changed by a new decision, also when part
    /// of it is paid, and is paid in as many parts as it takes; what is refused or withdrawn is over.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        use Commitment::{Applied, Certified, Granted, Intent, Paid, Refused, Withdrawn};
        match self {
            Self::Planned => &[Applied, Intent, Certified, Granted, Paid, Refused, Withdrawn],
            Applied => &[Intent, Certified, Granted, Paid, Refused, Withdrawn],
            Intent => &[Certified, Granted, Paid, Refused, Withdrawn],
            Certified => &[Granted, Paid, Refused, Withdrawn],
            Granted => &[Granted, Paid, Withdrawn],
            Paid => &[Granted, Paid],
            Refused | Withdrawn => &[],
        }
    }
}

/// One step of a funding line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Identifier.
    pub id: Id,
    /// What the financier did.
    pub commitment: Commitment,
    /// The day it did so.
    pub date: Option<NaiveDate>,
    /// Over how much; for a payment, that payment alone.
    pub amount: Option<Money>,
    /// The funder's case number.
    pub case_number: Option<String>,
    /// Where the document is: a title, a number in the archive, or an address.
    pub document: Option<String>,
    /// Anything else worth saying.
    pub note: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who recorded it; none is the program itself.
    pub recorded_by: Option<Id>,
}

/// How far the steps have come: paid as soon as anything is, else what the last one says.
#[must_use]
pub fn commitment(steps: &[Step]) -> Commitment {
    if steps.iter().any(|step| step.commitment == Commitment::Paid) {
        return Commitment::Paid;
    }
    steps.last().map_or(Commitment::Planned, |step| step.commitment)
}

/// What has been granted; a line that is paid without a grant on record has been granted its last known amount.
#[must_use]
pub fn granted(steps: &[Step]) -> Option<Money> {
    matches!(commitment(steps), Commitment::Granted | Commitment::Paid).then(|| amount(steps)).flatten()
}

/// What has been paid out, in the currency of the first payment.
#[must_use]
pub fn paid(steps: &[Step]) -> Option<Money> {
    let payments = steps.iter().filter(|step| step.commitment == Commitment::Paid).filter_map(|step| step.amount);
    payments.reduce(|sum, next| Money {
        amount: Amount::from_hundredths(sum.amount.hundredths().saturating_add(next.amount.hundredths())),
        currency: sum.currency,
    })
}

/// The amount that counts: granted once granted, else applied for, else planned. A payment says nothing of the whole,
/// unless payments are all that is known.
#[must_use]
pub fn amount(steps: &[Step]) -> Option<Money> {
    let of_the_whole =
        |step: &&Step| !matches!(step.commitment, Commitment::Paid | Commitment::Refused | Commitment::Withdrawn);
    let known = |step: &Step| step.amount;
    let whole = steps.iter().rev().filter(of_the_whole).find_map(known);
    whole.or_else(|| paid(steps)).or_else(|| steps.iter().rev().find_map(known))
}

/// Lets a step follow on others.
///
/// # Errors
/// 409 with the steps that may follow; 422 when a payment has no amount, has no grant to be paid from, is in another
/// currency than the grant or goes beyond it, or when a grant is lowered below what is paid.
pub fn check(steps: &[Step], step: &Step, today: NaiveDate) -> Result<(), Problem> {
    let now = commitment(steps);
    if !now.next().contains(&step.commitment) {
        let (label, wanted) = (now.label(), step.commitment.label());
        let next: Vec<String> = now.next().iter().map(ToString::to_string).collect();
        let possible = if next.is_empty() { "–".to_owned() } else { next.join(", ") };
        let wanted_code = step.commitment;
        return Err(Problem::new(
            Kind::StateConflict,
            bilingual!(
                "Finansieringsraden är {label} och kan inte bli {wanted}. Möjliga steg: {possible}.",
                "The funding line is {now} and cannot become {wanted_code}. Possible steps: {possible}."
            ),
        )
        .allowing(next));
    }
    let mut faults = amount_faults(steps, step);
    if step.date.is_some_and(|date| date > today) {
        let reason = bilingual!("ligger i framtiden", "is in the future");
        faults.push(Fault::body("/date", "future", reason));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn amount_faults(steps: &[Step], step: &Step) -> Vec<Fault> {
    let fault = |code, reason| vec![Fault::body("/amount", code, reason)];
    match step.commitment {
        Commitment::Paid => {
            let Some(payment) = step.amount else {
                return fault("required", bilingual!("behövs för en utbetalning", "is needed for a payment"));
            };
            let Some(grant) = amount(steps) else {
                let reason = bilingual!(
                    "radens belopp är okänt; registrera först vad som är beviljat",
                    "the line's amount is unknown; record first what is granted"
                );
                return fault("no-grant", reason);
            };
            if payment.currency != grant.currency {
                let currency = grant.currency;
                let reason = bilingual!("ska vara i {currency} som beviljandet", "must be in {currency} as the grant");
                return fault("currency", reason);
            }
            let before = paid(steps).map_or(0, |paid| paid.amount.hundredths());
            let sum = Amount::from_hundredths(before.saturating_add(payment.amount.hundredths()));
            if sum <= grant.amount {
                return Vec::new();
            }
            let limit = grant.amount;
            let reason = bilingual!(
                "tillsammans utbetalt {sum}, men beviljat är {limit}",
                "{sum} paid in all, but {limit} is granted"
            );
            vec![Fault::body("/amount", "above-grant", reason).with("paid", sum).with("granted", limit)]
        }
        Commitment::Granted => match (step.amount, paid(steps)) {
            (Some(grant), Some(paid)) if grant.currency != paid.currency || grant.amount < paid.amount => {
                let (sum, currency) = (paid.amount, paid.currency);
                let reason = bilingual!(
                    "{sum} {currency} är redan utbetalt; det beviljade kan inte bli lägre",
                    "{sum} {currency} is paid already; the grant cannot be lower"
                );
                vec![Fault::body("/amount", "below-paid", reason).with("paid", sum)]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn step(commitment: Commitment, ore: Option<i64>, currency: Currency) -> Step {
        let amount = ore.map(|ore| Money { amount: Amount::from_hundredths(ore), currency });
        let (date, case_number, document, note) = (None, None, None, None);
        let (id, recorded_at, recorded_by) = (Id::new(), Timestamp::now(), None);
        Step { id, commitment, date, amount, case_number, document, note, recorded_at, recorded_by }
    }

    fn today() -> NaiveDate {
        Timestamp::now().as_utc().date_naive()
    }

    proptest! {
        /// Whatever is recorded, paid never exceeds granted, and steps only go where the table leads.
        #[test]
        fn paid_never_exceeds_granted(
            tries in prop::collection::vec((0_usize..8, prop::option::of(0_i64..1_000), any::<bool>()), 1..40),
        ) {
            let mut steps: Vec<Step> = Vec::new();
            for (index, ore, in_euro) in tries {
                let currency = if in_euro { Currency::Eur } else { Currency::Sek };
                let next = step(Commitment::ALL[index], ore, currency);
                if steps.is_empty() || check(&steps, &next, today()).is_ok() {
                    steps.push(next);
                }
                if let (Some(paid), Some(granted)) = (paid(&steps), granted(&steps)) {
                    prop_assert!(paid.amount <= granted.amount, "{steps:#?}");
                    prop_assert_eq!(paid.currency, granted.currency);
                }
            }
            let is_over = |step: &Step| matches!(step.commitment, Commitment::Refused | Commitment::Withdrawn);
            let over = steps.iter().position(is_over);
            prop_assert!(over.is_none_or(|index| index + 1 == steps.len()));
        }
    }

    #[test]
    fn the_amount_that_counts_is_granted_then_applied_then_planned() {
        let sek = |commitment, ore| step(commitment, Some(ore), Currency::Sek);
        let mut steps = vec![sek(Commitment::Planned, 100)];
        assert_eq!(amount(&steps), Some(Money::sek(100)));
        steps.push(sek(Commitment::Applied, 90));
        steps.push(step(Commitment::Certified, None, Currency::Sek));
        assert_eq!((amount(&steps), granted(&steps)), (Some(Money::sek(90)), None));
        steps.push(sek(Commitment::Granted, 80));
        steps.push(sek(Commitment::Paid, 30));
        steps.push(sek(Commitment::Paid, 50));
        assert_eq!((amount(&steps), paid(&steps)), (Some(Money::sek(80)), Some(Money::sek(80))));
        assert!(check(&steps, &sek(Commitment::Paid, 1), today()).is_err());
        assert!(check(&steps, &sek(Commitment::Granted, 79), today()).is_err());
        assert!(check(&steps, &sek(Commitment::Granted, 81), today()).is_ok());
    }
}
