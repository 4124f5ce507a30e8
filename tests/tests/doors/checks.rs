//! The page where ops see what machines send back, and take that right away.

use crate::{app, signed_in};
use workflow::staff::Role;

#[tokio::test]
async fn ops_switch_a_check_off_with_a_reason_and_on_again() {
    let app = app().await;
    app.staff("Olga", Role::Ops).await;
    let olga = app.console();
    olga.sign_in("Olga").await;
    let page = olga.get("/ops/checks").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Photo can be opened") && !page.body.contains("Face in the video"), "{}", page.body);
    let off = |reason| [("check", "photo_decode"), ("switch", "off"), ("reason", reason)];
    let refused = olga.post("/ops/checks", &off("  ")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Say why the check is switched off."));
    assert_eq!(app.sql("SELECT count(*) FROM check_switch").await, "0");
    assert_eq!(olga.post("/ops/checks", &off("<b>wrong</b> today")).await.status, 303);
    let page = olga.get("/ops/checks").await;
    assert!(page.body.contains("&lt;b&gt;wrong&lt;/b&gt; today"), "{}", page.body);
    assert_eq!(olga.post("/ops/checks", &[("check", "photo_decode"), ("switch", "on")]).await.status, 303);
    assert_eq!(app.sql("SELECT count(*) FROM check_switch").await, "0");
    for wrong in [[("check", "video_faces"), ("switch", "on")], [("check", "photo_decode"), ("switch", "maybe")]] {
        assert_eq!(olga.post("/ops/checks", &wrong).await.status, 404, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_checker_may_not_see_or_turn_the_switches() {
    let app = app().await;
    let ada = signed_in(&app, "Ada").await;
    assert_eq!(ada.get("/ops/checks").await.status, 403);
    let off = [("check", "photo_decode"), ("switch", "off"), ("reason", "tired of it")];
    assert_eq!(ada.post("/ops/checks", &off).await.status, 403);
    assert_eq!(app.sql("SELECT count(*) FROM check_switch").await, "0");
}
