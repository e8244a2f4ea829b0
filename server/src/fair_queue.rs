//! Bounded concurrency with a fair order.
//!
//! A caller belongs to a group (an institution, a network) and is a member of it (a person, a link). Free places go to
//! the groups in turn, and within a group to its members in turn. So a caller waits for at most one caller of each
//! other group, however many callers one group has.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use muster::failure::Failure;
use tokio::sync::oneshot;

/// How many seconds a member whose queue is full has to wait before the next attempt.
const RETRY_SECONDS: u64 = 10;

/// How many callers may run and how many may wait.
#[derive(Debug, Clone, Copy)]
pub struct QueueLimits {
    /// Running callers of all groups.
    pub running: usize,
    /// Running callers of one group.
    pub running_per_group: usize,
    /// Running callers of one member.
    pub running_per_member: usize,
    /// Waiting callers of all groups.
    pub waiting: usize,
    /// Waiting callers of one group.
    pub waiting_per_group: usize,
    /// Waiting callers of one member.
    pub waiting_per_member: usize,
}

/// How many callers run and wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueUsage {
    /// Running callers.
    pub running: usize,
    /// Waiting callers, without those that were abandoned.
    pub waiting: usize,
}

/// A queue with a fair order.
#[derive(Debug, Clone)]
pub struct FairQueue {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: QueueLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    groups: HashMap<String, Group>,
    /// The groups with waiting callers, the next one first.
    order: VecDeque<String>,
}

#[derive(Debug, Default)]
struct Group {
    running: usize,
    members: HashMap<String, Member>,
    /// The members with waiting callers, the next one first.
    order: VecDeque<String>,
}

#[derive(Debug, Default)]
struct Member {
    running: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// An occupied place. It is freed when this is dropped.
#[derive(Debug)]
pub struct Turn {
    shared: Arc<Shared>,
    group: String,
    member: String,
}

impl FairQueue {
    /// Creates an empty queue.
    #[must_use]
    pub fn new(limits: QueueLimits) -> Self {
        Self {
            shared: Arc::new(Shared {
                limits,
                state: Mutex::default(),
            }),
        }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// Returns immediately: `TooManyTries` if the member has reached its limit of waiting callers, `Unavailable` if the
    /// group or the whole queue has.
    pub async fn acquire(&self, group: &str, member: &str) -> Result<Turn, Failure> {
        let waiter = {
            let mut state = self.shared.lock();
            if state.may_run(&self.shared.limits, group, member) {
                state.start(group, member);
                return Ok(self.turn(group, member));
            }
            state.admit(&self.shared.limits, group, member)?;
            state.wait(group, member)
        };
        // The sender is dropped only with the queue.
        waiter.await.map_err(|_| Failure::Unavailable)
    }

    /// Waits for a place, at most this long.
    ///
    /// # Errors
    /// Same as [`FairQueue::acquire`], and `Unavailable` after the time.
    pub async fn acquire_within(
        &self,
        time: Duration,
        group: &str,
        member: &str,
    ) -> Result<Turn, Failure> {
        tokio::time::timeout(time, self.acquire(group, member))
            .await
            .unwrap_or(Err(Failure::Unavailable))
    }

    /// Returns how many callers run and wait at the moment.
    #[must_use]
    pub fn usage(&self) -> QueueUsage {
        let state = self.shared.lock();
        let members = state
            .groups
            .values()
            .flat_map(|group| group.members.values());
        QueueUsage {
            running: state.running,
            waiting: members
                .flat_map(|member| &member.waiting)
                .filter(|waiter| !waiter.is_closed())
                .count(),
        }
    }

    fn turn(&self, group: &str, member: &str) -> Turn {
        Turn {
            shared: Arc::clone(&self.shared),
            group: group.to_owned(),
            member: member.to_owned(),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_run(&self, limits: &QueueLimits, group: &str, member: &str) -> bool {
        self.running < limits.running
            && self.groups.get(group).is_none_or(|group| {
                group.running < limits.running_per_group
                    && group
                        .members
                        .get(member)
                        .is_none_or(|member| member.running < limits.running_per_member)
            })
    }

    fn start(&mut self, group: &str, member: &str) {
        self.running += 1;
        let group = self.groups.entry(group.to_owned()).or_default();
        group.running += 1;
        group.members.entry(member.to_owned()).or_default().running += 1;
    }

    /// Checks whether one more caller may wait. Abandoned callers are removed only when a limit is reached.
    fn admit(&mut self, limits: &QueueLimits, group: &str, member: &str) -> Result<(), Failure> {
        let admitted = self.has_room(limits, group, member);
        if admitted.is_ok() {
            return admitted;
        }
        self.forget_those_gone();
        self.has_room(limits, group, member)
    }

    fn has_room(&self, limits: &QueueLimits, group: &str, member: &str) -> Result<(), Failure> {
        let of_group = self.groups.get(group);
        let of_member = of_group.and_then(|group| group.members.get(member));
        if of_member.is_some_and(|member| member.waiting.len() >= limits.waiting_per_member) {
            return Err(Failure::TooManyTries {
                seconds: RETRY_SECONDS,
            });
        }
        let group_is_full =
            of_group.is_some_and(|group| group.waiting() >= limits.waiting_per_group);
        let all: usize = self.groups.values().map(Group::waiting).sum();
        if group_is_full || all >= limits.waiting {
            return Err(Failure::Unavailable);
        }
        Ok(())
    }

    fn wait(&mut self, group: &str, member: &str) -> oneshot::Receiver<Turn> {
        let (sender, receiver) = oneshot::channel();
        let of_group = self.groups.entry(group.to_owned()).or_default();
        if of_group.order.is_empty() {
            self.order.push_back(group.to_owned());
        }
        let of_member = of_group.members.entry(member.to_owned()).or_default();
        if of_member.waiting.is_empty() {
            of_group.order.push_back(member.to_owned());
        }
        of_member.waiting.push_back(sender);
        receiver
    }

    fn forget_those_gone(&mut self) {
        for group in self.groups.values_mut() {
            for member in group.members.values_mut() {
                member.waiting.retain(|waiter| !waiter.is_closed());
            }
            group.tidy();
        }
        let groups = &self.groups;
        self.order.retain(|name| {
            groups
                .get(name)
                .is_some_and(|group| !group.order.is_empty())
        });
        self.groups
            .retain(|_, group| group.running > 0 || !group.order.is_empty());
    }

    /// Returns the next caller that may run and counts it as running.
    fn next(&mut self, limits: &QueueLimits) -> Option<(oneshot::Sender<Turn>, String, String)> {
        if self.running >= limits.running {
            return None;
        }
        for _ in 0..self.order.len() {
            let name = self.order.pop_front()?;
            let Some(group) = self.groups.get_mut(&name) else {
                continue;
            };
            let next = group.next(limits);
            if !group.order.is_empty() {
                self.order.push_back(name.clone());
            } else if next.is_none() && group.running == 0 {
                self.groups.remove(&name);
            }
            if let Some((waiter, member)) = next {
                self.running += 1;
                return Some((waiter, name, member));
            }
        }
        None
    }

    fn end(&mut self, group: &str, member: &str) {
        self.running = self.running.saturating_sub(1);
        let Some(of_group) = self.groups.get_mut(group) else {
            return;
        };
        of_group.running = of_group.running.saturating_sub(1);
        if let Some(of_member) = of_group.members.get_mut(member) {
            of_member.running = of_member.running.saturating_sub(1);
            if of_member.running == 0 && of_member.waiting.is_empty() {
                of_group.members.remove(member);
            }
        }
        if of_group.running == 0 && of_group.order.is_empty() {
            self.groups.remove(group);
        }
    }
}

impl Group {
    fn waiting(&self) -> usize {
        self.members
            .values()
            .map(|member| member.waiting.len())
            .sum()
    }

    fn tidy(&mut self) {
        let members = &self.members;
        self.order.retain(|name| {
            members
                .get(name)
                .is_some_and(|member| !member.waiting.is_empty())
        });
        self.members
            .retain(|_, member| member.running > 0 || !member.waiting.is_empty());
    }

    fn next(&mut self, limits: &QueueLimits) -> Option<(oneshot::Sender<Turn>, String)> {
        if self.running >= limits.running_per_group {
            return None;
        }
        for _ in 0..self.order.len() {
            let name = self.order.pop_front()?;
            let Some(member) = self.members.get_mut(&name) else {
                continue;
            };
            let mut next = None;
            if member.running < limits.running_per_member {
                while next.is_none()
                    && let Some(waiter) = member.waiting.pop_front()
                {
                    next = Some(waiter).filter(|waiter| !waiter.is_closed());
                }
            }
            if next.is_some() {
                member.running += 1;
                self.running += 1;
            }
            if !member.waiting.is_empty() {
                self.order.push_back(name.clone());
            } else if member.running == 0 {
                self.members.remove(&name);
            }
            if let Some(waiter) = next {
                return Some((waiter, name));
            }
        }
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut next = Vec::new();
        {
            let mut state = self.shared.lock();
            state.end(&self.group, &self.member);
            while let Some(granted) = state.next(&self.shared.limits) {
                next.push(granted);
            }
        }
        for (waiter, group, member) in next {
            // An abandoned caller drops the turn, which passes it on. This happens outside the lock.
            drop(waiter.send(Self {
                shared: Arc::clone(&self.shared),
                group,
                member,
            }));
        }
    }
}

#[cfg(test)]
mod tests;
