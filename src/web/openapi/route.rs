//! One route: what its row in the table can say.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::content::Content;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, PathItem};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{Array, Object, Schema, Type};
use utoipa::openapi::{Ref, RefOr, Required};

use super::param::{Param, in_path};
use super::who::Who;
use crate::web::error::Problem;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const HTML: &str = "text/html";

/// One route of the document. What follows from who may call it and from its body is said without being asked for.
pub struct Route {
    /// As in `/help/session/{sessionId}`.
    pub path: &'static str,
    /// The types that it speaks of, and theirs.
    pub schemas: Vec<(String, RefOr<Schema>)>,
    method: HttpMethod,
    summary: &'static str,
    who: Who,
    parameters: Vec<Parameter>,
    body: Option<RequestBody>,
    responses: BTreeMap<String, Response>,
}

impl Route {
    /// A `GET`.
    pub fn get(path: &'static str, summary: &'static str, who: Who) -> Self {
        Self::new(HttpMethod::Get, path, summary, who)
    }

    /// A `POST`.
    pub fn post(path: &'static str, summary: &'static str, who: Who) -> Self {
        Self::new(HttpMethod::Post, path, summary, who)
    }

    /// A `PUT`.
    pub fn put(path: &'static str, summary: &'static str, who: Who) -> Self {
        Self::new(HttpMethod::Put, path, summary, who)
    }

    /// A `PATCH`.
    pub fn patch(path: &'static str, summary: &'static str, who: Who) -> Self {
        Self::new(HttpMethod::Patch, path, summary, who)
    }

    /// A `DELETE`.
    pub fn delete(path: &'static str, summary: &'static str, who: Who) -> Self {
        Self::new(HttpMethod::Delete, path, summary, who)
    }

    fn new(method: HttpMethod, path: &'static str, summary: &'static str, who: Who) -> Self {
        let parameters = in_path(path).map(Parameter::from).collect();
        let (schemas, responses) = (Vec::new(), BTreeMap::new());
        let route = Self { path, schemas, method, summary, who, parameters, body: None, responses };
        let route = route.problem("default", "Anything else that goes wrong.");
        if who.open {
            return route;
        }
        route
            .refuses(401, "No credential, or one that is not known.")
            .refuses(
                403,
                "The credential is of the wrong kind or role, or a write with the cookie lacks its `X-CSRF-Token` or \
                 comes from another site's page.",
            )
            .away()
    }

    /// Takes these parameters, beside those in the path.
    pub fn takes<const N: usize>(mut self, params: [Param; N]) -> Self {
        self.parameters.extend(params.map(Parameter::from));
        self
    }

    /// Needs a JSON body.
    pub fn body<T: ToSchema>(self) -> Self {
        self.body_as::<T>(JSON, Required::True)
    }

    /// Takes a JSON body; without one it is as if `{}` were sent.
    pub fn optional_body<T: ToSchema>(self) -> Self {
        self.body_as::<T>(JSON, Required::False)
    }

    /// Takes the body as a browser's form too.
    pub fn or_form<T: ToSchema>(self) -> Self {
        let required = self.body.as_ref().and_then(|body| body.required.clone());
        self.body_as::<T>(FORM, required.unwrap_or_default())
    }

    fn body_as<T: ToSchema>(mut self, media_type: &str, required: Required) -> Self {
        let content = Content::new(Some(self.reference::<T>()));
        let body = self.body.get_or_insert_default();
        body.required = Some(required);
        body.content.insert(media_type.to_owned(), content.into());
        self.refuses(400, "The request cannot be understood: `detail` says what is wrong with it.")
            .refuses(408, "The body did not arrive in time.")
            .refuses(413, "The body is too large: 16 KiB are allowed, 64 KiB for a signal.")
    }

    /// Answers with a JSON object.
    pub fn answers<T: ToSchema>(mut self, status: u16, about: &str) -> Self {
        let schema = self.reference::<T>();
        self.responds(status, about, JSON, Content::new(Some(schema)))
    }

    /// Answers 200 with a JSON array.
    pub fn answers_list<T: ToSchema>(mut self, about: &str) -> Self {
        let schema = Array::new(self.reference::<T>());
        self.responds(200, about, JSON, Content::new(Some(schema)))
    }

    /// The answer 200 can have this header.
    pub fn with_header(mut self, name: &str, about: &str) -> Self {
        let header = HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).description(Some(about));
        let response = self.responses.entry("200".to_owned()).or_default();
        response.headers.insert(name.to_owned(), header.build().into());
        self
    }

    /// Answers without a body.
    pub fn confirms(mut self, status: u16, about: &str) -> Self {
        self.response(&status.to_string(), about);
        self
    }

    /// Answers with a page.
    pub fn shows(self, status: u16, about: &str) -> Self {
        self.text(status, HTML, about)
    }

    /// Answers with text of another kind.
    pub fn text(self, status: u16, media_type: &str, about: &str) -> Self {
        self.responds(status, about, media_type, Content::new(Some(Object::with_type(Type::String))))
    }

    /// Answers 200 with what has no schema here.
    pub fn raw(self, media_type: &str, about: &str) -> Self {
        self.responds(200, about, media_type, Content::default())
    }

    /// Answers 200 with an event stream, which has these events at least.
    pub fn streams(self) -> Self {
        self.streams_to_all()
            .confirms(200, "- `superseded`: `{}`. A newer stream took the place of this one, which ends.")
            .confirms(200, "- `alive` is how a page answers every second `heartbeat`.")
    }

    /// The same, of which there may be as many as there are who look.
    pub fn streams_to_all(self) -> Self {
        self.text(200, "text/event-stream", "Events; the data of each is JSON:\n")
            .confirms(200, "- `heartbeat`: `{}`, every five seconds.")
            .confirms(200, "- `reconnect`: `{}`. The server is stopping: come back in a moment.")
    }

    /// The stream has this event too.
    pub fn event<T: ToSchema>(mut self, name: &str, about: &str) -> Self {
        let data = self.reference::<T>().ref_location;
        self.confirms(200, &format!("- `{name}`: `{data}`, {about}"))
    }

    /// Refuses with a problem document.
    pub fn refuses(self, status: u16, why: &str) -> Self {
        self.problem(&status.to_string(), why)
    }

    fn problem(mut self, status: &str, why: &str) -> Self {
        let content = Content::new(Some(self.reference::<Problem>()));
        self.response(status, why).content.insert("application/problem+json".to_owned(), content.into());
        self
    }

    /// Refuses while the database is away or the server stops.
    pub fn away(self) -> Self {
        self.refuses(503, "The database is away, or the server is stopping: try again in a moment.")
    }

    /// Refuses a network that asks too often.
    pub fn limited(self) -> Self {
        self.refuses(429, "Too many requests from this network.")
    }

    fn responds(mut self, status: u16, about: &str, media_type: &str, content: Content) -> Self {
        self.response(&status.to_string(), about).content.insert(media_type.to_owned(), content.into());
        self
    }

    /// The response with this status; what is said of it is added to what was said before.
    fn response(&mut self, status: &str, about: &str) -> &mut Response {
        let header = match status {
            "303" => Some(("Location", "Where to go.")),
            "401" => Some(("WWW-Authenticate", "`Bearer`, with a problem document.")),
            "429" | "503" => Some(("Retry-After", "Seconds after which it may be tried again.")),
            _ => None,
        };
        let response = self.responses.entry(status.to_owned()).or_default();
        if let Some((name, about)) = header {
            let header = HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).description(Some(about));
            response.headers.insert(name.to_owned(), header.build().into());
        }
        if !response.description.is_empty() {
            response.description.push('\n');
        }
        response.description.push_str(about);
        response
    }

    /// A reference to a type, which becomes part of the document with all that it is made of.
    fn reference<T: ToSchema>(&mut self) -> Ref {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name())
    }

    /// The route as the document has it.
    pub fn into_path_item(self, tag: &str) -> PathItem {
        let ways = self.who.ways(self.method != HttpMethod::Get);
        let mut operation = OperationBuilder::new()
            .tag(tag)
            .summary(Some(self.summary))
            .securities(Some(ways))
            .parameters(Some(self.parameters))
            .request_body(self.body);
        for (status, response) in self.responses {
            operation = operation.response(status, response);
        }
        PathItem::new(self.method, operation)
    }
}
