//! The world that `bannerline simulate` and `bannerline demo` show: four campaigns with three banners each, direct
//! visits, two queues, and representatives in shifts.

use super::dice::real;
use super::intensity::Week;
use super::world::{Banner, Campaign, Customers, Queue, Rep, Service, Shift, World};

/// First names, in the order in which they are hired.
const NAMES: [&str; 16] = [
    "Ana", "Ben", "Chloe", "David", "Emma", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Luis", "Mia", "Noah",
    "Olga", "Paul",
];

const fn hours(days: [bool; 7], from_hour: i64, to_hour: i64) -> Shift {
    Shift::Hours { days, from: from_hour * 60, to: to_hour * 60 }
}

const WORKDAYS: [bool; 7] = [true, true, true, true, true, false, false];
const WEEKEND: [bool; 7] = [false, false, false, false, false, true, true];
const EARLY_WEEK: [bool; 7] = [true, true, true, true, false, false, false];
const LATE_WEEK: [bool; 7] = [false, false, false, false, true, true, true];

/// The shifts, in the order in which they are filled; the tenth is hired for the first again.
const SHIFTS: [Shift; 9] = [
    hours(WORKDAYS, 8, 17),
    hours(WORKDAYS, 12, 21),
    hours(WEEKEND, 9, 20),
    hours(EARLY_WEEK, 20, 31),
    hours(WORKDAYS, 7, 16),
    hours(WORKDAYS, 10, 19),
    hours(LATE_WEEK, 20, 31),
    hours(WORKDAYS, 11, 20),
    hours(WEEKEND, 11, 22),
];

const SALE: &[(u32, &str)] = &[(34, "Sold"), (26, "Will think about it"), (22, "Not interested"), (18, "Call again")];
const SUPPORT: &[(u32, &str)] = &[(60, "Solved"), (25, "Passed to a technician"), (15, "Still open")];

/// Calls that come of one hundred visits which want to talk: the others are lost at the form, the devices, or are programs.
const CALLS_OF_WISHES: f64 = 0.57;

/// A banner as it is written down: its id, its name, its share of all calls, its appeal, its visitors inside apps.
type Line = (&'static str, &'static str, f64, f64, f64);

struct Sketch {
    id: &'static str,
    name: &'static str,
    headline: &'static str,
    colour: &'static str,
    outcomes: &'static [(u32, &'static str)],
    queue: &'static str,
    begins: f64,
    banners: [Line; 3],
}

const CAMPAIGNS: [Sketch; 4] = [
    Sketch {
        id: "1001",
        name: "Spring sale",
        headline: "Questions about the spring sale?",
        colour: "#0a5f4f",
        outcomes: SALE,
        queue: "sales",
        begins: 0.0,
        banners: [
            ("11", "Skyscraper", 0.14, 0.66, 0.02),
            ("12", "Leaderboard", 0.09, 0.55, 0.02),
            // Many clicks, few conversations: they are made by thumbs that wanted something else.
            ("13", "Pop-under", 0.01, 0.02, 0.10),
        ],
    },
    Sketch {
        id: "1002",
        name: "New customers",
        headline: "Talk to somebody before you decide.",
        colour: "#7a1f5c",
        outcomes: SALE,
        queue: "sales",
        begins: 0.0,
        banners: [
            ("21", "Story", 0.11, 0.50, 0.45),
            ("22", "Rectangle", 0.10, 0.58, 0.05),
            ("23", "Video", 0.08, 0.62, 0.20),
        ],
    },
    Sketch {
        id: "1003",
        name: "Help with your device",
        headline: "Show us what does not work.",
        colour: "#1d4ed8",
        outcomes: SUPPORT,
        queue: "support",
        begins: 0.0,
        banners: [
            ("31", "Search", 0.12, 0.80, 0.0),
            ("32", "Newsletter", 0.07, 0.64, 0.08),
            ("33", "Footer link", 0.04, 0.48, 0.0),
        ],
    },
    Sketch {
        id: "1004",
        name: "Autumn collection",
        headline: "Let us find your size together.",
        colour: "#b45309",
        outcomes: SALE,
        queue: "sales",
        begins: 0.5,
        banners: [
            ("41", "Skyscraper", 0.13, 0.62, 0.02),
            ("42", "Carousel", 0.10, 0.52, 0.35),
            ("43", "Half page", 0.07, 0.46, 0.05),
        ],
    },
];

/// The share of the calls that nobody's banner brought.
const DIRECT: f64 = 0.08;

impl Sketch {
    fn campaign(&self, calls_per_day: f64) -> Campaign {
        let banner = |&(id, name, share, appeal, in_apps): &Line| Banner {
            id: id.to_owned(),
            name: Some(name),
            visits_per_day: calls_per_day * share / (appeal * CALLS_OF_WISHES),
            appeal,
            in_apps,
        };
        Campaign {
            id: self.id.to_owned(),
            name: Some(self.name),
            headline: Some(self.headline),
            colour: Some(self.colour),
            outcomes: self.outcomes,
            queue: Some(self.queue),
            banners: self.banners.iter().map(banner).collect(),
            begins: self.begins,
        }
    }
}

fn direct(calls_per_day: f64) -> Campaign {
    let appeal = 0.7;
    let visits_per_day = calls_per_day * DIRECT / (appeal * CALLS_OF_WISHES);
    Campaign {
        id: crate::domain::ids::DIRECT.to_owned(),
        name: None,
        headline: None,
        colour: None,
        outcomes: &[],
        queue: None,
        banners: vec![Banner {
            id: crate::domain::ids::DIRECT.to_owned(),
            name: None,
            visits_per_day,
            appeal,
            in_apps: 0.0,
        }],
        begins: 0.0,
    }
}

fn rep(number: usize) -> Rep {
    let (name, round) = (NAMES[number % NAMES.len()], number / NAMES.len());
    let name = if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) };
    // The first, and every third, know devices; whoever works at night or at weekends knows everything.
    let alone = !matches!(SHIFTS[number % SHIFTS.len()], Shift::Hours { days: WORKDAYS, .. });
    let skills: &[&str] = if alone || number < 2 || number.is_multiple_of(3) { &["devices"] } else { &[] };
    Rep { username: name.to_lowercase().replace(' ', "-"), name, skills, shift: SHIFTS[number % SHIFTS.len()] }
}

/// A world of so many calls a day in the mean, once all campaigns run, and so many representatives.
#[must_use]
pub fn world(calls_per_day: u32, reps: usize) -> World {
    let calls_per_day = real(i64::from(calls_per_day));
    let mut campaigns: Vec<Campaign> = CAMPAIGNS.iter().map(|sketch| sketch.campaign(calls_per_day)).collect();
    campaigns.push(direct(calls_per_day));
    World {
        campaigns,
        queues: vec![
            Queue { name: "sales", title: "Sales", skill: None, wrap_up_seconds: 60 },
            Queue { name: "support", title: "Help with devices", skill: Some("devices"), wrap_up_seconds: 90 },
        ],
        reps: (0..reps).map(rep).collect(),
        week: Week::People,
        customers: Customers::Lively,
        service: Service::Rings,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_shares_of_the_banners_are_the_calls_of_a_day() {
        let shares: f64 = CAMPAIGNS.iter().flat_map(|sketch| sketch.banners).map(|banner| banner.2).sum();
        // Those of the campaign that begins half-way come on top of a hundred.
        assert!((shares + DIRECT - 1.14).abs() < 1e-9, "{shares}");
    }

    #[test]
    fn everybody_has_a_name_of_their_own() {
        let world = world(120, 40);
        let names: HashSet<_> = world.reps.iter().map(|rep| rep.username.as_str()).collect();
        assert_eq!(names.len(), 40);
        assert!(names.contains("ana") && names.contains("ana-2"), "{names:?}");
    }
}
