//! `/openapi.json`: the description of the whole interface.
//!
//! `table` has a row for every route, `route` knows what a row can say, `param` and `who` what may be sent along
//! and who may call. Schemas come from the types that the handlers take and return. A new route gets a new row.

mod common;
mod dashboard;
mod param;
mod route;
mod staff;
mod table;
mod who;

use std::sync::LazyLock;

use utoipa::openapi::info::{InfoBuilder, LicenseBuilder};
use utoipa::openapi::path::PathsBuilder;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{OpenApi, OpenApiBuilder};

/// What holds for every route.
const CONVENTIONS: &str = "\
Instants are RFC 3339 in UTC with milliseconds; durations are seconds, exact to the millisecond. Ids of campaigns and \
banners are text of 1 to 100 visible ASCII characters, compared byte for byte; ids of ours are 32 lower-case \
hexadecimal digits.\n\n\
What goes wrong is answered with a problem document (RFC 9457); the few errors that are shown to people as pages say \
so. When both a token and the cookie are sent, the token decides.\n\n\
`epoch` in a request says which state of the session it is about: absent means the present one, an older one is \
refused with 409. `HEAD` is answered wherever `GET` is.";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| build().to_json().unwrap_or_default());

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document() -> String {
    DOCUMENT.clone()
}

fn build() -> OpenApi {
    let about = format!("{}\n\n{CONVENTIONS}", env!("CARGO_PKG_DESCRIPTION"));
    let license = LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build();
    let info = InfoBuilder::new()
        .title("Bannerline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(about))
        .license(Some(license));
    let (mut tags, mut paths, mut components) = (Vec::new(), PathsBuilder::new(), ComponentsBuilder::new());
    for group in table::groups() {
        tags.push(TagBuilder::new().name(group.name).description(Some(group.about)).build());
        for mut route in group.routes {
            components = components.schemas_from_iter(route.schemas.drain(..));
            paths = paths.path(route.path, route.into_path_item(group.name));
        }
    }
    for (name, scheme) in who::schemes() {
        components = components.security_scheme(name, scheme);
    }
    OpenApiBuilder::new().info(info.build()).tags(Some(tags)).paths(paths).components(Some(components.build())).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn parsed() -> Value {
        serde_json::from_str(&document()).unwrap()
    }

    /// Every operation: method, path, and what is said of it.
    fn operations(document: &Value) -> impl Iterator<Item = (String, &String, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            operations.map(move |(method, operation)| (method.to_uppercase(), path, operation))
        })
    }

    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn it_is_of_version_3_1_and_every_reference_resolves() {
        let document = parsed();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').expect(reference);
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_a_summary_an_answer_and_a_known_way_to_call_it() {
        let document = parsed();
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        for (method, path, operation) in operations(&document) {
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
            assert!(operation["responses"].as_object().unwrap().len() > 1, "{method} {path}");
            for way in operation["security"].as_array().unwrap() {
                let unknown = way.as_object().unwrap().keys().find(|scheme| !schemes.contains_key(*scheme));
                assert_eq!(unknown, None, "{method} {path}");
            }
        }
    }

    #[test]
    fn exactly_the_parameters_in_a_path_are_declared_as_such() {
        let document = parsed();
        for (method, path, operation) in operations(&document) {
            let named = |part: &'_ str| part.strip_prefix('{')?.strip_suffix('}').map(str::to_owned);
            let written: BTreeSet<_> = path.split('/').filter_map(named).collect();
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let declared = parameters.filter(|parameter| parameter["in"] == "path");
            let declared: BTreeSet<_> =
                declared.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect();
            assert_eq!(written, declared, "{method} {path}");
        }
    }

    /// A path without the names of its parameters.
    fn shape(path: &str) -> String {
        let parts = path.split('/').map(|part| if part.starts_with(['{', '<']) { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn the_routes_are_those_of_the_server() {
        let document = parsed();
        let described: BTreeSet<_> = operations(&document).map(|(method, path, _)| (method, shape(path))).collect();
        let served: BTreeSet<_> =
            crate::web::routes().iter().map(|route| (route.method.to_string(), shape(route.uri.path()))).collect();
        assert_eq!(described, served);
    }
}
