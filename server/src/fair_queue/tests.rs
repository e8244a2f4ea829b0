use std::sync::{Arc, Mutex};

use muster::failure::Failure;
use tokio::task::{JoinHandle, yield_now};

use super::{FairQueue, QueueLimits};

const LIMITS: QueueLimits = QueueLimits {
    running: 1,
    running_per_group: 1,
    running_per_member: 1,
    waiting: 100,
    waiting_per_group: 60,
    waiting_per_member: 30,
};

/// Waits for a place, records its name and releases the place.
fn caller(
    queue: &FairQueue,
    served: &Arc<Mutex<Vec<String>>>,
    group: &'static str,
    member: &'static str,
) -> JoinHandle<()> {
    let (queue, served) = (queue.clone(), Arc::clone(served));
    tokio::spawn(async move {
        let _turn = queue.acquire(group, member).await.unwrap();
        served.lock().unwrap().push(format!("{group}{member}"));
    })
}

/// Lets every task run until it waits: there is one thread.
async fn settle() {
    for _ in 0..200 {
        yield_now().await;
    }
}

fn is_empty(queue: &FairQueue) -> bool {
    let state = queue.shared.lock();
    state.groups.is_empty() && state.order.is_empty() && state.running == 0
}

#[tokio::test]
async fn a_group_waits_for_one_caller_of_each_other_group_and_a_member_for_one_of_each_other() {
    let queue = FairQueue::new(LIMITS);
    let served = Arc::default();
    let first = queue.acquire("x", "1").await.unwrap();
    let mut callers = Vec::new();
    for _ in 0..20 {
        callers.push(caller(&queue, &served, "a", "1"));
    }
    settle().await;
    callers.push(caller(&queue, &served, "a", "2"));
    settle().await;
    callers.push(caller(&queue, &served, "b", "1"));
    settle().await;
    drop(first);
    for caller in callers {
        caller.await.unwrap();
    }
    let served = served.lock().unwrap();
    assert_eq!(served.len(), 22);
    assert_eq!(served[..3], ["a1", "b1", "a2"]);
    assert!(is_empty(&queue), "nothing is remembered");
}

#[tokio::test]
async fn a_group_has_as_many_places_as_it_may_and_another_gets_the_rest() {
    let queue = FairQueue::new(QueueLimits {
        running: 3,
        running_per_group: 2,
        running_per_member: 1,
        ..LIMITS
    });
    let served = Arc::default();
    let one = queue.acquire("a", "1").await.unwrap();
    let again = caller(&queue, &served, "a", "1");
    settle().await;
    assert!(served.lock().unwrap().is_empty(), "one member, one place");
    let two = queue.acquire("a", "2").await.unwrap();
    let third = caller(&queue, &served, "a", "3");
    settle().await;
    assert!(served.lock().unwrap().is_empty(), "one group, two places");
    drop(queue.acquire("b", "1").await.unwrap());
    assert!(served.lock().unwrap().is_empty());
    drop(two);
    third.await.unwrap();
    drop(one);
    again.await.unwrap();
    assert!(is_empty(&queue));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_forgets_who_has_gone() {
    let queue = FairQueue::new(QueueLimits {
        waiting: 4,
        waiting_per_group: 3,
        waiting_per_member: 2,
        ..LIMITS
    });
    let served = Arc::default();
    let first = queue.acquire("a", "1").await.unwrap();
    let gone = [
        caller(&queue, &served, "a", "1"),
        caller(&queue, &served, "a", "1"),
    ];
    settle().await;
    let refused = queue.acquire("a", "1").await.unwrap_err();
    assert!(matches!(refused, Failure::TooManyTries { .. }));
    let other = caller(&queue, &served, "a", "2");
    settle().await;
    let refused = queue.acquire("a", "3").await.unwrap_err();
    assert_eq!(refused, Failure::Unavailable, "the group is full");
    let elsewhere = caller(&queue, &served, "b", "1");
    settle().await;
    let refused = queue.acquire("c", "1").await.unwrap_err();
    assert_eq!(refused, Failure::Unavailable, "the queue is full");
    for caller in gone {
        caller.abort();
        assert!(caller.await.is_err());
    }
    let again = caller(&queue, &served, "c", "1");
    settle().await;
    drop(first);
    for caller in [other, elsewhere, again] {
        caller.await.unwrap();
    }
    assert_eq!(*served.lock().unwrap(), ["a2", "b1", "c1"]);
    assert!(is_empty(&queue));
}

#[tokio::test]
async fn a_place_given_to_a_caller_who_goes_at_that_moment_goes_on_to_the_next() {
    let queue = FairQueue::new(LIMITS);
    let served = Arc::default();
    let first = queue.acquire("a", "1").await.unwrap();
    let goes = caller(&queue, &served, "a", "1");
    settle().await;
    let stays = caller(&queue, &served, "b", "1");
    settle().await;
    // The turn is sent while no other task runs, and the caller is gone before it could take it.
    drop(first);
    goes.abort();
    stays.await.unwrap();
    assert_eq!(*served.lock().unwrap(), ["b1"]);
    settle().await;
    assert!(is_empty(&queue));
}
