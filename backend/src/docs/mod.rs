//! The API's description as a page for people, made from the same document; plain HTML and a style sheet.

use crate::error::{Kind, Meaning};
use crate::openapi;
use askama::Template;
use serde_json::{Map, Value};

/// The style sheet of the page.
pub const STYLE: &str = include_str!("docs.css");

/// Operations in the order in which a client calls them.
const ORDER: [&str; 11] = [
    "open_submission",
    "upload_evidence",
    "create_upload",
    "upload_standing",
    "upload_piece",
    "discard_upload",
    "complete_submission",
    "submission_status",
    "withdraw_submission",
    "livez",
    "readyz",
];

/// The whole page.
pub fn page() -> String {
    Page::of(&openapi::value()).render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Page {
    title: String,
    about: Vec<String>,
    operations: Vec<Operation>,
    schemas: Vec<Schema>,
    failures: Vec<Meaning>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    paragraphs: Vec<String>,
    needs_key: bool,
    parameters: Vec<Field>,
    body_types: String,
    body_example: String,
    responses: Vec<Response>,
}

struct Response {
    status: String,
    description: String,
    example: String,
}

struct Schema {
    name: String,
    paragraphs: Vec<String>,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    kind: String,
    required: bool,
    description: String,
}

impl Page {
    fn of(described: &Value) -> Page {
        let mut operations: Vec<Operation> = entries(at(described, "/paths"))
            .flat_map(|(path, item)| entries(item).map(|(method, one)| operation(method, path, one)))
            .collect();
        operations.sort_by_key(|operation| ORDER.iter().position(|id| *id == operation.id));
        Page {
            title: text(at(described, "/info/title")),
            about: paragraphs(at(described, "/info/description")),
            operations,
            schemas: entries(at(described, "/components/schemas")).map(|(name, one)| schema(name, one)).collect(),
            failures: Kind::all().map(Kind::meaning).collect(),
        }
    }
}

/// The value at a JSON pointer, or null.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn operation(method: &str, path: &str, described: &Value) -> Operation {
    let content = at(described, "/requestBody/content");
    Operation {
        id: text(at(described, "/operationId")),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(at(described, "/summary")),
        paragraphs: paragraphs(at(described, "/description")),
        needs_key: described["security"].is_array(),
        parameters: described["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        body_types: entries(content).map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
        body_example: example(content),
        responses: entries(at(described, "/responses")).map(|(status, one)| response(status, one)).collect(),
    }
}

fn parameter(described: &Value) -> Field {
    Field {
        name: text(at(described, "/name")),
        kind: format!("{}, {}", text(at(described, "/in")), kind(at(described, "/schema"))),
        required: described["required"] == true,
        description: text(at(described, "/description")),
    }
}

/// Failures share one shape, which is shown once; so only an answer has its example here.
fn response(status: &str, described: &Value) -> Response {
    let example = if status.starts_with('2') { example(at(described, "/content")) } else { String::new() };
    Response { status: status.to_owned(), description: text(at(described, "/description")), example }
}

fn schema(name: &str, described: &Value) -> Schema {
    let required = described["required"].as_array().cloned().unwrap_or_default();
    let field = |(name, one): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind(one),
        required: required.iter().any(|needed| needed == name),
        // A reference that may be null carries its words inside.
        description: text(one.get("description").unwrap_or(at(one, "/oneOf/0/description"))),
    };
    Schema {
        name: name.to_owned(),
        paragraphs: paragraphs(at(described, "/description")),
        fields: entries(at(described, "/properties")).map(field).collect(),
    }
}

/// A type in a few words: "string", "one of: …", "list of Wanted", "Estimate or null".
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(codes) = schema["enum"].as_array() {
        let codes = codes.iter().map(|code| code.as_str().unwrap_or("null"));
        return format!("one of: {}", codes.collect::<Vec<_>>().join(", "));
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    let name = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other),
    };
    match schema["format"].as_str() {
        Some(format) if name.starts_with("string") => format!("{name} ({format})"),
        _ => name,
    }
}

fn example(content: &Value) -> String {
    let example = entries(content).map(|(_, media)| &media["example"]).find(|example| !example.is_null());
    match example {
        Some(Value::String(text)) => text.clone(),
        Some(other) => serde_json::to_string_pretty(other).unwrap_or_default(),
        None => String::new(),
    }
}

/// Words and code by turns: what stands between backticks is code.
fn marked(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(turn, piece)| (turn % 2 == 1, piece))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn paragraphs(value: &Value) -> Vec<String> {
    value.as_str().unwrap_or_default().split("\n\n").filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_every_operation_every_schema_and_every_failure() {
        let page = page();
        for id in ORDER {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
        for kind in Kind::all() {
            assert!(page.contains(&format!("id=\"problem-{}\"", kind.meaning().code)), "{kind:?}");
        }
        assert!(page.contains("id=\"schema-Submission\"") && page.contains("PD-9D3E-4B5A"));
    }

    #[test]
    fn the_page_runs_nothing_and_loads_only_its_style_sheet() {
        let page = page();
        assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("http"), "{page}");
        assert_eq!(page.matches("<link").count(), 1);
    }

    #[test]
    fn what_the_description_says_is_text_and_never_markup() {
        let described = serde_json::json!({"info": {"title": "<b>&", "description": "<script>x</script>"}});
        let page = Page::of(&described).render().unwrap();
        assert!(!page.contains("<b>") && !page.contains("<script"), "{page}");
    }
}
