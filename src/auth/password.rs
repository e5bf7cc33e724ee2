//! Passwords: argon2id with the parameters that the argon2 crate keeps in step with OWASP's advice.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use unicode_normalization::UnicodeNormalization;

use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// The PHC text to keep instead of the password.
///
/// # Errors
/// 500 when the machine has no randomness.
pub fn hash(password: &str) -> Result<String, Problem> {
    let _turn = Turn::take()?;
    let hash = Argon2::default()
        .hash_password(composed(password).as_bytes())
        .map_err(|error| Problem::internal(anyhow::anyhow!("argon2: {error}")))?;
    Ok(hash.to_string())
}

/// Whether the password is the one that was hashed. Takes as long when there is no such account.
#[must_use]
pub fn verify(_: &Turn, password: &str, hash: Option<&str>) -> bool {
    /// Of a random password that nobody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$jRuiHo7t9cJbF6XEvVYSHQ$iImvVAS6PRCN51WVsYzVqBcpPAtq/KSk9qNQrgDFLCc";
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY));
    let password = composed(password);
    let matches = parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

/// Letters with their marks as one (Unicode NFC), as bodies have them: keyboards and terminals differ, passwords must not.
fn composed(password: &str) -> String {
    password.nfc().collect()
}

/// Passwords being worked on at once. Each takes 19 MiB, so strangers must not choose how many.
static TURNS: AtomicUsize = AtomicUsize::new(0);

/// A turn to work on a password; others are let in when it is dropped.
pub struct Turn(());

impl Turn {
    /// Takes a turn.
    ///
    /// # Errors
    /// 503 when too many passwords are being worked on.
    pub fn take() -> Result<Self, Problem> {
        let most = 2 * std::thread::available_parallelism().map_or(2, usize::from).max(2);
        let turn = Self(());
        if TURNS.fetch_add(1, Ordering::SeqCst) < most {
            return Ok(turn);
        }
        Err(Problem::new(
            Kind::Busy,
            bilingual!("Många loggar in samtidigt. Försök igen strax.", "Many are signing in. Try again shortly."),
        ))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TURNS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A password for one use: 100 random bits in five groups that can be read aloud.
///
/// # Errors
/// 500 when the machine has no randomness.
pub fn one_time() -> Result<String, Problem> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0_u8; 20];
    getrandom::fill(&mut random).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
    let groups: Vec<String> = random
        .chunks(4)
        .map(|chunk| chunk.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
        .collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_that_was_hashed_is_right() {
        let password = one_time().expect("random");
        let kept = hash(&password).expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let turn = Turn::take().expect("a turn");
        assert!(verify(&turn, &password, Some(&kept)));
        assert!(!verify(&turn, "another password", Some(&kept)));
        assert!(!verify(&turn, &password, None));
        assert!(!verify(&turn, &password, Some("no hash")));
    }
}
