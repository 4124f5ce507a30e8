//! The API's description (OpenAPI 3.1), made from the code that answers: committed as docs/api/openapi.json.

use crate::error::{Kind, PROBLEM_JSON, ProblemBody};
use crate::routes::{
    complete_submission, continue_upload, create_upload, livez, open_submission, readyz, submission_status,
    upload_evidence, withdraw_submission,
};
use domain::decision::OutcomeKind;
use domain::evidence::{DocumentKind, EvidenceKind, MediaType};
use domain::reasons::Reason;
use domain::submission::StatusName;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem, Ref, RefOr, Required};
use utoipa::{Modify, PartialSchema, ToSchema};

/// How each operation can fail, by its operation id.
const FAILURES: &[(&str, &[Kind])] = &[
    ("open_submission", open_submission::KINDS),
    ("submission_status", submission_status::KINDS),
    ("upload_evidence", upload_evidence::KINDS),
    ("create_upload", create_upload::KINDS),
    ("upload_standing", continue_upload::STANDING_KINDS),
    ("upload_piece", continue_upload::PIECE_KINDS),
    ("discard_upload", continue_upload::DISCARD_KINDS),
    ("complete_submission", complete_submission::KINDS),
    ("withdraw_submission", withdraw_submission::KINDS),
    ("readyz", readyz::KINDS),
];

const ABOUT: &str = "\
For apps that prove a patient's identity by photo ID and video: open a submission, upload the photo of the document and \
the video in which the patient gives the four numbers, complete it, and ask how it stands. The patient is emailed the \
outcome.

Every answer carries an `x-request-id`. Every failure is `application/problem+json` with a stable `code`; `problems` \
lists everything that is wrong with what was sent, all at once. Times are UTC (RFC 3339). Unknown fields are refused. \
New fields may be added to answers.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Proofdesk clients' API", license(name = "MIT", identifier = "MIT")),
    paths(
        open_submission::open_submission,
        upload_evidence::upload_evidence,
        create_upload::create_upload,
        continue_upload::upload_standing,
        continue_upload::upload_piece,
        continue_upload::discard_upload,
        complete_submission::complete_submission,
        submission_status::submission_status,
        withdraw_submission::withdraw_submission,
        livez::livez,
        readyz::readyz,
    ),
    components(schemas(ProblemBody)),
    tags(
        (name = "Submissions", description = "One attempt to prove an identity, from opening to outcome."),
        (name = "Resumable uploads", description = "Files in pieces over tus 1.0, for phones on bad networks."),
        (name = "Health", description = "For whoever runs the service. No key is needed.")),
    modifiers(&Words, &ClientKey, &UploadBody, &Failures, &RequestId),
)]
struct Described;

/// The whole description, pretty and with its keys in order, so that equal descriptions are equal texts.
pub fn json() -> String {
    serde_json::to_string_pretty(&value()).unwrap_or_default()
}

/// The same as a tree.
pub fn value() -> Value {
    let described = <Described as utoipa::OpenApi>::openapi();
    sorted(serde_json::to_value(described).unwrap_or_default())
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<_, _> = fields.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(ordered.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

struct Words;

impl Modify for Words {
    fn modify(&self, openapi: &mut OpenApi) {
        openapi.info.description = Some(ABOUT.to_owned());
    }
}

struct ClientKey;

impl Modify for ClientKey {
    fn modify(&self, openapi: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The key that `proofdesk client add` showed once. It starts with `pdk_`."))
            .build();
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("client_key", SecurityScheme::Http(scheme));
    }
}

/// The body of an upload is the file itself, of one of the accepted types.
struct UploadBody;

impl Modify for UploadBody {
    fn modify(&self, openapi: &mut OpenApi) {
        for operation in operations(openapi).filter(|one| one.operation_id.as_deref() == Some("upload_evidence")) {
            let accepted = MediaType::ALL
                .iter()
                .filter(|media| EvidenceKind::ALL.iter().any(|kind| kind.media_types().contains(media)));
            let body = RequestBodyBuilder::new().description(Some("The file.")).required(Some(Required::True));
            let body = accepted.fold(body, |body, media| body.content(media.mime(), ContentBuilder::new().build()));
            operation.request_body = Some(body.build().into());
        }
    }
}

struct Failures;

impl Modify for Failures {
    fn modify(&self, openapi: &mut OpenApi) {
        for operation in operations(openapi) {
            let id = operation.operation_id.clone().unwrap_or_default();
            let kinds = FAILURES.iter().find(|(operation, _)| *operation == id).map_or(&[][..], |(_, kinds)| kinds);
            let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
            for kind in kinds {
                by_status.entry(kind.meaning().status.as_u16()).or_default().push(*kind);
            }
            for (status, kinds) in by_status {
                operation.responses.responses.insert(status.to_string(), RefOr::T(failure(status, &kinds)));
            }
        }
    }
}

fn failure(status: u16, kinds: &[Kind]) -> Response {
    let meanings = kinds.iter().map(|kind| kind.meaning());
    let description = meanings.map(|meaning| format!("`{}`: {}.", meaning.code, meaning.title)).collect::<Vec<_>>();
    let examples = kinds.iter().map(|kind| {
        let example = serde_json::to_value(kind.example()).ok();
        let example = ExampleBuilder::new().summary(kind.meaning().title).value(example).build();
        (kind.meaning().code, RefOr::T(example))
    });
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).examples_from_iter(examples).build();
    let mut response = ResponseBuilder::new().description(description.join(" ")).content(PROBLEM_JSON, content);
    let header = match status {
        401 => Some(("WWW-Authenticate", "`Bearer`.")),
        429 => Some(("Retry-After", "The date from which another attempt is possible.")),
        503 => Some(("Retry-After", "Seconds to wait before a repeat.")),
        _ => None,
    };
    if let Some((name, description)) = header {
        response = response.header(name, text_header(description));
    }
    response.build()
}

struct RequestId;

impl Modify for RequestId {
    fn modify(&self, openapi: &mut OpenApi) {
        for operation in operations(openapi) {
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    let header = text_header("Quote it when you report a problem with this call.");
                    response.headers.insert("x-request-id".to_owned(), RefOr::T(header));
                }
            }
        }
    }
}

fn text_header(description: &str) -> utoipa::openapi::header::Header {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

fn operations(openapi: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    openapi.paths.paths.values_mut().flat_map(|item| {
        let PathItem { get, put, post, patch, head, delete, .. } = item;
        [get, put, post, patch, head, delete].into_iter().filter_map(Option::as_mut)
    })
}

/// The evidence kinds, as the type of a path parameter.
pub struct EvidenceKindParam;

impl PartialSchema for EvidenceKindParam {
    fn schema() -> RefOr<Schema> {
        evidence_kind().into()
    }
}

impl ToSchema for EvidenceKindParam {}

pub fn document_kinds() -> Schema {
    one_of("The kind of photo document.", DocumentKind::ALL.iter().map(|kind| kind.code()))
}

pub fn evidence_kind() -> Schema {
    one_of("What the item shows.", EvidenceKind::ALL.iter().map(|kind| kind.code()))
}

pub fn wanted() -> Schema {
    evidence_kinds(
        "Still to be uploaded; with `retake_wanted`, to be sent again in a new submission of the verification.",
    )
}

pub fn kept() -> Schema {
    evidence_kinds("Kept from the attempt before; it need not be sent again.")
}

pub fn reasons() -> Schema {
    one_of("Stable, for programs.", Reason::ALL.iter().map(|reason| reason.code()))
}

/// `decided` is not among them: until an outcome can no longer be undone, it is not told that there is one.
pub fn statuses() -> Schema {
    let told = |status: &&StatusName| **status != StatusName::Decided;
    let codes = StatusName::ALL.iter().filter(told).map(|status| status.code());
    one_of("The outcome is told with `closed` and `retake_wanted`.", codes)
}

pub fn outcomes() -> Schema {
    let codes = OutcomeKind::ALL.iter().map(|outcome| Value::from(outcome.code())).chain([Value::Null]);
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("`null` until it is told."))
        .enum_values(Some(codes))
        .build()
        .into()
}

fn evidence_kinds(description: &str) -> Schema {
    ArrayBuilder::new().description(Some(description)).items(RefOr::T(evidence_kind())).build().into()
}

fn one_of(description: &str, codes: impl Iterator<Item = &'static str>) -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some(description))
        .enum_values(Some(codes))
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
        value.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing"))
    }

    #[test]
    fn the_committed_description_is_what_the_code_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api/openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == format!("{}\n", json()), "docs/api/openapi.json is stale: run `scripts/openapi write`");
    }

    #[test]
    fn every_operation_with_a_key_says_how_it_fails_without_one() {
        let described = value();
        assert_eq!(described["openapi"], "3.1.0");
        let mut operations = 0;
        for item in at(&described, "/paths").as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                operations += 1;
                assert_eq!(operation.get("security").is_some(), operation["responses"].get("401").is_some());
                assert!(operation["summary"].is_string() && operation["operationId"].is_string());
                for response in operation["responses"].as_object().unwrap().values() {
                    assert!(response.pointer("/headers/x-request-id").is_some());
                }
            }
        }
        assert_eq!(operations, 11);
    }

    #[test]
    fn unknown_fields_are_declared_as_refused_and_the_needed_ones_as_needed() {
        let described = value();
        let claim = at(&described, "/components/schemas/NewSubmission");
        assert_eq!(claim["additionalProperties"], false);
        assert_eq!(claim["required"], serde_json::json!(["document", "date_of_birth", "email"]));
    }

    #[test]
    fn an_outcome_that_can_still_be_undone_is_not_a_status() {
        let described = value();
        let statuses = at(&described, "/components/schemas/Submission/properties/status/enum").as_array().unwrap();
        assert!(statuses.iter().all(|status| status != "decided"));
        assert_eq!(statuses.len() + 1, StatusName::ALL.len());
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let described = value();
        let text = described.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            at(&described, reference.split('"').next().unwrap());
        }
    }
}
