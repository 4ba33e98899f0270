//! What a simulation is about: campaigns with their banners, queues, representatives with their shifts, and what
//! customers are like. Written down in `demonstration`; a test writes others.

use super::dice::Span;
use super::intensity::Week;

/// Everything that a simulation has to be told.
#[derive(Debug, Clone)]
pub struct World {
    /// Where visitors come from.
    pub campaigns: Vec<Campaign>,
    /// The queues beside the default one, which it makes.
    pub queues: Vec<Queue>,
    /// Who takes calls.
    pub reps: Vec<Rep>,
    /// How visitors spread over the week.
    pub week: Week,
    /// What customers are like.
    pub customers: Customers,
    /// How customers come to representatives.
    pub service: Service,
}

/// A campaign. Direct visits are one, too, without a name.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its id in the ad server.
    pub id: String,
    /// What it is called; it is not set up without.
    pub name: Option<&'static str>,
    /// The headline of its page.
    pub headline: Option<&'static str>,
    /// The colour of its page.
    pub colour: Option<&'static str>,
    /// What can come of a call, and how often it does.
    pub outcomes: &'static [(u32, &'static str)],
    /// The queue that it leads to.
    pub queue: Option<&'static str>,
    /// Its banners.
    pub banners: Vec<Banner>,
    /// When it begins: 0 with the period, 0.5 half-way.
    pub begins: f64,
}

/// A banner.
#[derive(Debug, Clone)]
pub struct Banner {
    /// Its id in the ad server.
    pub id: String,
    /// What it is called.
    pub name: Option<&'static str>,
    /// How many land by it on a day, in the mean.
    pub visits_per_day: f64,
    /// The share of its visitors who want to talk with somebody.
    pub appeal: f64,
    /// The share of its visitors who come from inside another app.
    pub in_apps: f64,
}

/// A queue.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// Its name for programs.
    pub name: &'static str,
    /// What customers choose it by.
    pub title: &'static str,
    /// What it asks of who serves it.
    pub skill: Option<&'static str>,
    /// For how long a call is wrapped up at most, in seconds.
    pub wrap_up_seconds: i64,
}

/// Who takes calls.
#[derive(Debug, Clone)]
pub struct Rep {
    /// The name to log in with.
    pub username: String,
    /// The name that customers see.
    pub name: String,
    /// What they know.
    pub skills: &'static [&'static str],
    /// When they work.
    pub shift: Shift,
}

/// When somebody works, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// From the beginning to the end, without a break.
    Always,
    /// On these days, from one minute of the day to another, which may be on the next day; with half an hour's break.
    Hours {
        /// Which days begin one, from Monday.
        days: [bool; 7],
        /// The minute at which it begins.
        from: i64,
        /// The minute at which it ends.
        to: i64,
    },
}

/// What customers are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Customers {
    /// As the theory of queues has them: they join when they come, are connected at once, and nobody wraps up.
    Plain {
        /// How long they wait.
        patience: Span,
        /// How long they talk.
        talk: Span,
    },
    /// As people are: they land on pages, some of them are programs, and much comes in between.
    Lively,
}

/// How customers come to representatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Whoever is free claims the next at once.
    Claims,
    /// They ring at whoever is available, who answers after a moment, declines, or does not hear it.
    Rings,
}
