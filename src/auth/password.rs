//! Passwords: argon2id with the parameters that the argon2 crate keeps in step with OWASP's advice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use unicode_normalization::UnicodeNormalization;

use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// The PHC text to keep instead of the password.
///
/// # Errors
/// 500 when the machine has no randomness.
pub fn hash(turn: &mut Turn, password: &str) -> Result<String, Problem> {
    let failed = |error| Problem::internal(anyhow::anyhow!("argon2: {error}"));
    let mut salt = [0_u8; Salt::RECOMMENDED_LENGTH];
    getrandom::fill(&mut salt).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
    let params = Params::default();
    let kept = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(failed)?,
        salt: Some(Salt::new(&salt).map_err(|error| failed(error.into()))?),
        hash: Some(turn.output(params, password, &salt).map_err(failed)?),
    };
    Ok(kept.to_string())
}

/// Whether the password is the one that was hashed. Takes as long when there is no such account.
#[must_use]
pub fn verify(turn: &mut Turn, password: &str, hash: Option<&str>) -> bool {
    /// Of a random password that nobody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$jRuiHo7t9cJbF6XEvVYSHQ$iImvVAS6PRCN51WVsYzVqBcpPAtq/KSk9qNQrgDFLCc";
    let Ok(kept) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let (Ok(params), Some(salt), Some(output)) = (Params::try_from(&kept), kept.salt, kept.hash) else { return false };
    // Outputs are compared in constant time.
    let matches = turn.output(params, password, &salt).is_ok_and(|made| made == output);
    matches && hash.is_some() && kept.algorithm == Algorithm::Argon2id.ident()
}

/// Letters with their marks as one (Unicode NFC), as bodies have them: keyboards and terminals differ, passwords must not.
fn composed(password: &str) -> String {
    password.nfc().collect()
}

/// Passwords being worked on at once. Each takes 19 MiB, so strangers must not choose how many.
static TURNS: AtomicUsize = AtomicUsize::new(0);

/// What passwords are worked on in, kept to be used again: what one thread frees, the allocator keeps for that thread.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// A turn to work on a password, and the memory for it; others are let in when it is dropped.
pub struct Turn {
    memory: Vec<Block>,
}

impl Turn {
    /// Takes a turn.
    ///
    /// # Errors
    /// 503 when too many passwords are being worked on.
    pub fn take() -> Result<Self, Problem> {
        let most = (2 * std::thread::available_parallelism().map_or(2, usize::from)).clamp(4, 16);
        let mut turn = Self { memory: Vec::new() };
        if TURNS.fetch_add(1, Ordering::SeqCst) >= most {
            return Err(Problem::new(
                Kind::Busy,
                bilingual!("Många loggar in samtidigt. Försök igen strax.", "Many are signing in. Try again shortly."),
            ));
        }
        turn.memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Ok(turn)
    }

    fn output(&mut self, params: Params, password: &str, salt: &[u8]) -> argon2::password_hash::Result<Output> {
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        self.memory.resize(params.block_count(), Block::new());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into_with_memory(composed(password).as_bytes(), salt, &mut output, &mut self.memory)?;
        Ok(Output::new(&output)?)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.memory.is_empty() {
            MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.memory));
        }
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
        let mut turn = Turn::take().expect("a turn");
        let kept = hash(&mut turn, &password).expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify(&mut turn, &password, Some(&kept)));
        assert!(!verify(&mut turn, "another password", Some(&kept)));
        assert!(!verify(&mut turn, &password, None));
        assert!(!verify(&mut turn, &password, Some("no hash")));
    }
}
