//! What groups of representatives are told beside their calls.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::domain::definitions::{Figures, Unknown};
use crate::domain::reading::{Kept, Reading, Shape};
use crate::domain::reps::{self, RepCalls, RepMeasured, RepTime};
use crate::domain::rollup::DAY_MILLIS;
use crate::domain::scope::Scope;
use crate::store::figures::Period;
use crate::store::questions::{self, Question};
use crate::store::terms::Campaigns;
use crate::store::{Reader, Result, rep_figures};

/// A representative has about so many activities for each call: available, on the call, in its wrap-up.
const ACTIVITIES_PER_CALL: i64 = 4;

/// What is known of each representative.
#[derive(Debug)]
pub(super) struct Reps {
    calls: std::result::Result<BTreeMap<String, RepCalls>, Unknown>,
    time: std::result::Result<BTreeMap<String, RepTime>, Unknown>,
}

/// Whether a question has no more calls than so many.
async fn is_small(reader: &mut Reader, question: &Question, most: i64) -> Result<bool> {
    let Period { from, to, .. } = question.period;
    let raw = Question { reading: Reading::of(from, to, Shape::Whole, Kept::Nothing), ..question.clone() };
    let rolled = questions::count_up_to(reader.conn(), &raw, true, most + 1).await?;
    Ok(rolled <= most && rolled + questions::count_up_to(reader.conn(), &raw, false, most + 1).await? <= most)
}

impl Reps {
    /// What is known of the period. Neither is kept: of more than `most` calls it is not told. Time goes into everybody's calls, so
    /// somebody who may see only a client's is not told of it.
    pub(super) async fn of(reader: &mut Reader, question: &Question, scope: Scope, most: i64) -> Result<Self> {
        let calls = if is_small(reader, question, most).await? {
            Ok(rep_figures::calls(reader.conn(), question).await?)
        } else {
            Err(Unknown::NotKept)
        };
        let period = question.period;
        // As reps_time.sql has it: calls that began the day before are still going on.
        let from = Timestamp(period.from.millis().saturating_sub(DAY_MILLIS));
        let campaigns = Campaigns::of(reader.conn(), None, Scope::Everything).await?;
        let everything = Question {
            campaigns,
            banner: None,
            period: Period { from, tests: true, ..period },
            filters: Vec::new(),
            ..question.clone()
        };
        let most_activities = most.saturating_mul(ACTIVITIES_PER_CALL);
        let is_told = scope == Scope::Everything
            && is_small(reader, &everything, most).await?
            && rep_figures::activities_up_to(reader.conn(), period, most_activities + 1).await? <= most_activities;
        let time = if is_told { Ok(rep_figures::time(reader.conn(), period).await?) } else { Err(Unknown::NotKept) };
        Ok(Self { calls, time })
    }

    /// Those who did something with the calls, though they may have been the first to answer none of them.
    pub(super) fn involved(&self) -> impl Iterator<Item = &String> {
        let did = |calls: &RepCalls| {
            calls.legs + calls.accepted + calls.rejected + calls.missed + calls.taken_back + calls.ringing > 0
        };
        self.calls.iter().flatten().filter(move |(_, calls)| did(calls)).map(|(rep, _)| rep)
    }

    /// The figures of one.
    pub(super) fn told(&self, rep: &str) -> Figures {
        let calls = self.calls.as_ref().map(|all| all.get(rep).copied().unwrap_or_default());
        let time = self.time.as_ref().map(|all| all.get(rep).copied().unwrap_or_default());
        reps::figures(&RepMeasured { calls: calls.map_err(|why| *why), time: time.map_err(|why| *why) })
    }
}
