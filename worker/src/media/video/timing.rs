//! When frames were shown: by their own times, never by counting them, since phones record at varying rates.

/// Assumed between frames where a file says nothing.
const USUAL_INTERVAL_SECONDS: f64 = 1.0 / 30.0;

#[derive(Debug, Default)]
pub(super) struct Timing {
    frames: u32,
    first_at: Option<f64>,
    last_at: f64,
    longest_gap: f64,
    last_gap: Option<f64>,
    /// The last time seen on a packet that was not decoded any more.
    passed_at: Option<f64>,
}

impl Timing {
    /// Notes a decoded frame and says when it is shown, in seconds.
    pub(super) fn frame(&mut self, at: Option<f64>) -> f64 {
        let assumed = if self.frames == 0 { 0.0 } else { self.last_at + USUAL_INTERVAL_SECONDS };
        let at = at.filter(|at| at.is_finite()).unwrap_or(assumed);
        self.frames += 1;
        if self.first_at.is_some() {
            let gap = at - self.last_at;
            self.longest_gap = self.longest_gap.max(gap);
            self.last_gap = Some(gap).filter(|gap| *gap > 0.0).or(self.last_gap);
        } else {
            self.first_at = Some(at);
        }
        self.last_at = at;
        at
    }

    /// Notes the time of a packet that is not decoded any more.
    pub(super) fn passed(&mut self, at: f64) {
        self.passed_at = Some(self.passed_at.map_or(at, |other| other.max(at)));
    }

    pub(super) fn frames(&self) -> u32 {
        self.frames
    }

    pub(super) fn longest_gap_seconds(&self) -> f64 {
        self.longest_gap
    }

    /// From the first frame's start to the last one's end.
    pub(super) fn seconds(&self) -> f64 {
        let last = self.passed_at.map_or(self.last_at, |at| at.max(self.last_at));
        let gap = self.last_gap.unwrap_or(USUAL_INTERVAL_SECONDS).min(1.0);
        self.first_at.map_or(0.0, |first| (last - first).max(0.0) + gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_lasts_until_its_last_frame_has_been_shown() {
        let mut timing = Timing::default();
        for at in [0.5, 0.6, 0.7, 1.7, 1.8] {
            timing.frame(Some(at));
        }
        assert!((timing.seconds() - 1.4).abs() < 1e-9, "{timing:?}");
        assert!((timing.longest_gap_seconds() - 1.0).abs() < 1e-9);
        timing.passed(90.0);
        assert!((timing.seconds() - 89.6).abs() < 1e-9);
    }

    #[test]
    fn frames_without_times_follow_each_other() {
        let mut timing = Timing::default();
        assert!(timing.frame(None).abs() < 1e-9);
        assert!((timing.frame(None) - USUAL_INTERVAL_SECONDS).abs() < 1e-9);
    }
}
