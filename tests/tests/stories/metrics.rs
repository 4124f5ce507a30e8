//! What Prometheus reads: every name that a rule or a dashboard uses is there, counts are true, and nothing personal is in it.

use crate::app;
use acceptance::{App, Mood};
use chrono::TimeDelta;
use domain::decision::Outcome;
use domain::reading::FaceRating;
use domain::reasons::Reason;
use std::collections::BTreeSet;
use workflow::metrics;

const RULES: &str = include_str!("../../../docs/operations/alerts.yml");
const DASHBOARD: &str = include_str!("../../../docs/operations/dashboard.json");

/// The value of the one line that begins so.
fn value(page: &str, line: &str) -> f64 {
    let found: Vec<&str> = page.lines().filter_map(|one| one.strip_prefix(line)?.strip_prefix(' ')).collect();
    let [value] = found[..] else { panic!("{line}: {found:?}\n{page}") };
    value.parse().unwrap()
}

/// Names in an expression, without what stands in quotes.
fn names(text: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let parts = text.split(|c: char| !is_name(c));
    parts.filter(|part| part.starts_with("idv_") || part.starts_with("http_server_")).collect()
}

async fn page(app: &App) -> String {
    metrics::page(&app.ctx, app.now()).await.unwrap()
}

#[tokio::test]
async fn every_name_of_the_rules_and_the_dashboard_is_exported() {
    let app = app().await;
    app.ctx.metrics().answered("GET", "/livez", 200, TimeDelta::milliseconds(3));
    app.ctx.metrics().job_ended("light", TimeDelta::milliseconds(3));
    let page = page(&app).await;
    let exported: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).map(|(name, _)| name).collect();
    assert!(names(RULES).len() > 12 && names(DASHBOARD).len() > 20, "{:?}", names(RULES));
    for name in names(RULES).union(&names(DASHBOARD)) {
        let series = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(exported.contains(series) || exported.contains(name), "{name} is not exported");
    }
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 12);
    for page in RULES.split("runbook: ").skip(1).map(|rest| rest.split('}').next().unwrap()) {
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page).is_file(), "{page}");
    }
}

#[tokio::test]
async fn a_whole_story_is_counted_once_by_every_process_that_is_asked() {
    let app = app().await;
    let ada = app.checker("Ada").await;
    for _ in 0..3 {
        app.submit_unseen().await;
    }
    app.smtp.set_mood(Mood::Accepting);
    app.advance(TimeDelta::minutes(20));
    app.sweep().await;
    app.claim_next(&ada).await;
    app.advance(TimeDelta::seconds(100));
    let case = app.case(&ada).await;
    app.rate(&ada, &case, FaceRating::SureSame).await;
    app.try_decide(&ada, &case, Outcome::Rejected { reasons: vec![Reason::Expired] }).await.unwrap();
    app.let_undo_pass().await;
    app.advance(TimeDelta::seconds(31));
    let first = page(&app).await;
    assert_eq!(page(&app).await, first, "a second look counts nothing again");
    for (line, expected) in [
        (r#"idv_cases{state="awaiting_review",priority="standard"}"#, 2.0),
        (r#"idv_sla_cases{status="ok"}"#, 2.0),
        (r#"idv_submissions_total{channel="api"}"#, 3.0),
        (r#"idv_decisions_total{outcome="rejected",stage="first"}"#, 1.0),
        (r#"idv_rejections_total{reason_group="document"}"#, 1.0),
        (r#"idv_emails_total{template="rejected",result="sent"}"#, 1.0),
        (r#"idv_time_to_decision_seconds_bucket{priority="standard",le="1200"}"#, 0.0),
        (r#"idv_time_to_decision_seconds_bucket{priority="standard",le="1800"}"#, 1.0),
        (r#"idv_review_duration_seconds_bucket{stage="first",le="90"}"#, 0.0),
        (r#"idv_review_duration_seconds_bucket{stage="first",le="120"}"#, 1.0),
        (r#"idv_jobs{queue="mail",state="dead"}"#, 0.0),
        (r#"idv_sweep_age_seconds"#, 31.0),
        (r#"idv_claim_duration_seconds_count"#, 1.0),
        (r#"http_server_request_duration_seconds_count{method="POST",route="/v1/submissions",status="201"}"#, 3.0),
    ] {
        assert!((value(&first, line) - expected).abs() < 1e-9, "{line}: {}", value(&first, line));
    }
    for personal in ["Mary", "Specimen", "mary@", "sub_", "Ada"] {
        assert!(!first.contains(personal), "{personal}");
    }
}
