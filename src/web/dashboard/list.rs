//! The table of calls: how the address says in which order it comes, and which part of it is shown.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::domain::figures::seconds;
use crate::domain::session::Outcome;
use crate::figures::dashboard::{CALLS_A_PAGE, List};
use crate::store::calls::{Listed, MOST_OFFSET, Sort};

/// The columns by which it can be sorted, as the address has them.
const COLUMNS: [(&str, Sort); 5] = [
    ("entry", Sort::Entry),
    ("wait", Sort::Wait),
    ("duration", Sort::Duration),
    ("country", Sort::Country),
    ("rep", Sort::Representative),
];

const LAST_PAGE: i64 = MOST_OFFSET / CALLS_A_PAGE;

/// What is asked for, by the address: a column, `-` before it for the other direction, and a page from 1.
///
/// # Errors
/// What is wrong with it, in one sentence.
pub fn read(sort: Option<&str>, page: Option<&str>) -> Result<List, String> {
    let text = sort.filter(|sort| !sort.is_empty()).unwrap_or("-entry");
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let column = COLUMNS.iter().find(|(known, _)| *known == name);
    let (_, sort) = column.ok_or_else(|| {
        let names: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
        format!("sort must be one of {}, with a - before it for the other direction.", names.join(", "))
    })?;
    let page = page.filter(|page| !page.is_empty()).map_or(Some(1), |page| page.parse().ok());
    let page = page.filter(|page| (1..=LAST_PAGE).contains(page));
    let page = page.ok_or_else(|| format!("page must be a whole number from 1 to {LAST_PAGE}."))?;
    Ok(List { sort: *sort, descending, page })
}

/// A column's heading: where a click on it leads.
#[derive(Serialize)]
pub struct Column {
    name: &'static str,
    /// How it is sorted now: `ascending`, `descending`, or not by this.
    sorted: &'static str,
    /// What the address says of the order behind it.
    sort: String,
}

/// A call of the table.
#[derive(Serialize)]
pub struct Call {
    campaign_id: String,
    banner_id: String,
    entry: Timestamp,
    waited: Option<f64>,
    talked: Option<f64>,
    outcome: Option<&'static str>,
    country: Option<String>,
    device: Option<String>,
    address: Option<String>,
    agent: Option<String>,
    representative: Option<String>,
}

/// The table as the page shows it.
#[derive(Serialize)]
pub struct Table {
    columns: Vec<Column>,
    calls: Vec<Call>,
    /// What the address says of the order that it is in.
    sort: String,
    page: i64,
    pages: i64,
}

impl Table {
    /// A part of the table of so many calls.
    #[must_use]
    pub fn of(list: List, calls: Vec<Listed>, total: i64) -> Self {
        let column = |(name, sort): (&'static str, Sort)| {
            let (sorted, again) = match (sort == list.sort, list.descending) {
                (false, _) => ("none", format!("-{name}")),
                (true, true) => ("descending", name.to_owned()),
                (true, false) => ("ascending", format!("-{name}")),
            };
            Column { name, sorted, sort: again }
        };
        let pages = ((total + CALLS_A_PAGE - 1) / CALLS_A_PAGE).clamp(1, LAST_PAGE);
        let calls = calls.into_iter().map(Call::from).collect();
        let name = COLUMNS.iter().find(|(_, sort)| *sort == list.sort).map_or("entry", |(name, _)| name);
        let sort = format!("{}{name}", if list.descending { "-" } else { "" });
        Self { columns: COLUMNS.into_iter().map(column).collect(), calls, sort, page: list.page, pages }
    }
}

impl From<Listed> for Call {
    fn from(call: Listed) -> Self {
        Self {
            campaign_id: call.campaign_id.to_string(),
            banner_id: call.banner_id.to_string(),
            entry: call.queued_at,
            waited: call.wait_ms.map(seconds),
            talked: call.duration_ms.map(seconds),
            outcome: call.outcome.map(Outcome::as_str),
            country: call.country,
            device: call.device,
            address: call.address,
            agent: call.user_agent,
            representative: call.representative_name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_the_order_and_the_page() {
        let list = read(None, None).expect("the newest first");
        assert_eq!((list.sort, list.descending, list.page), (Sort::Entry, true, 1));
        let list = read(Some("wait"), Some("3")).expect("understood");
        assert_eq!((list.sort, list.descending, list.page), (Sort::Wait, false, 3));
        for (sort, page) in [(Some("height"), None), (Some("--wait"), None), (None, Some("0")), (None, Some("4000000"))]
        {
            assert!(read(sort, page).is_err(), "{sort:?} {page:?}");
        }
    }

    #[test]
    fn a_heading_turns_the_order_round() {
        let list = read(Some("-wait"), None).expect("understood");
        let table = Table::of(list, Vec::new(), 51);
        let told: Vec<_> = table.columns.iter().map(|one| (one.sorted, one.sort.as_str())).collect();
        assert_eq!(told[..2], [("none", "-entry"), ("descending", "wait")]);
        assert_eq!(table.pages, 3);
    }
}
