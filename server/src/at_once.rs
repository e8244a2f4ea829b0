//! A limit on concurrent requests for each account on this replica, for requests that hold memory or a thread while a
//! slow client sends or receives.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use muster::{failure::Failure, ids::AccountId};

type Counts = Arc<Mutex<HashMap<AccountId, usize>>>;

/// Limits the concurrent requests of one kind for each account.
#[derive(Debug, Clone)]
pub struct AtOnce {
    most: usize,
    under_way: Counts,
}

/// A request that counts until it is dropped.
#[derive(Debug)]
pub struct UnderWay {
    who: AccountId,
    all: Counts,
}

impl AtOnce {
    /// Creates a limit of `most` requests for each account.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            under_way: Counts::default(),
        }
    }

    /// Counts one more request of the account.
    ///
    /// # Errors
    /// Returns `TooManyTries` if the account has reached the limit.
    pub fn begin(&self, who: AccountId) -> Result<UnderWay, Failure> {
        let mut counts = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(who).or_default();
        if *count >= self.most {
            return Err(Failure::TooManyTries { seconds: 10 });
        }
        *count += 1;
        Ok(UnderWay {
            who,
            all: Arc::clone(&self.under_way),
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_so_many_and_another_as_many_more() {
        let at_once = AtOnce::new(2);
        let id = || AccountId::from_uuid(uuid::Uuid::now_v7());
        let (ada, bela) = (id(), id());
        let first = at_once.begin(ada).unwrap();
        let _second = at_once.begin(ada).unwrap();
        assert!(at_once.begin(ada).is_err());
        let other = at_once.begin(bela).unwrap();
        drop(first);
        let _third = at_once.begin(ada).unwrap();
        drop(other);
        assert_eq!(
            at_once.under_way.lock().unwrap().len(),
            1,
            "who has none is forgotten"
        );
    }
}
