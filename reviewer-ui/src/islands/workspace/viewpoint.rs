//! Where one looks at a picture: zoom, turn, shift and light, as plain state that buttons and keys move alike.

/// Times of magnification.
pub const ZOOM_MAX: f64 = 8.0;
const ZOOM_STEP: f64 = 1.25;
/// Part of the frame, in percent, that one pan moves by; and how far the picture may be moved at all.
const PAN_STEP_PERCENT: f64 = 10.0;
const PAN_MAX_PERCENT: f64 = 50.0 * ZOOM_MAX;
/// Light, in percent of the picture as it came.
const LIGHT_STEP_PERCENT: u16 = 25;
const LIGHT_MIN_PERCENT: u16 = 50;
const LIGHT_MAX_PERCENT: u16 = 300;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewpoint {
    pub zoom: f64,
    pub quarter_turns: u8,
    pub right_percent: f64,
    pub down_percent: f64,
    pub light_percent: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Brighter,
    Darker,
    Closer,
    Farther,
    Fit,
    Turn,
    Left,
    Right,
    Up,
    Down,
}

impl Viewpoint {
    pub const FIT: Viewpoint =
        Viewpoint { zoom: 1.0, quarter_turns: 0, right_percent: 0.0, down_percent: 0.0, light_percent: 100 };

    pub fn after(self, act: Act) -> Viewpoint {
        let pan = |from: f64, by: f64| (from + by).clamp(-PAN_MAX_PERCENT, PAN_MAX_PERCENT);
        match act {
            Act::Brighter => {
                Viewpoint { light_percent: (self.light_percent + LIGHT_STEP_PERCENT).min(LIGHT_MAX_PERCENT), ..self }
            }
            Act::Darker => Viewpoint {
                light_percent: self.light_percent.saturating_sub(LIGHT_STEP_PERCENT).max(LIGHT_MIN_PERCENT),
                ..self
            },
            Act::Closer => Viewpoint { zoom: (self.zoom * ZOOM_STEP).min(ZOOM_MAX), ..self },
            Act::Farther => Viewpoint { zoom: (self.zoom / ZOOM_STEP).max(1.0), ..self }.centred_when_fit(),
            Act::Fit => Viewpoint { quarter_turns: self.quarter_turns, ..Viewpoint::FIT },
            Act::Turn => Viewpoint { quarter_turns: (self.quarter_turns + 1) % 4, ..self },
            // The names say where the eye goes, so the picture moves the other way.
            Act::Left => Viewpoint { right_percent: pan(self.right_percent, PAN_STEP_PERCENT), ..self },
            Act::Right => Viewpoint { right_percent: pan(self.right_percent, -PAN_STEP_PERCENT), ..self },
            Act::Up => Viewpoint { down_percent: pan(self.down_percent, PAN_STEP_PERCENT), ..self },
            Act::Down => Viewpoint { down_percent: pan(self.down_percent, -PAN_STEP_PERCENT), ..self },
        }
    }

    /// The CSS transform; set from script, because the policy forbids it in HTML.
    pub fn transform(self) -> String {
        format!(
            "translate({:.1}%, {:.1}%) rotate({}deg) scale({:.3})",
            self.right_percent,
            self.down_percent,
            u16::from(self.quarter_turns) * 90,
            self.zoom
        )
    }

    pub fn filter(self) -> String {
        format!("brightness({}%)", self.light_percent)
    }

    pub fn words(self) -> String {
        let turned = u16::from(self.quarter_turns) * 90;
        format!("Zoom {:.0} %, turned {turned} degrees, light {} %", self.zoom * 100.0, self.light_percent)
    }

    fn centred_when_fit(self) -> Viewpoint {
        if self.zoom > 1.0 {
            self
        } else {
            Viewpoint { quarter_turns: self.quarter_turns, light_percent: self.light_percent, ..Viewpoint::FIT }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoom_stays_between_fit_and_its_limit_and_fit_centres_again() {
        let mut view = Viewpoint::FIT;
        for _ in 0..100 {
            view = view.after(Act::Closer).after(Act::Left);
        }
        assert!(view.zoom <= ZOOM_MAX && view.right_percent <= PAN_MAX_PERCENT);
        for _ in 0..100 {
            view = view.after(Act::Farther);
        }
        assert_eq!(view, Viewpoint::FIT);
    }

    #[test]
    fn four_turns_are_none_and_fit_keeps_the_turn() {
        let turned = Viewpoint::FIT.after(Act::Turn).after(Act::Closer).after(Act::Fit);
        assert_eq!((turned.quarter_turns, turned.zoom), (1, 1.0));
        let around = (0..4).fold(Viewpoint::FIT, |view, _| view.after(Act::Turn));
        assert_eq!(around, Viewpoint::FIT);
    }

    #[test]
    fn light_stays_within_its_limits_and_survives_zooming_out() {
        let bright = (0..40).fold(Viewpoint::FIT, |view, _| view.after(Act::Brighter));
        assert_eq!(bright.filter(), "brightness(300%)");
        assert_eq!(bright.after(Act::Closer).after(Act::Farther).light_percent, 300);
        let dark = (0..40).fold(Viewpoint::FIT, |view, _| view.after(Act::Darker));
        assert_eq!((dark.light_percent, dark.after(Act::Fit).light_percent), (50, 100));
    }
}
