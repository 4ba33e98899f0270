//! The connection is reset in the middle of COMMIT, two hundred times: what was asked for happens exactly once, and
//! whoever asked is told so.
//!
//! MariaDB only: a COMMIT of SQLite is a function call in the same process, which no wire can cut.

use bannerline::domain::ids::{RepId, SessionId};
use bannerline::domain::session::State;
use bannerline::store::events;
use bannerline::store::line::{self, Reach, Which};

use super::proxy::{Cut, Proxy};
use super::raw::Raw;
use super::{Office, customer, representative, visit, wish};
use crate::support::database::Database;
use crate::support::server::Folder;
use crate::support::{Backend, run};
use futures_util::future::join_all;

const CUTS: usize = 200;

/// What the second of two cuts meets: the COMMIT of the lookup, or of the next attempt.
const PLANS: [&[Cut]; 9] = [
    &[Cut::Answer],
    &[Cut::Request],
    &[Cut::Late],
    &[Cut::Answer, Cut::Answer],
    &[Cut::Request, Cut::Request],
    &[Cut::Request, Cut::Answer, Cut::Request],
    &[Cut::Late, Cut::Request],
    &[Cut::Answer, Cut::Late],
    &[Cut::Request, Cut::Request, Cut::Late],
];

/// What is done while the wire is cut.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Land,
    Request,
    Join,
    JoinFive,
    Leave,
    Claim,
    EndByRep,
}

const DEEDS: [Deed; 7] =
    [Deed::Land, Deed::Request, Deed::Join, Deed::JoinFive, Deed::Leave, Deed::Claim, Deed::EndByRep];

struct Wire {
    office: Office,
    proxy: Proxy,
    raw: Raw,
    rep: RepId,
}

#[test]
fn a_reset_in_the_middle_of_commit_is_resolved() {
    run(async {
        // The proxy must know the server before the desk's database is made on it.
        let folder = Folder::new();
        let server = Database::fresh(Backend::MariaDb, &folder.0).await;
        let proxy = Proxy::before(&server.url).await;
        let office = Office::open_through(Backend::MariaDb, |url| proxy.url(url)).await;
        let (raw, rep) = (office.raw().await, office.rep("rita").await);
        let mut wire = Wire { office, proxy, raw, rep };
        let mut turn = 0;
        while wire.proxy.made() < CUTS {
            let (deed, plan) = (DEEDS[turn % DEEDS.len()], PLANS[turn % PLANS.len()]);
            wire.check(deed, plan).await;
            assert_eq!(wire.proxy.left(), 0, "{deed:?} {plan:?}: a cut met no COMMIT");
            turn += 1;
        }
        // Nine plans and seven deeds: each meets each.
        assert!(turn >= DEEDS.len() * PLANS.len(), "only {turn} turns");
    });
}

impl Wire {
    async fn check(&mut self, deed: Deed, plan: &[Cut]) {
        let case = format!("{deed:?} {plan:?}");
        match deed {
            Deed::Land => {
                let visit = visit();
                self.proxy.plan(plan);
                self.office.desk.land(&visit).await.unwrap_or_else(|error| panic!("{case}: {error}"));
                let text = format!("SELECT COUNT(*) FROM visits WHERE HEX(id) = UPPER('{}')", visit.id);
                assert_eq!(self.raw.number(&text).await, 1, "{case}");
            }
            Deed::Request => {
                let before = self.sessions().await;
                self.proxy.plan(plan);
                let made = self.office.desk.request(wish("5", "3"), None).await;
                let made = made.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_eq!(self.sessions().await, before + 1, "{case}");
                self.check_log(made.id, &["created"], &case).await;
            }
            Deed::Join => self.check_joins(1, plan, &case).await,
            Deed::JoinFive => self.check_joins(5, plan, &case).await,
            Deed::Leave => {
                let id = self.office.waiting().await;
                self.proxy.plan(plan);
                self.office.desk.leave(id).await.unwrap_or_else(|error| panic!("{case}: {error}"));
                self.check_log(id, &["created", "join", "end"], &case).await;
            }
            Deed::Claim => {
                let id = self.only_one_waits().await;
                self.proxy.plan(plan);
                let claimed = self.office.desk.claim(self.rep, false).await;
                let claimed = claimed.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_eq!(claimed.map(|session| session.id), Some(id), "{case}");
                self.check_log(id, &["created", "join", "offer"], &case).await;
                assert_eq!(self.callers().await, 1, "{case}");
                self.office.desk.end(&customer(id), id, None, false).await.unwrap();
            }
            Deed::EndByRep => {
                let id = self.only_one_waits().await;
                self.office.desk.claim(self.rep, false).await.unwrap().expect("somebody waits");
                self.proxy.plan(plan);
                let ended = self.office.desk.end(&representative(self.rep), id, None, false).await;
                let ended = ended.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_eq!(ended.life.state, State::Ended, "{case}");
                self.check_log(id, &["created", "join", "offer", "end"], &case).await;
                assert_eq!(self.callers().await, 0, "{case}");
            }
        }
    }

    async fn check_joins(&mut self, count: usize, plan: &[Cut], case: &str) {
        let sessions = self.office.requests(count).await;
        self.proxy.plan(plan);
        let answers = join_all(sessions.iter().map(|id| self.office.desk.join(*id, None))).await;
        let mut places = Vec::new();
        for (id, answer) in sessions.iter().zip(answers) {
            let position = answer.unwrap_or_else(|error| panic!("{case}: {error}")).position;
            places.push((self.office.session(*id).await.life.ticket, position));
            self.check_log(*id, &["created", "join"], case).await;
        }
        // Those who ask in the same moment may come in any order, but each is told where their ticket stands.
        places.sort_unstable();
        let positions: Vec<_> = places.into_iter().map(|(_, position)| position).collect();
        let waiting = self.raw.number("SELECT COUNT(*) FROM sessions WHERE state = 'waiting'").await;
        let last = usize::try_from(waiting).unwrap();
        assert_eq!(positions, (last + 1 - count..=last).collect::<Vec<_>>(), "{case}");
        let twice = "SELECT COUNT(*) - COUNT(DISTINCT ticket) FROM sessions WHERE ticket > 0";
        assert_eq!(self.raw.number(twice).await, 0, "{case}");
    }

    /// Exactly these events stand, with no gap, and they tell the row.
    async fn check_log(&mut self, id: SessionId, names: &[&str], case: &str) {
        let log = events::of_session(self.raw.conn(), id).await.unwrap();
        let told: Vec<_> = log.iter().map(|event| event.name.as_str()).collect();
        assert_eq!(told, names, "{case}");
        let row = bannerline::store::sessions::find(self.raw.conn(), id).await.unwrap().expect("the row stands");
        assert_eq!(events::replay(&log).unwrap(), Some(row.life), "{case}");
    }

    /// Empties the queue but for one.
    async fn only_one_waits(&mut self) -> SessionId {
        let everybody = Reach { queue: 1, entered_by: None };
        let line = line::first(self.raw.conn(), &[everybody], Which::All, 1_000).await.unwrap();
        for session in line {
            self.office.desk.leave(session.id).await.unwrap();
        }
        self.office.waiting().await
    }

    async fn callers(&mut self) -> i64 {
        self.raw.number("SELECT CAST(SUM(callers) AS SIGNED) FROM reps").await
    }

    async fn sessions(&mut self) -> i64 {
        self.raw.number("SELECT COUNT(*) FROM sessions").await
    }
}
