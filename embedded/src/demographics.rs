//! A stand-in for the record service: a FHIR search over invented people, on loopback.
//!
//! It takes `POST /Patient/_search` by `identifier`, or by `birthdate`, `family`, `given` and `address-postalcode`, all of
//! which have to fit.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::{Value, json};

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

/// One person on record.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    pub given_name: String,
    pub family_name: String,
    /// `1976-08-12`.
    pub date_of_birth: String,
    pub nhs_number: String,
    /// A number that was in force before.
    pub superseded_number: Option<String>,
    pub postcode: String,
    #[serde(default)]
    pub is_deceased: bool,
}

/// The people on record, and whether the service answers.
#[derive(Debug, Clone)]
pub struct Records {
    people: Arc<Vec<Person>>,
    away: Arc<AtomicBool>,
}

impl Records {
    #[must_use]
    pub fn new(people: Vec<Person>) -> Records {
        Records { people: Arc::new(people), away: Arc::default() }
    }

    /// From now on it answers 503, or answers again.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }
}

/// Serves the records, on one thread.
///
/// # Errors
/// When the listener cannot be used.
pub fn server(records: Records, listener: TcpListener) -> std::io::Result<Server> {
    let records = web::Data::new(records);
    let server =
        HttpServer::new(move || App::new().app_data(records.clone()).route("/Patient/_search", web::post().to(search)));
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

#[derive(Deserialize)]
struct Search {
    identifier: Option<String>,
    birthdate: Option<String>,
    family: Option<String>,
    given: Option<String>,
    #[serde(rename = "address-postalcode")]
    postcode: Option<String>,
}

async fn search(records: web::Data<Records>, search: web::Form<Search>) -> HttpResponse {
    if records.away.load(Ordering::SeqCst) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let found = records.people.iter().filter(|person| search.fits(person));
    let entry: Vec<Value> = found.map(|person| json!({ "resource": patient(person) })).collect();
    HttpResponse::Ok().content_type("application/fhir+json").json(json!({
        "resourceType": "Bundle", "type": "searchset", "total": entry.len(), "entry": entry,
    }))
}

impl Search {
    fn fits(&self, person: &Person) -> bool {
        if let Some(identifier) = &self.identifier {
            let number = identifier.strip_prefix(NHS_NUMBER).and_then(|rest| rest.strip_prefix('|'));
            return number.is_some_and(|number| {
                number == person.nhs_number || Some(number) == person.superseded_number.as_deref()
            });
        }
        let same = |asked: Option<&String>, of: &str| asked.is_some_and(|asked| folded(asked) == folded(of));
        let mut given = person.given_name.split(' ');
        same(self.birthdate.as_ref(), &format!("eq{}", person.date_of_birth))
            && same(self.family.as_ref(), &person.family_name)
            && given.any(|given| same(self.given.as_ref(), given))
            && same(self.postcode.as_ref(), &person.postcode)
    }
}

fn folded(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn patient(person: &Person) -> Value {
    json!({
        "resourceType": "Patient",
        "id": person.nhs_number,
        "identifier": [{ "system": NHS_NUMBER, "value": person.nhs_number }],
        "name": [{
            "use": "usual", "family": person.family_name, "given": person.given_name.split(' ').collect::<Vec<_>>(),
        }],
        "birthDate": person.date_of_birth,
        "address": [{ "use": "home", "postalCode": person.postcode }],
        "deceasedBoolean": person.is_deceased,
    })
}
