//! The demographic record: there before the case is opened, shown after the numbers, and no reason to wait.

use crate::{app, app_beside};
use acceptance::{App, RecordService, claim, recorded, tiny_photo, tiny_video};
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::demographics::{Trace, beside, doubt, is_superseded};
use domain::precheck::names::Agreement;
use domain::reading::{FaceAnswer, FaceRating, HowGiven};
use domain::reasons::Reason;
use embedded::demographics::Person;
use serde_json::{Value, json};
use workflow::demographics::Standing;
use workflow::review::{Case, Given};
use workflow::staff::Staff;

/// The case of the next submission at the third step.
async fn at_the_document(app: &App, by: &Staff) -> Case {
    let case = app.claim_next(by).await;
    assert_eq!(case.record, None, "nothing of the record before the faces and the numbers");
    app.answer(by, &case, Given::Face(FaceAnswer::of(FaceRating::SureSame))).await.unwrap();
    assert_eq!(app.case(by).await.record, None, "nothing of the record before the numbers");
    let numbers = Given::Numbers { given: HowGiven::NotGiven, typed: None, concerns: vec![] };
    app.answer(by, &case, numbers).await.unwrap();
    app.case(by).await
}

/// What the checker is told of a claim beside these people's records.
async fn traced(people: Vec<Person>, claim: &Value) -> (Case, String) {
    let service = RecordService::start(people);
    let app = app_beside(&service).await;
    app.submit_claim(claim, tiny_photo(), tiny_video()).await;
    app.drain_unseen().await;
    let case = at_the_document(&app, &app.checker("Ada").await).await;
    (case, app.sql("SELECT detail ->> 'result' FROM audit_event WHERE action = 'record_traced'").await)
}

fn answer(case: &Case) -> &Trace {
    match case.record.as_ref().unwrap() {
        Standing::Answered(trace) => trace,
        other => panic!("{other:?}"),
    }
}

/// Which facts of the claim differ from the record that was found.
fn differing(case: &Case) -> Vec<&'static str> {
    let Trace::Found(record) = answer(case) else { panic!("no record") };
    let facts = beside(case.claimed.as_ref().unwrap(), Some(record));
    facts.iter().filter(|fact| fact.agreement == Agreement::Differs).map(|fact| fact.name.code()).collect()
}

#[tokio::test]
async fn a_record_is_told_with_each_fact_that_differs() {
    let born = Person { date_of_birth: "1978-03-09".to_owned(), ..recorded() };
    let dead = Person { is_deceased: true, postcode: "LS1 4AP".to_owned(), ..recorded() };
    for (person, facts, doubtful) in [
        (recorded(), vec![], None),
        (born, vec!["date_of_birth"], None),
        (dead, vec!["postcode"], Some(Reason::RecordDeceased)),
    ] {
        let (case, audited) = traced(vec![person], &claim()).await;
        assert_eq!((differing(&case), doubt(answer(&case))), (facts, doubtful));
        assert_eq!(audited, "found");
    }
}

#[tokio::test]
async fn no_record_and_several_are_told_as_such() {
    let (case, audited) = traced(vec![], &claim()).await;
    assert_eq!((answer(&case), audited.as_str()), (&Trace::NoRecord, "no_record"));
    // By name, date of birth and postcode, which two people share.
    let twin = Person { nhs_number: "9686368973".to_owned(), ..recorded() };
    let mut by_name = claim();
    by_name["nhs_number"] = json!(null);
    let (case, audited) = traced(vec![recorded(), twin], &by_name).await;
    assert_eq!((answer(&case), audited.as_str()), (&Trace::SeveralRecords, "several_records"));
}

#[tokio::test]
async fn a_superseded_number_finds_the_record_under_the_new_one() {
    let moved =
        Person { nhs_number: "9686368973".to_owned(), superseded_number: Some("9912003888".to_owned()), ..recorded() };
    let (case, _) = traced(vec![moved], &claim()).await;
    let Trace::Found(record) = answer(&case) else { panic!("not found") };
    assert!(is_superseded(case.claimed.as_ref().unwrap(), record));
    assert_eq!(differing(&case), ["nhs_number"]);
}

#[tokio::test]
async fn an_approval_without_a_record_that_says_the_same_goes_to_a_second_reader() {
    for (postcode, away, then) in
        [("SW1A 1AA", false, "ends"), ("LS1 4AP", false, "second_reading"), ("SW1A 1AA", true, "second_reading")]
    {
        let service = RecordService::start(vec![Person { postcode: postcode.to_owned(), ..recorded() }]);
        let app = app_beside(&service).await;
        service.set_away(away);
        app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
        app.drain_unseen().await;
        let ada = app.checker("Ada").await;
        app.decide_next(&ada, FaceRating::SureSame, Outcome::Approved).await;
        assert_eq!(app.sql("SELECT leads_to FROM conclusion").await, then, "{postcode} {away}");
        app.leaves_work();
    }
}

/// What ops are told of the record service.
async fn records_on_the_board(app: &App) -> String {
    let seen = workflow::ops::overview(&app.ctx, app.now()).await.unwrap();
    seen.dependencies.into_iter().find(|one| one.dependency == "records").unwrap().detail
}

#[tokio::test]
async fn a_record_service_that_is_away_holds_nobody_up_and_is_asked_again() {
    let service = RecordService::start(vec![recorded()]);
    let app = app_beside(&service).await;
    service.set_away(true);
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    app.drain_unseen().await;
    assert_eq!(app.api.status(&submitted.id).await["status"], "awaiting_review");
    let ada = app.checker("Ada").await;
    let case = at_the_document(&app, &ada).await;
    assert_eq!(case.record, Some(Standing::Waiting));
    app.advance(TimeDelta::seconds(61));
    app.drain().await;
    assert_eq!(records_on_the_board(&app).await, "1 not answered, the oldest for 1 min");
    service.set_away(false);
    app.advance(TimeDelta::seconds(5));
    app.drain().await;
    assert_eq!(records_on_the_board(&app).await, "");
    assert!(differing(&app.case(&ada).await).is_empty());
}

#[tokio::test]
async fn what_is_withdrawn_meanwhile_is_not_asked_for_any_more() {
    let service = RecordService::start(vec![recorded()]);
    let app = app_beside(&service).await;
    service.set_away(true);
    let submitted = app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    app.drain_unseen().await;
    assert_eq!(app.api.withdraw(&submitted.id).await.status, 200);
    service.set_away(false);
    app.advance(TimeDelta::minutes(2));
    app.drain().await;
    assert_eq!(app.sql("SELECT result, record_sealed IS NULL FROM record_trace").await, "not_answered|t");
    assert_eq!(records_on_the_board(&app).await, "");
}

#[tokio::test]
async fn a_record_service_that_never_answers_leaves_the_document_alone_and_the_job_to_ops() {
    let service = RecordService::start(vec![recorded()]);
    let app = app_beside(&service).await;
    service.set_away(true);
    app.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
    for _ in 0..20 {
        app.drain_unseen().await;
        app.advance(TimeDelta::minutes(11));
    }
    assert_eq!(app.sql("SELECT state, attempts FROM job WHERE kind = 'trace_record'").await, "dead|19");
    let case = at_the_document(&app, &app.checker("Ada").await).await;
    assert_eq!(case.record, Some(Standing::NotAnswered));
    let why = app.sql("SELECT DISTINCT message FROM job_error").await;
    assert_eq!(why, "the record service answered 503 Service Unavailable", "nothing of the person");
}

#[tokio::test]
async fn without_a_record_service_nothing_is_asked_and_nothing_told() {
    let app = app().await;
    app.submit_unseen().await;
    assert_eq!(app.sql("SELECT count(*) FROM job WHERE kind = 'trace_record'").await, "0");
    let case = at_the_document(&app, &app.checker("Ada").await).await;
    assert_eq!(case.record, Some(Standing::NotAsked));
}
