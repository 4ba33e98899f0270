//! Pages: the templates in each language, built into the binary.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rocket::http::Status;
use rocket::response::content::RawHtml;
use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

use super::error::{ApiResult, Problem};
use super::guards::Login;
use super::numbers::{self, Marks};
use super::state::House;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "public/messages/"]
struct Messages;

/// A page, with its status.
pub type Page = (Status, RawHtml<String>);

/// The languages that pages come in; English first, because it stands in for what another one lacks.
const LANGUAGES: [&str; 2] = ["en", "de"];

/// The messages of the administration's scripts, the floor's and the dashboard's: nobody else fetches them.
const OF_STAFF: [&str; 4] = ["js.admin.", "js.floor.", "js.dashboard.step.", "js.kept."];

type Catalogue = BTreeMap<String, String>;

struct Language {
    tera: Tera,
    /// The messages that scripts use, as JSON for a data block.
    messages_json: String,
    /// The same with those of the administration and the floor: customers need not fetch them.
    admin_messages_json: String,
}

/// The templates, ready in each language.
pub struct Pages {
    languages: HashMap<&'static str, Language>,
}

/// A template or catalogue that is broken: found at the start, never at a request.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A template.
    #[error("template: {0}")]
    Template(#[from] tera::Error),
    /// A catalogue.
    #[error("messages: {0}")]
    Messages(#[from] serde_json::Error),
}

/// Somebody who is logged in, as pages show them.
#[derive(Serialize)]
struct UserContext<'u> {
    id: String,
    username: &'u str,
    name: &'u str,
    role: &'static str,
}

impl Pages {
    /// Reads every template and catalogue.
    ///
    /// # Errors
    /// When one of them is broken.
    pub fn load() -> Result<Self, PagesError> {
        let english = catalogue("en")?;
        let mut languages = HashMap::new();
        for language in LANGUAGES {
            let mut messages = english.clone();
            messages.extend(catalogue(language)?);
            languages.insert(language, Language::build(messages, Marks::of(language))?);
        }
        Ok(Self { languages })
    }

    /// Renders a template in a language.
    ///
    /// # Errors
    /// 500 when the template asks for what it was not given.
    pub fn render(&self, house: &House, page: &PageOf<'_>, values: &impl Serialize) -> ApiResult<RawHtml<String>> {
        let Some(language) = self.languages.get(page.language) else { return Err(mistake("no such language")) };
        let mut context = Context::from_serialize(values).map_err(|error| mistake(&error.to_string()))?;
        context.insert("lang", page.language);
        let of_admin = ["admin/", "floor/", "dashboard/"].iter().any(|folder| page.template.starts_with(folder));
        let messages = if of_admin { &language.admin_messages_json } else { &language.messages_json };
        context.insert("messages_json", messages);
        context.insert("csrf", &page.login.map(|login| house.desk.keys.csrf_token(&login.hash)));
        let user = page.login.map(|login| UserContext {
            id: login.user.id.to_string(),
            username: &login.user.username,
            name: &login.user.display_name,
            role: login.user.role.as_str(),
        });
        context.insert("user", &user);
        let html = language.tera.render(page.template, &context).map_err(|error| mistake(&format!("{error:?}")))?;
        Ok(RawHtml(html))
    }

    /// Renders a template that stands for itself: for nobody who is logged in, and with no script.
    ///
    /// # Errors
    /// When the template asks for what it was not given; in words.
    pub fn document(&self, template: &str, language: &str, values: &impl Serialize) -> Result<String, String> {
        let of_language = self.languages.get(language).ok_or("no such language")?;
        let mut context = Context::from_serialize(values).map_err(|error| error.to_string())?;
        context.insert("lang", language);
        of_language.tera.render(template, &context).map_err(|error| format!("{error:?}"))
    }

    /// A page that says what is wrong.
    #[must_use]
    pub fn problem(&self, house: &House, language: &'static str, login: Option<&Login>, problem: &Problem) -> Page {
        let values = serde_json::json!({ "status": problem.status, "title": problem.title, "detail": problem.detail });
        let page = PageOf { template: "error.html", language, login };
        let html = self.render(house, &page, &values).unwrap_or_else(|_| RawHtml(problem.title.clone()));
        (problem.status(), html)
    }
}

/// Which page, for whom.
pub struct PageOf<'p> {
    /// The template's path.
    pub template: &'static str,
    /// The language.
    pub language: &'static str,
    /// Who is logged in.
    pub login: Option<&'p Login>,
}

impl Language {
    fn build(messages: Catalogue, marks: Marks) -> Result<Self, PagesError> {
        let mut for_scripts: BTreeMap<_, _> = messages.iter().filter(|(key, _)| key.starts_with("js.")).collect();
        let admin_messages_json = data_block(&for_scripts)?;
        for_scripts.retain(|key, _| !OF_STAFF.iter().any(|staff| key.starts_with(staff)));
        let messages_json = data_block(&for_scripts)?;
        let mut tera = Tera::default();
        let messages = Arc::new(messages);
        tera.register_function("t", move |arguments: Kwargs, _: &State| translate(&messages, &arguments));
        tera.register_filter("duration", |seconds: f64, _: Kwargs, _: &State| numbers::duration(seconds));
        tera.register_filter("percent", move |percent: f64, _: Kwargs, _: &State| marks.percent(percent));
        tera.register_filter("count", move |count: f64, _: Kwargs, _: &State| marks.count(count));
        tera.register_filter("figure", move |value: f64, arguments: Kwargs, _: &State| {
            arguments.must_get("kind").map(|kind: String| marks.figure(value, &kind))
        });
        tera.register_filter("change", move |change: f64, arguments: Kwargs, _: &State| {
            arguments.must_get("kind").map(|kind: String| marks.change(change, &kind))
        });
        tera.register_filter("whole", |number: f64, _: Kwargs, _: &State| format!("{number:.0}"));
        tera.register_filter("size", |number: f64, _: Kwargs, _: &State| number.abs());
        let files: Vec<(String, String)> = Templates::iter()
            .filter_map(|name| {
                let file = Templates::get(&name)?;
                Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
            })
            .collect();
        tera.add_raw_templates(files)?;
        Ok(Self { tera, messages_json, admin_messages_json })
    }
}

/// Values for a page's script, as JSON for a data block: `</script>` in a text must not end it.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn data_block(values: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(values)?.replace('<', "\\u003c"))
}

fn catalogue(language: &str) -> Result<Catalogue, serde_json::Error> {
    let file = Messages::get(&format!("{language}.json"));
    file.map_or_else(|| Ok(Catalogue::new()), |file| serde_json::from_slice(&file.data))
}

/// `t(key="…", name=…)`: the message, with `{name}` filled in. A key that is missing shows itself.
fn translate(messages: &Catalogue, arguments: &Kwargs) -> TeraResult<String> {
    let key: String = arguments.must_get("key")?;
    let mut text = messages.get(&key).cloned().unwrap_or(key);
    for (name, value) in arguments.iter() {
        text = text.replace(&format!("{{{name}}}"), &value.to_string());
    }
    Ok(text)
}

/// A page that could not be made.
pub(super) fn mistake(error: &str) -> Problem {
    tracing::error!(error, "a page could not be made");
    Problem::new(Status::InternalServerError, "That is a mistake of ours; it has been logged.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_and_catalogue_can_be_read_and_the_languages_say_the_same_things() {
        assert!(Pages::load().is_ok());
        let keys = |language| catalogue(language).expect("readable").into_keys().collect::<Vec<_>>();
        assert_eq!(keys("en"), keys("de"));
    }
}
