//! What a checker sees and hears: copies that play well, say nothing about the patient's device, and stand upright.

use crate::{fixtures, inspected};
use domain::evidence::ArtefactKind;
use serde_json::{Value, json};
use std::process::Command;
use worker::media::{Artefact, Inspection};

#[tokio::test]
async fn the_playable_copy_is_what_a_browser_steps_through_well() {
    for name in ["face-3719-good-720p.mp4", "face-3719-good.webm"] {
        let inspection = inspected(name).await.unwrap();
        let copy = artefact(&inspection, ArtefactKind::VideoPlayable);
        let position = |what: &[u8]| copy.bytes.windows(4).position(|four| four == what).unwrap();
        assert!(position(b"moov") < position(b"mdat"), "{name}: the index must come first");
        let facts = probe(&copy.bytes);
        let streams = facts["streams"].as_array().unwrap();
        let codecs: Vec<_> = streams.iter().map(|s| s["codec_name"].as_str().unwrap()).collect();
        assert_eq!(codecs, ["h264", "aac"], "{name}");
        assert_eq!(streams[0]["pix_fmt"], json!("yuv420p"));
        assert_eq!(streams[0]["height"], json!(720));
        let keys: Vec<f64> = facts["packets"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|p| p["stream_index"] == json!(0) && p["flags"].as_str().unwrap().starts_with('K'))
            .map(|p| p["pts_time"].as_str().unwrap().parse().unwrap())
            .collect();
        assert!(keys.len() >= 20, "{name}: {keys:?}");
        assert!(keys.windows(2).all(|pair| pair[1] - pair[0] <= 0.51), "{name}: {keys:?}");
        let duration: f64 = facts["format"]["duration"].as_str().unwrap().parse().unwrap();
        assert!((duration - 10.0).abs() < 0.05, "{name}: {duration}");
        no_tags(&facts["format"]["tags"], &["major_brand", "minor_version", "compatible_brands"]);
        for stream in streams {
            no_tags(&stream["tags"], &["language", "handler_name", "vendor_id"]);
        }
    }
}

#[tokio::test]
async fn a_clip_brings_a_strip_and_a_waveform() {
    let inspection = inspected("face-silent.mp4").await.unwrap();
    let strip = artefact(&inspection, ArtefactKind::FrameStrip);
    let frames = strip.meta["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 12);
    let times: Vec<f64> = frames.iter().map(|frame| frame["at"].as_f64().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[1] > pair[0]), "{times:?}");
    assert!(times[0] < 1.0 && times[11] > 9.0, "nothing is said, so they are spread: {times:?}");
    let sheet = image::load_from_memory(&strip.bytes).unwrap();
    assert_eq!(json!(sheet.width()), json!(strip.meta["frame_width"].as_u64().unwrap() * 12));
    let waveform: Value = serde_json::from_slice(&artefact(&inspection, ArtefactKind::Waveform).bytes).unwrap();
    assert_eq!(waveform["peaks"].as_array().unwrap().len(), 200);
}

#[tokio::test]
async fn the_strip_follows_the_spoken_numbers_and_the_segments_do_not_tell_them() {
    let inspection = inspected("face-3719-good-720p.mp4").await.unwrap();
    let segments = artefact(&inspection, ArtefactKind::NumberSegments);
    let said: Value = serde_json::from_slice(&segments.bytes).unwrap();
    let numbers = said["numbers"].as_array().unwrap();
    assert_eq!(numbers.len(), 4, "{said}");
    assert!(numbers.iter().all(|number| number.as_array().unwrap().len() == 2), "times and nothing else: {said}");
    let strip = artefact(&inspection, ArtefactKind::FrameStrip);
    assert_eq!(strip.meta["aligned"], json!(true));
    let times: Vec<f64> = strip.meta["frames"].as_array().unwrap().iter().map(|f| f["at"].as_f64().unwrap()).collect();
    for (number, shown) in numbers.iter().zip(times.chunks(3)) {
        let middle = (number[0].as_f64().unwrap() + number[1].as_f64().unwrap()) / 2.0;
        assert!(shown.iter().all(|at| (at - middle).abs() < 0.45), "{middle}: {shown:?}");
    }
    let faces = artefact(&inspection, ArtefactKind::FaceFrames);
    let sheet = image::load_from_memory(&faces.bytes).unwrap();
    assert_eq!((sheet.width(), sheet.height()), (4 * 320, 320));
    let at: Vec<f64> = faces.meta["frames"].as_array().unwrap().iter().map(|f| f["at"].as_f64().unwrap()).collect();
    assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= 0.5), "spread in time: {at:?}");
}

#[tokio::test]
async fn a_photo_comes_back_upright_and_says_nothing_about_where_it_was_taken() {
    let original = std::fs::read(fixtures().join("passport-rotated-exif-gps.jpg")).unwrap();
    assert!(original.windows(4).any(|four| four == b"Exif"), "the fixture must carry metadata");
    let inspection = inspected("passport-rotated-exif-gps.jpg").await.unwrap();
    for kind in [ArtefactKind::PhotoLarge, ArtefactKind::PhotoSmall] {
        let copy = artefact(&inspection, kind);
        assert!(!copy.bytes.windows(4).any(|four| four == b"Exif"));
        let image = image::load_from_memory(&copy.bytes).unwrap();
        assert_eq!(copy.meta, json!({"width": image.width(), "height": image.height()}));
        assert!(image.width() > image.height(), "{kind} lies on its side");
    }
}

fn artefact(inspection: &Inspection, kind: ArtefactKind) -> &Artefact {
    inspection
        .artefacts
        .iter()
        .find(|artefact| artefact.kind == kind)
        .unwrap_or_else(|| panic!("no {kind}: {:?}", inspection.measured))
}

fn no_tags(tags: &Value, harmless: &[&str]) {
    for (name, value) in tags.as_object().into_iter().flatten() {
        assert!(harmless.contains(&name.as_str()), "the copy says {name} = {value}");
    }
}

fn probe(bytes: &[u8]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.mp4");
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_packets"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
