//! How a photo is taken: everything that varies between good captures, and the faults with their strengths.

use crate::dice::Dice;
use crate::fault::Fault;
use crate::plane::Pose;
use domain::precheck::Check;

/// One capture. Lengths in pixels are for a long side of 1,600.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Pixels of the long side while it is taken.
    pub long_side: u32,
    /// Pixels of the short side it is shrunk to afterwards.
    pub shrunk_to: Option<u32>,
    pub pose: Pose,
    /// Share of the document's width or height that lies outside the picture.
    pub cut_off: f32,
    pub has_document: bool,
    /// Where another document like it lies.
    pub second: Option<Pose>,
    /// How strongly the desk is patterned.
    pub desk_depth: f32,
    /// Share of the document's colour that is left.
    pub colour_kept: f32,
    /// Stops above the right exposure.
    pub exposure: f32,
    pub warmth: f32,
    pub blur: f32,
    pub shake: f32,
    /// Sensor noise in levels of 255.
    pub noise: f32,
    /// A reflection's share of the document's area.
    pub glare: f32,
    pub quality: u8,
    pub quarter_turns: usize,
}

/// A patterned desk: wood, cloth or stone as one sees them.
const DESK_DEPTH: (f32, f32) = (0.04, 0.25);

pub const FAULTS: [Fault<Setting>; 14] = [
    Fault {
        name: "blur",
        unit: "σ px",
        strengths: &[2.0, 4.0, 8.0],
        named_by: Some((&[Check::PhotoSharpness], 1)),
        apply: |setting, strength| setting.blur = strength,
    },
    Fault {
        name: "motion",
        unit: "px",
        strengths: &[10.0, 20.0, 40.0],
        named_by: Some((&[Check::PhotoSharpness], 1)),
        apply: |setting, strength| setting.shake = strength,
    },
    Fault {
        name: "glare",
        unit: "% of the document",
        strengths: &[1.0, 3.0, 8.0],
        named_by: Some((&[Check::PhotoGlare], 1)),
        apply: |setting, strength| setting.glare = strength / 100.0,
    },
    Fault {
        name: "dark",
        unit: "stops under",
        strengths: &[2.0, 3.0, 4.0],
        named_by: Some((&[Check::PhotoExposure], 2)),
        apply: |setting, strength| setting.exposure = -strength,
    },
    Fault {
        name: "light",
        unit: "stops over",
        strengths: &[1.0, 2.0, 3.0],
        named_by: Some((&[Check::PhotoExposure], 2)),
        apply: |setting, strength| setting.exposure = strength,
    },
    Fault {
        name: "small",
        unit: "px short side",
        strengths: &[640.0, 400.0, 180.0],
        named_by: Some((&[Check::PhotoResolution], 0)),
        apply: |setting, strength| setting.shrunk_to = Some(strength as u32),
    },
    Fault {
        name: "cropped",
        unit: "% outside",
        strengths: &[3.0, 8.0, 20.0],
        named_by: Some((&[Check::PhotoDocument], 2)),
        apply: |setting, strength| setting.cut_off = strength / 100.0,
    },
    Fault {
        name: "no document",
        unit: "% pattern of the desk",
        strengths: &[3.0, 10.0, 25.0],
        named_by: Some((&[Check::PhotoDocument], 0)),
        apply: |setting, strength| {
            setting.has_document = false;
            setting.desk_depth = strength / 100.0;
        },
    },
    Fault {
        name: "two documents",
        unit: "% of the picture's width each",
        strengths: &[30.0, 40.0],
        named_by: Some((&[Check::PhotoDocument], 1)),
        apply: |setting, strength| {
            let pose = Pose { fill: strength / 100.0, tilt: 0.0, ..setting.pose };
            setting.pose = Pose { shift: (-0.25, -0.18), ..pose };
            setting.second = Some(Pose { shift: (0.24, 0.2), turn_degrees: -pose.turn_degrees, ..pose });
        },
    },
    Fault {
        name: "photocopy",
        unit: "% of the colour kept",
        strengths: &[20.0, 10.0, 0.0],
        named_by: Some((&[Check::PhotoColour], 2)),
        apply: |setting, strength| setting.colour_kept = strength / 100.0,
    },
    Fault {
        name: "noise",
        unit: "σ of 255",
        strengths: &[20.0, 40.0],
        named_by: Some((&[Check::PhotoSharpness], 1)),
        apply: |setting, strength| setting.noise = strength,
    },
    Fault {
        name: "JPEG quality",
        unit: "of 100",
        strengths: &[12.0, 5.0],
        named_by: Some((&[Check::PhotoResolution], 1)),
        apply: |setting, strength| setting.quality = strength as u8,
    },
    Fault {
        name: "perspective",
        unit: "near edge over far edge",
        strengths: &[1.6, 2.0],
        named_by: None,
        apply: |setting, strength| setting.pose.tilt = (strength - 1.0) / (strength + 1.0),
    },
    Fault {
        name: "all black",
        unit: "stops under",
        strengths: &[11.0],
        named_by: Some((&[Check::PhotoExposure], 0)),
        apply: |setting, strength| {
            setting.exposure = -strength;
            setting.noise = 0.3;
        },
    },
];

impl Setting {
    /// A capture nobody could object to.
    pub fn good(dice: &mut Dice) -> Setting {
        const LONG_SIDES: [u32; 4] = [1280, 1280, 1600, 1600];
        let small_glare = dice.one_in(5);
        Setting {
            long_side: LONG_SIDES.get(dice.below(LONG_SIDES.len())).copied().unwrap_or(1600),
            shrunk_to: None,
            pose: Pose {
                fill: dice.between(0.55, 0.80),
                turn_degrees: dice.between(-8.0, 8.0),
                tilt: dice.between(-0.05, 0.07),
                shift: (dice.between(-0.04, 0.04), dice.between(-0.03, 0.03)),
            },
            cut_off: 0.0,
            has_document: true,
            second: None,
            desk_depth: dice.between(DESK_DEPTH.0, DESK_DEPTH.1),
            colour_kept: dice.between(0.8, 1.0),
            exposure: dice.between(-1.0, 0.25),
            warmth: dice.between(-0.05, 0.08),
            blur: dice.between(0.0, 0.8),
            shake: dice.between(0.0, 2.0),
            noise: dice.between(0.5, 4.0),
            glare: if small_glare { dice.between(0.0003, 0.0015) } else { 0.0 },
            quality: dice.between(60.0, 95.0) as u8,
            // Most people hold the telephone the right way up.
            quarter_turns: [0, 0, 0, 0, 1, 3, 2].get(dice.below(7)).copied().unwrap_or(0),
        }
    }
}
