//! The sound as a shape: a way to see who speaks when, for everyone who cannot or may not listen.

use serde::Deserialize;

/// Width and height of the drawing, in its own units.
pub const WIDTH: f64 = 1_000.0;
pub const HEIGHT: f64 = 100.0;
/// Bars drawn at most; more would be finer than a screen.
const BARS_MAX: usize = 2_000;

#[derive(Deserialize)]
struct Waveform {
    peaks: Vec<f64>,
}

/// The outline as an SVG path, or nothing when the text is no waveform.
pub fn path(json: &str) -> Option<String> {
    let Waveform { peaks } = serde_json::from_str(json).ok()?;
    let loudest = peaks.iter().copied().filter(|peak| peak.is_finite()).fold(0.0_f64, |a, b| a.max(b.abs()));
    if peaks.is_empty() || peaks.len() > BARS_MAX {
        return None;
    }
    let scale = if loudest > 0.0 { HEIGHT / 2.0 / loudest } else { 0.0 };
    let width = WIDTH / f64::from(u16::try_from(peaks.len()).ok()?);
    let mut path = String::with_capacity(peaks.len() * 24);
    for (place, peak) in (0_u16..).zip(&peaks) {
        let (x, half) = (width * (f64::from(place) + 0.5), (peak.abs() * scale).max(0.5));
        path.push_str(&format!("M{x:.1} {:.1}V{:.1}", HEIGHT / 2.0 - half, HEIGHT / 2.0 + half));
    }
    Some(path)
}

#[derive(Deserialize)]
struct Segments {
    seconds: f64,
    speech: Vec<[f64; 2]>,
}

/// When something is said, as an SVG path of full height; nothing when the text tells no such times.
pub fn speech(json: &str) -> Option<String> {
    let said: Segments = serde_json::from_str(json).ok()?;
    let mut path = String::new();
    for [from, until] in said.speech.into_iter().take(BARS_MAX) {
        let (from, until) = (position(from, said.seconds), position(until, said.seconds));
        path.push_str(&format!("M{from:.1} 0H{until:.1}V{HEIGHT}H{from:.1}Z"));
    }
    Some(path).filter(|path| !path.is_empty())
}

/// Where the play position stands in the drawing.
pub fn position(now_seconds: f64, duration_seconds: f64) -> f64 {
    if duration_seconds.is_finite() && duration_seconds > 0.0 {
        (now_seconds / duration_seconds).clamp(0.0, 1.0) * WIDTH
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_peak_fills_the_drawing_and_silence_is_a_line() {
        assert!(path(r#"{"peaks":[0.0,0.5]}"#).is_some_and(|path| path.contains("V100.0")));
        assert_eq!(path(r#"{"peaks":[0.0]}"#).as_deref(), Some("M500.0 49.5V50.5"));
        assert_eq!(path("{}"), None);
        assert_eq!(path(r#"{"peaks":[]}"#), None);
    }

    #[test]
    fn what_is_said_is_shaded_from_its_start_to_its_end() {
        let said = r#"{"seconds": 10.0, "speech": [[1.0, 2.5], [9.0, 12.0]], "numbers": [[1.0, 2.5]]}"#;
        assert_eq!(speech(said).as_deref(), Some("M100.0 0H250.0V100H100.0ZM900.0 0H1000.0V100H900.0Z"));
        assert_eq!(speech(r#"{"seconds": 10.0, "speech": []}"#), None);
    }

    #[test]
    fn the_position_is_a_part_of_the_whole() {
        assert_eq!(position(5.0, 10.0), 500.0);
        assert_eq!(position(5.0, f64::NAN), 0.0);
    }
}
