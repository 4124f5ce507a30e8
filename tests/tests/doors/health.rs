//! Readiness names what is down; liveness does not care.

use acceptance::{App, Postgres, Setup, claim};
use embedded::s3::Fault;
use serde_json::{Value, json};

async fn down(app: &App) -> Value {
    let body = app.api.get("/readyz").await.expect(503);
    assert_eq!(body["code"], "not_ready");
    let fields = body["problems"].as_array().unwrap().iter().map(|problem| problem["field"].clone());
    Value::Array(fields.collect())
}

#[tokio::test]
async fn a_door_whose_database_dies_says_so_and_recovers_with_it() {
    let setup = Setup { postgres: Postgres::Own, ..Setup::usual(env!("CARGO_BIN_EXE_inspect")) };
    let app = App::start(setup).await;
    assert_eq!(app.api.get("/readyz").await.expect(200)["ready"], true);
    app.postmaster.cluster.kill().await.unwrap();
    assert_eq!(down(&app).await, json!(["database"]));
    assert_eq!(app.api.get("/livez").await.status, 200);
    assert_eq!(app.api.open(&claim()).await.problem(), (503, "unavailable".to_owned()));
    app.postmaster.cluster.restart().await.unwrap();
    acceptance::eventually("the door is ready again", async || {
        (app.api.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    assert_eq!(app.api.open(&claim()).await.status, 201);
}

#[tokio::test]
async fn a_door_whose_object_store_is_down_says_so() {
    let app = crate::app().await;
    app.s3.set_fault(Fault::Unavailable);
    assert_eq!(down(&app).await, json!(["objects"]));
    app.s3.set_fault(Fault::None);
    assert_eq!(app.api.get("/readyz").await.status, 200);
}
