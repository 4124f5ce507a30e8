//! What machines send back is counted, and ops can take a check's right to do so away.

use crate::app;
use acceptance::{App, claim, fixture};
use chrono::TimeDelta;
use domain::precheck::Check;
use workflow::bounces::{self, Switch};
use workflow::staff::{Role, Staff};

async fn submit_damaged_photo(app: &App) -> String {
    let submitted = app.submit_claim(&claim(), fixture("truncated.jpg"), fixture("face-3719-good-720p.mp4")).await;
    app.drain().await;
    submitted.id
}

async fn today(app: &App, check: Check) -> u64 {
    let ledger = bounces::ledger(&app.ctx, app.now()).await.unwrap();
    *ledger.checks.iter().find(|row| row.check == check).unwrap().by_day.last().unwrap()
}

#[tokio::test]
async fn what_is_sent_back_is_counted_by_check_and_day() {
    let app = app().await;
    let id = submit_damaged_photo(&app).await;
    assert_eq!(app.api.status(&id).await["status"], "retake_wanted");
    assert_eq!((today(&app, Check::PhotoDecode).await, today(&app, Check::VideoDecode).await), (1, 0));
    app.advance(TimeDelta::days(1));
    submit_damaged_photo(&app).await;
    let ledger = bounces::ledger(&app.ctx, app.now()).await.unwrap();
    let row = ledger.checks.iter().find(|row| row.check == Check::PhotoDecode).unwrap();
    assert_eq!(row.by_day, [0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(ledger.checks.len(), Check::MAY_BOUNCE.len());
    app.advance(TimeDelta::days(6));
    assert_eq!(bounces::ledger(&app.ctx, app.now()).await.unwrap().checks[0].by_day, [1, 0, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_check_that_is_switched_off_sends_nothing_back_and_people_decide() {
    let app = app().await;
    let olga = Staff { id: app.staff("Olga", Role::Ops).await, name: "Olga".to_owned(), role: Role::Ops };
    let change = async |switch| {
        let about = (Check::PhotoDecode, switch);
        bounces::switch(&app.ctx, &olga, about, "wrong since the update", app.now()).await.unwrap();
    };
    change(Switch::Off).await;
    change(Switch::Off).await;
    let id = submit_damaged_photo(&app).await;
    assert_eq!(app.api.status(&id).await["status"], "awaiting_review");
    assert_eq!(app.sql("SELECT count(*) FROM bounce").await, "0");
    assert_eq!(app.sql("SELECT count(*) FROM finding WHERE body->>'result' = 'unusable'").await, "1", "it still finds");
    change(Switch::On).await;
    let id = submit_damaged_photo(&app).await;
    assert_eq!(app.api.status(&id).await["status"], "retake_wanted");
    let told = "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_event WHERE action LIKE 'check_switched%'";
    assert_eq!(app.sql(told).await, "check_switched_off check_switched_on", "pressed twice, told once");
    let unsafe_file = bounces::switch(&app.ctx, &olga, (Check::FileSafe, Switch::Off), "no", app.now()).await;
    assert!(unsafe_file.is_err(), "what may not be opened goes back whatever ops want");
}
