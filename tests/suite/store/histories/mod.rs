//! Random histories of a whole house on a clock that stands: customers, representatives, rejections, time-outs, lost
//! pages, crashes and reconnects. After each step what it touched must be as promised, and at the end everything.

mod checks;
mod house;
mod steps;

use std::collections::BTreeMap;

use house::House;
use tokio::task::JoinSet;

use crate::support::{Backend, scale};

both! {
    every_promise_holds_in_random_histories,
}

/// How many histories, of how many steps each: those of `tests/run`, and those of `tests/long`.
fn size() -> (u64, usize) {
    if scale() == 1 { (20, 300) } else { (2_000, 1_000) }
}

/// Houses that live side by side, so that none waits for another's disk.
const HOUSES: u64 = 4;

async fn every_promise_holds_in_random_histories(backend: Backend) {
    let (histories, steps) = size();
    let mut houses = JoinSet::new();
    for first in 0..HOUSES {
        houses.spawn(async move {
            let mut house = House::open(backend).await;
            for seed in (first..histories).step_by(usize::try_from(HOUSES).unwrap()) {
                house.begin(seed).await;
                for step in 0..steps {
                    house.step(step).await;
                }
                house.close().await;
            }
            house.seen
        });
    }
    let mut seen = BTreeMap::<_, usize>::new();
    for (kind, count) in houses.join_all().await.into_iter().flatten() {
        *seen.entry(kind).or_default() += count;
    }
    checks::has_seen_everything(&seen);
}
