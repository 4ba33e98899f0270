//! `/colours/…`: a campaign's colour as a stylesheet, because no page has styles of its own inside.

use rocket::http::{ContentType, Header};
use rocket::{Responder, Route, get, routes};

use super::error::{ApiResult, Problem};
use crate::domain::colour::Colour;

/// The route of the stylesheets.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![stylesheet]
}

/// What the pages are printed on: `--bl-surface` of `app.css`, by day and by night.
const LIGHT: Colour = Colour::WHITE;
const DARK: Colour = Colour::new(0x17, 0x21, 0x1f);

#[derive(Responder)]
struct Stylesheet {
    text: (ContentType, String),
    caching: Header<'static>,
}

/// The name of a kept colour's stylesheet, without its ending.
#[must_use]
pub fn name_of(kept: &str) -> Option<String> {
    let colour = kept.parse::<Colour>().ok()?;
    Some(colour.to_string().trim_start_matches('#').to_owned())
}

/// The stylesheet of a colour, such as `/colours/0a5f4f.css`: it depends on its name only.
#[get("/colours/<file>")]
fn stylesheet(file: &str) -> ApiResult<Stylesheet> {
    let digits = file.strip_suffix(".css").ok_or_else(Problem::not_found)?;
    let colour = format!("#{digits}").parse::<Colour>().map_err(|_| Problem::not_found())?;
    Ok(Stylesheet {
        text: (ContentType::CSS, rules(colour)),
        caching: Header::new("Cache-Control", "public, max-age=86400"),
    })
}

/// Buttons have the very colour, with black or white on it; what is written in it has a shade that can be read.
fn rules(colour: Colour) -> String {
    let hover = colour.mixed(colour.text(), 12);
    let of = |ground: Colour| {
        let shade = colour.readable_on(ground);
        format!(
            "--bl-primary: {shade}; --bl-primary-hover: {}; --bl-on-primary: {}; --bl-primary-soft: {};",
            shade.mixed(ground.text(), 15),
            shade.text(),
            ground.mixed(colour, 14),
        )
    };
    let (light, dark) = (of(LIGHT), of(DARK));
    let (text, hover_text) = (colour.text(), hover.text());
    format!(
        ":root {{ {light} }}\n\
         @media (prefers-color-scheme: dark) {{ :root:not([data-theme=\"light\"]) {{ {dark} }} }}\n\
         :root[data-theme=\"dark\"] {{ {dark} }}\n\
         :root:root:root {{ --pico-primary-background: {colour}; --pico-primary-border: {colour}; \
         --pico-primary-hover-background: {hover}; --pico-primary-hover-border: {hover}; \
         --pico-primary-inverse: {text}; }}\n\
         button:not(.secondary, .quiet, .control, .danger):hover {{ --pico-color: {hover_text}; }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_light_colour_is_a_ground_for_black_and_is_darkened_as_text() {
        let rules = rules("#ffd400".parse().unwrap());
        assert!(
            rules.contains("--pico-primary-background: #ffd400") && rules.contains("--pico-primary-inverse: #000000")
        );
        let first = rules.lines().next().unwrap();
        assert!(!first.contains("--bl-primary: #ffd400"), "yellow on white: {first}");
        assert!(rules.contains("[data-theme=\"dark\"] { --bl-primary: #ffd400;"), "yellow on dark green can be read");
    }

    #[test]
    fn only_a_kept_colour_has_a_name() {
        assert_eq!(name_of("#FFD400").as_deref(), Some("ffd400"));
        assert_eq!(name_of("red;}"), None);
    }
}
