//! Evidence through our own server only: in ranges, never kept, one record per look, and to nobody without the check.

use crate::{app, signed_in};
use acceptance::App;

/// The address and the size of the playable video of the one submission.
async fn video(app: &App) -> (String, usize) {
    let row = app
        .sql(
            "SELECT replace(a.id::text, '-', ''), o.plain_bytes FROM artefact a JOIN stored_object o ON o.id = a.object_id \
             WHERE a.kind = 'video_playable'",
        )
        .await;
    let (id, bytes) = row.split_once('|').unwrap();
    (format!("/console/media/art_{id}"), bytes.parse().unwrap())
}

#[tokio::test]
async fn the_holder_gets_ranges_that_are_never_kept_and_each_look_is_recorded_once() {
    let app = app().await;
    app.submit_good().await;
    app.drain().await;
    let console = signed_in(&app, "Ada").await;
    assert_eq!(console.post("/console/next", &[]).await.status, 303);
    let (path, size) = video(&app).await;

    let part = console.get_with(&path, &[("range", "bytes=4-7")]).await;
    assert_eq!((part.status, part.body.as_str()), (206, "ftyp"));
    assert_eq!(part.header("content-range"), format!("bytes 4-7/{size}"));
    assert_eq!(part.header("content-length"), "4");
    assert_eq!((part.header("cache-control"), part.header("content-type")), ("no-store", "video/mp4"));
    assert_eq!((part.header("accept-ranges"), part.header("x-content-type-options")), ("bytes", "nosniff"));
    let across = console.get_with(&path, &[("range", "bytes=60000-70000")]).await;
    assert_eq!((across.status, across.header("content-length")), (206, "10001"));
    let past = console.get_with(&path, &[("range", &format!("bytes={size}-"))]).await;
    assert_eq!((past.status, past.header("content-range").to_owned()), (416, format!("bytes */{size}")));
    let whole = console.get(&path).await;
    assert_eq!((whole.status, whole.header("content-length").to_owned()), (200, size.to_string()));
    let longer = console.get_with(&path, &[("range", &format!("bytes=-{}", size + 1_000))]).await;
    assert_eq!((longer.status, longer.header("content-length").to_owned()), (200, size.to_string()));
    for nonsense in ["bytes=9-2", "bytes=x-y", "bytes=", "lines=1-2"] {
        assert_eq!(console.get_with(&path, &[("range", nonsense)]).await.status, 200, "{nonsense} is not looked at");
    }
    let several = console.get_with(&path, &[("range", "bytes=0-1,4-5")]).await;
    assert_eq!(several.status, 200, "several parts are answered with the whole");

    assert_eq!(app.sql("SELECT count(*) FROM audit_event WHERE action = 'evidence_viewed'").await, "1");
    assert_eq!(app.sql("SELECT count(*), sum(requests) FROM evidence_view").await, "1|9");
}

#[tokio::test]
async fn nobody_sees_evidence_without_holding_the_check() {
    let app = app().await;
    app.submit_good().await;
    app.drain().await;
    let (ada, ben) = (signed_in(&app, "Ada").await, signed_in(&app, "Ben").await);
    let (path, _) = video(&app).await;
    assert_eq!(app.console().get(&path).await.status, 303, "not signed in");
    assert_eq!(ada.get(&path).await.status, 409, "nobody holds it yet");
    assert_eq!(ada.post("/console/next", &[]).await.status, 303);
    assert_eq!(ben.get(&path).await.status, 409, "another holds it");
    assert_eq!(ada.get(&path).await.status, 200);
    app.advance(app.ctx.config().review.lease);
    assert_eq!(ada.get(&path).await.status, 409, "the lease ran out");
    assert_eq!(app.sql("SELECT count(*) FROM audit_event WHERE action = 'evidence_viewed'").await, "1");
    app.sweep().await;
    assert_eq!(ada.get("/console/media/art_00000000000000000000000000000000").await.status, 404);
}
