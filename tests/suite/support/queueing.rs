//! What the theory of queues says of Poisson arrivals and exponential talk times: Erlang C, where everybody waits as long
//! as it takes, and Erlang A, where patience is exponential, too. Everything here comes out of the birth-and-death process
//! of how many are there, so nothing is copied from the product.

/// A queue with so many representatives; rates are per second.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    pub servers: u32,
    pub arrivals: f64,
    pub services: f64,
    /// How fast somebody who waits loses patience; 0: never.
    pub leaving: f64,
}

/// What is to be expected in the long run.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The share who find nobody free.
    pub wait_share: f64,
    /// The mean wait of all, in seconds, of those who leave until they do.
    pub mean_wait: f64,
    /// The share who leave unserved.
    pub leave_share: f64,
}

impl Model {
    /// The long run, from the probabilities of each number of people there.
    pub fn expected(&self) -> Expected {
        let stays = self.leaving.abs() < f64::EPSILON;
        assert!(!stays || self.arrivals < f64::from(self.servers) * self.services, "the line would grow for ever");
        let (mut sum, mut waiting, mut line) = (1.0, 0.0, 0.0);
        let mut probability = 1.0;
        let mut there = 0;
        // Far beyond any line that is ever seen: what is left out is less than the smallest number.
        while there < 100_000 && (there <= self.servers || probability > 1e-18 * sum) {
            if there >= self.servers {
                waiting += probability;
                line += probability * f64::from(there - self.servers);
            }
            there += 1;
            let busy = f64::from(there.min(self.servers));
            let queued = f64::from(there.saturating_sub(self.servers));
            probability *= self.arrivals / (busy * self.services + queued * self.leaving);
            sum += probability;
        }
        let line = line / sum;
        Expected {
            // Arrivals see what there is in the mean (PASTA).
            wait_share: waiting / sum,
            // Little's law.
            mean_wait: line / self.arrivals,
            leave_share: self.leaving * line / self.arrivals,
        }
    }
}

fn near(found: f64, known: f64, within: f64) {
    assert!((found - known).abs() <= within, "{found} instead of {known}");
}

/// With one representative and with two, Erlang C can be done by hand: the share who wait is ρ, and a² / (2 + a - …) = 1/3
/// for a = 1. Ten Erlangs and fourteen representatives stand in the tables: 17.4 % wait, here for 180 s calls.
#[test]
fn erlang_c_by_hand_and_from_the_tables() {
    let model = |servers, load: f64| Model { servers, arrivals: load / 180.0, services: 1.0 / 180.0, leaving: 0.0 };
    let one = model(1, 0.8).expected();
    near(one.wait_share, 0.8, 1e-9);
    near(one.mean_wait, 0.8 * 180.0 / 0.2, 1e-6);
    near(model(2, 1.0).expected().wait_share, 1.0 / 3.0, 1e-9);
    let fourteen = model(14, 10.0).expected();
    near(fourteen.wait_share, 0.174, 0.000_5);
    // 0.174 × 180 s / (14 - 10).
    near(fourteen.mean_wait, 7.8, 0.05);
    near(fourteen.leave_share, 0.0, 0.0);
}

/// Garnett, Mandelbaum and Reiman, "Designing a call center with impatient customers" (2002), table 1: 50 agents, 48 calls a
/// minute of a minute each. With a patience of two minutes 3.1 % leave, and the mean wait is 3.7 s; without end it is 20.8 s.
#[test]
fn erlang_a_of_the_literature() {
    let patient = Model { servers: 50, arrivals: 48.0 / 60.0, services: 1.0 / 60.0, leaving: 0.0 };
    near(patient.expected().mean_wait, 20.8, 0.05);
    let impatient = Model { leaving: 1.0 / 120.0, ..patient }.expected();
    near(impatient.leave_share, 0.031, 0.000_5);
    near(impatient.mean_wait, 3.7, 0.05);
}

/// As patient as a talk is long, the number of people there is Poisson, whatever the number of representatives.
#[test]
fn erlang_a_is_poisson_when_patience_is_a_talk() {
    let model = Model { servers: 3, arrivals: 3.0 / 300.0, services: 1.0 / 300.0, leaving: 1.0 / 300.0 };
    // P(N ≥ 3) of Poisson(3) = 1 - 8.5 e^-3.
    near(model.expected().wait_share, 1.0 - 8.5 * (-3.0_f64).exp(), 1e-9);
}
