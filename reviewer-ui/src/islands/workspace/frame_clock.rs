//! One frame forward or back: the gap between frames is learned from what the browser presents, and assumed until then.

/// Seconds between frames until the video has taught better; 25 frames a second.
const GAP_ASSUMED_SECONDS: f64 = 1.0 / 25.0;
/// Gaps outside this are pauses or seeks, not frames.
const GAP_MIN_SECONDS: f64 = 1.0 / 130.0;
const GAP_MAX_SECONDS: f64 = 0.11;
/// A seek lands inside a frame, not on its edge.
const INSIDE_SECONDS: f64 = 0.001;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameClock {
    presented: Option<f64>,
    gap_seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Back,
    Forward,
}

impl FrameClock {
    pub const NEW: FrameClock = FrameClock { presented: None, gap_seconds: GAP_ASSUMED_SECONDS };

    /// Told the media time of each presented frame. Playing may skip frames, so the smallest gap counts.
    pub fn after_frame(self, media_seconds: f64) -> FrameClock {
        let gap = self.presented.map(|before| (media_seconds - before).abs());
        let gap_seconds = match gap {
            Some(gap) if (GAP_MIN_SECONDS..GAP_MAX_SECONDS).contains(&gap) && gap < self.gap_seconds => gap,
            _ => self.gap_seconds,
        };
        FrameClock { presented: Some(media_seconds), gap_seconds }
    }

    /// Where to seek for the neighbouring frame, from the element's own idea of now.
    pub fn neighbour(self, now_seconds: f64, direction: Direction, duration_seconds: f64) -> f64 {
        let shown = self.presented.filter(|at| (at - now_seconds).abs() < self.gap_seconds).unwrap_or(now_seconds);
        let target = match direction {
            Direction::Back => shown - self.gap_seconds,
            Direction::Forward => shown + self.gap_seconds,
        };
        let end = if duration_seconds.is_finite() { duration_seconds } else { f64::MAX };
        (target + INSIDE_SECONDS).clamp(0.0, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_learned_from_presented_frames_and_not_from_seeks() {
        let clock = [0.0, 0.066, 0.1, 4.0, 4.033].into_iter().fold(FrameClock::NEW, FrameClock::after_frame);
        let step = clock.neighbour(4.033, Direction::Forward, 10.0) - 4.033;
        assert!((step - 0.034).abs() < 0.002, "{step}");
    }

    #[test]
    fn steps_stay_inside_the_video() {
        assert_eq!(FrameClock::NEW.neighbour(0.0, Direction::Back, 10.0), 0.0);
        assert_eq!(FrameClock::NEW.neighbour(10.0, Direction::Forward, 10.0), 10.0);
        assert!(FrameClock::NEW.neighbour(3.0, Direction::Forward, f64::NAN) > 3.0);
    }
}
