//! `/public/…`: styles, scripts and pictures, built into the binary.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::http::uri::error::PathError;
use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Responder, Route, get, routes};
use rust_embed::RustEmbed;

use super::error::{ApiResult, Problem};

#[derive(RustEmbed)]
#[folder = "public/"]
struct Public;

/// The routes of the assets.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![asset]
}

/// What the browser has already.
struct IfNoneMatch<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IfNoneMatch<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.headers().get_one("If-None-Match")))
    }
}

/// A file, or the word that the browser's copy is still good.
#[derive(Responder)]
struct Asset {
    body: (Status, (ContentType, Vec<u8>)),
    tag: Header<'static>,
    caching: Header<'static>,
}

/// A file of `public/`.
#[get("/public/<path..>")]
fn asset(path: Result<PathBuf, PathError>, known: IfNoneMatch<'_>) -> ApiResult<Asset> {
    // A part that no file of ours has, such as a leading dot, is a missing file like any other.
    let path = path.map_err(|_| Problem::not_found())?;
    let name = path.to_str().map(|name| name.replace('\\', "/")).ok_or_else(Problem::not_found)?;
    let file = Public::get(&name).ok_or_else(Problem::not_found)?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let extension = Path::new(&name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let kind = ContentType::from_extension(extension).unwrap_or(ContentType::Plain);
    let unchanged = known.0 == Some(tag.as_str());
    let (status, bytes) =
        if unchanged { (Status::NotModified, Vec::new()) } else { (Status::Ok, file.data.into_owned()) };
    Ok(Asset {
        body: (status, (kind, bytes)),
        tag: Header::new("ETag", tag),
        // Asked again each time: a page and its scripts must be of one version.
        caching: Header::new("Cache-Control", "no-cache"),
    })
}
