//! Random histories of a whole house on a clock that stands: customers, representatives, rejections, time-outs, lost
//! pages, crashes and reconnects. After each step what it touched must be as promised, and at the end everything.

mod checks;
mod house;
mod steps;

use house::House;

use crate::support::{Backend, scale};

both! {
    every_promise_holds_in_random_histories,
}

/// How many histories, of how many steps each: those of `tests/run`, and those of `tests/long`.
fn size() -> (u64, usize) {
    if scale() == 1 { (20, 300) } else { (2_000, 1_000) }
}

async fn every_promise_holds_in_random_histories(backend: Backend) {
    let (histories, steps) = size();
    let mut house = House::open(backend).await;
    for seed in 0..histories {
        house.begin(seed).await;
        for step in 0..steps {
            house.step(step).await;
        }
        house.close().await;
    }
    house.has_seen_everything();
}
