//! What a visitor will do, decided by their own dice when they come: what goes on around them only decides how far they
//! get.

use super::dice::{Dice, Matter, Span};
use super::world::{Banner, Campaign, Customers};
use crate::client::agent;
use crate::desk::admission::Origin;
use crate::domain::funnel::PageStep;
use crate::domain::rating::Rating;

/// What a visitor will do.
#[derive(Debug, Clone)]
pub struct Story {
    /// Their landing; `None` of one who asks without a page.
    pub landing: Option<Landing>,
    /// What they do beyond the page, and when after they came.
    pub asks: Option<(i64, Asking)>,
}

/// A landing, and what its page tells. Times are milliseconds after the landing.
#[derive(Debug, Clone)]
pub struct Landing {
    /// page, bot, prefetch or head.
    pub class: &'static str,
    /// How the link was broken, if it was.
    pub broken: Option<BrokenLink>,
    /// The tag of the platform that it came from.
    pub tag: Option<&'static str>,
    /// When the page's script ran, if it did.
    pub seen_after: Option<i64>,
    /// What else it tells.
    pub steps: Vec<(i64, PageStep)>,
    /// Whether they go when nobody is there.
    pub needs_somebody: bool,
}

/// What was wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenLink {
    /// The banner's id is missing.
    NoBanner,
    /// The ad server did not fill in its macro.
    Macro,
}

/// What somebody does who asks for a conversation.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one throw of the dice, and no state")]
pub struct Asking {
    /// How long after the request they join the queue, if they do.
    pub joins_after: Option<i64>,
    /// How long they wait.
    pub patience: Option<i64>,
    /// Whether they close the page when it is over, rather than press *leave*.
    pub vanishes: bool,
    /// How long it takes until both are connected.
    pub connects_after: i64,
    /// Whether that fails.
    pub media_fails: bool,
    /// How long they talk.
    pub talk: i64,
    /// When they are put on hold, and for how long.
    pub hold: Option<(i64, i64)>,
    /// When they are passed on to another queue.
    pub passed_on_after: Option<i64>,
    /// Whether the representative ends it.
    pub rep_ends: bool,
    /// What they thought of it, and how long after it they say so.
    pub rates: Option<(i64, Rating)>,
    /// What comes of it, if the representative says so.
    pub outcome: Option<&'static str>,
    /// How long it is wrapped up; `None`: until its time is up.
    pub wrap_up: Option<i64>,
    /// The name they give.
    pub name: Option<&'static str>,
    /// What it is about.
    pub problem: Option<&'static str>,
    /// Voice without video.
    pub audio_only: bool,
    /// Where they are.
    pub origin: Origin,
}

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const IPAD: &str = "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1";
const AGENTS: &[(u32, &str)] = &[(30, CHROME), (8, FIREFOX), (10, SAFARI), (24, IPHONE), (24, ANDROID), (4, IPAD)];
const APPS: &[(u32, &str)] = &[
    (
        3,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 356.0.0.0 (iPhone15,2; iOS 18_1)",
    ),
    (
        2,
        "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 trill_360 BytedanceWebview/d8a21c6",
    ),
];
const COUNTRIES: &[(u32, &str)] = &[(38, "DE"), (20, "GB"), (14, "FR"), (10, "US"), (8, "IN"), (6, "ES"), (4, "BR")];
/// The networks that are set aside for examples.
const NETWORKS: &[(u32, &str)] = &[(1, "192.0.2"), (1, "198.51.100"), (1, "203.0.113")];
const TAGS: &[(u32, &str)] = &[(5, "gclid"), (3, "fbclid"), (1, "msclkid"), (1, "ttclid")];
const FIRST_NAMES: &[(u32, &str)] = &[(1, "Sam"), (1, "Alex"), (1, "Robin"), (1, "Kim"), (1, "Toni"), (1, "Mika")];
const PROBLEMS: &[(u32, &str)] = &[
    (3, "Which size fits?"),
    (3, "When will it be delivered?"),
    (2, "Is there a discount for two?"),
    (2, "It does not switch on."),
    (1, "Can I send it back?"),
];
const STARS: &[(u32, i64)] = &[(46, 5), (30, 4), (13, 3), (6, 2), (5, 1)];
const OBSTACLES: &[(u32, PageStep)] =
    &[(6, PageStep::PermissionDenied), (3, PageStep::NoDevice), (2, PageStep::DeviceInUse), (1, PageStep::Unknown)];

/// A few of a hundred landings are programs.
const PROGRAMS: &[(u32, &str)] = &[(6, "bot"), (3, "prefetch"), (1, "head")];

impl Story {
    /// The story of the visitor with this number, who comes by a banner.
    #[must_use]
    pub fn of(seed: u64, number: u64, customers: Customers, campaign: &Campaign, banner: &Banner) -> Self {
        let mut dice = Dice::of(seed, Matter::Visitor, number);
        match customers {
            Customers::Plain { patience, talk } => {
                let asking =
                    Asking { patience: dice.millis(patience), talk: dice.millis(talk).unwrap_or(0), ..Asking::plain() };
                Self { landing: None, asks: Some((0, asking)) }
            }
            Customers::Lively => lively(&mut dice, campaign, banner),
        }
    }
}

impl Asking {
    /// Somebody who joins at once, waits for ever and says nothing.
    fn plain() -> Self {
        Self {
            joins_after: Some(0),
            patience: None,
            vanishes: false,
            connects_after: 0,
            media_fails: false,
            talk: 0,
            hold: None,
            passed_on_after: None,
            rep_ends: false,
            rates: None,
            outcome: None,
            wrap_up: Some(0),
            name: None,
            problem: None,
            audio_only: false,
            origin: Origin::default(),
        }
    }
}

fn lively(dice: &mut Dice, campaign: &Campaign, banner: &Banner) -> Story {
    let is_direct = campaign.id == crate::domain::ids::DIRECT;
    let mut landing = Landing {
        class: "page",
        broken: None,
        tag: if is_direct { None } else { dice.pick(TAGS).copied() },
        seen_after: Some(dice.between(300, 2_500)),
        steps: Vec::new(),
        needs_somebody: dice.happens(0.7),
    };
    if dice.happens(0.07) {
        landing.class = dice.pick(PROGRAMS).copied().unwrap_or("bot");
        // A page that was fetched ahead is looked at, now and then.
        let looked_at = landing.class == "prefetch" && dice.happens(0.4);
        landing.seen_after = landing.seen_after.filter(|_| looked_at);
        return Story { landing: Some(landing), asks: None };
    }
    if !is_direct && dice.happens(0.015) {
        landing.broken = Some(if dice.happens(0.5) { BrokenLink::NoBanner } else { BrokenLink::Macro });
    }
    if dice.happens(0.04) {
        landing.seen_after = None;
        return Story { landing: Some(landing), asks: None };
    }
    let in_app = dice.happens(banner.in_apps);
    if !dice.happens(banner.appeal) {
        return Story { landing: Some(landing), asks: None };
    }
    let opened = dice.between(4_000, 45_000);
    landing.steps.push((opened, PageStep::FormOpened));
    if dice.happens(0.18) {
        return Story { landing: Some(landing), asks: None };
    }
    let checked = opened + dice.between(4_000, 25_000);
    let obstacle = match (in_app, dice.happens(0.55), dice.happens(0.09)) {
        (true, true, _) => Some(PageStep::InAppBrowser),
        (_, _, true) => dice.pick(OBSTACLES).copied(),
        _ => None,
    };
    if let Some(obstacle) = obstacle {
        landing.steps.push((checked, obstacle));
        return Story { landing: Some(landing), asks: None };
    }
    landing.steps.push((checked, PageStep::DevicesReady));
    if dice.happens(0.08) {
        return Story { landing: Some(landing), asks: None };
    }
    let asked = checked + dice.between(1_500, 15_000);
    let asking = asking(dice, campaign, in_app);
    Story { landing: Some(landing), asks: Some((asked, asking)) }
}

fn asking(dice: &mut Dice, campaign: &Campaign, in_app: bool) -> Asking {
    let early = dice.happens(0.04);
    let patience = if early {
        Some(dice.between(600, 4_900))
    } else {
        dice.millis(Span::LogNormal { mean: 240_000, spread: 0.9 }).map(|patience| patience.max(6_000))
    };
    // One of ten is over before it has begun.
    let brief = dice.happens(0.10);
    let mean = if brief { 25_000 } else { 330_000 };
    let talk = dice.millis(Span::LogNormal { mean, spread: 0.7 }).unwrap_or(0).clamp(3_000, 45 * 60_000);
    let passed_on_after = (talk > 60_000 && dice.happens(0.04)).then_some(talk / 5);
    let hold = (passed_on_after.is_none() && talk > 90_000 && dice.happens(0.10))
        .then(|| (talk * 2 / 5, dice.between(8_000, 45_000)));
    let rates = dice.happens(0.35).then(|| (dice.between(5_000, 40_000), rating(dice)));
    Asking {
        joins_after: (!dice.happens(0.02)).then(|| dice.between(80, 600)),
        patience,
        vanishes: dice.happens(0.35),
        connects_after: dice.between(900, 3_200),
        media_fails: dice.happens(0.015),
        talk,
        hold,
        passed_on_after,
        rep_ends: dice.happens(0.4),
        rates: rates.and_then(|(after, rating)| Some((after, rating?))),
        outcome: if dice.happens(0.85) { dice.pick(campaign.outcomes).copied() } else { None },
        wrap_up: if dice.happens(0.93) {
            dice.millis(Span::LogNormal { mean: 24_000, spread: 0.5 }).map(|millis| millis.clamp(2_000, 58_000))
        } else {
            None
        },
        name: if dice.happens(0.5) { dice.pick(FIRST_NAMES).copied() } else { None },
        problem: if dice.happens(0.4) { dice.pick(PROBLEMS).copied() } else { None },
        audio_only: dice.happens(0.2),
        origin: origin(dice, in_app),
    }
}

fn rating(dice: &mut Dice) -> Option<Rating> {
    let stars = dice.pick(STARS).copied()?;
    let comment = (stars == 5 && dice.happens(0.2)).then(|| "Thank you".to_owned());
    Rating::new(stars, comment).ok()
}

fn origin(dice: &mut Dice, in_app: bool) -> Origin {
    let text = dice.pick(if in_app { APPS } else { AGENTS }).copied().unwrap_or_default();
    let parsed = agent::parse(text);
    let network = dice.pick(NETWORKS).copied().unwrap_or_default();
    Origin {
        address: Some(format!("{network}.{}", dice.between(1, 255))),
        country: dice.pick(COUNTRIES).map(|&code| code.to_owned()),
        user_agent: Some(text.to_owned()),
        device: Some(parsed.device.as_str().to_owned()),
        browser: parsed.browser,
        os: parsed.os,
    }
}

#[cfg(test)]
mod tests {
    use super::super::demonstration;
    use super::*;

    fn stories(banner: usize) -> Vec<Story> {
        let world = demonstration::world(120, 8);
        let (campaign, customers) = (&world.campaigns[0], world.customers);
        (0..5_000).map(|number| Story::of(1, number, customers, campaign, &campaign.banners[banner])).collect()
    }

    #[test]
    fn what_a_page_tells_comes_in_order_and_before_the_request() {
        for Story { landing, asks } in stories(0) {
            let landing = landing.expect("everybody lands");
            let told: Vec<_> = landing.seen_after.into_iter().chain(landing.steps.iter().map(|step| step.0)).collect();
            assert!(told.is_sorted(), "{told:?}");
            let Some((asked, asking)) = asks else { continue };
            assert!(told.last().is_some_and(|last| *last < asked), "{told:?} {asked}");
            assert_eq!(landing.class, "page");
            assert!(asking.hold.is_none_or(|(at, long)| at + long < asking.talk), "a hold ends before the talk");
        }
    }

    #[test]
    fn one_banner_brings_clicks_and_hardly_a_conversation() {
        let asks = |banner| stories(banner).iter().filter(|story| story.asks.is_some()).count();
        assert!(asks(0) > 20 * asks(2) && asks(2) > 5, "{} and {}", asks(0), asks(2));
    }
}
