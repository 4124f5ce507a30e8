//! How a video is taken: everything that varies between good clips, and the faults with their strengths.

use crate::dice::Dice;
use crate::fault::Fault;
use domain::precheck::Check;

/// One clip as the ffmpeg command line makes it from a good one. Blur is in pixels of a picture 640 wide.
#[derive(Debug, Clone)]
pub struct Take {
    pub size: (u32, u32),
    pub frames_per_second: u32,
    pub seconds: f32,
    /// Stops above the light of the original.
    pub exposure: f32,
    pub contrast: f32,
    pub blur: f32,
    pub grain: u32,
    pub is_mirrored: bool,
    /// Stored turned, with a display matrix that says so.
    pub is_turned: bool,
    pub constant_rate_factor: u32,
    pub gain_db: f32,
    /// Pink noise so many dB below the speech.
    pub noise_below_db: Option<f32>,
    pub tracks: Tracks,
    /// What the picture shows besides the face.
    pub scene: Scene,
    /// Share of the finished file that is missing at its end.
    pub missing_share: f32,
    /// What the file says it was made with.
    pub label: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracks {
    Both,
    PictureOnly,
    SoundOnly,
}

/// Shares are of the clip's length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scene {
    Face,
    BlackFor(f32),
    StillSeconds(f32),
    Cuts(u32),
    HiddenFor(f32),
    TwoPeopleFor(f32),
}

pub const FAULTS: [Fault<Take>; 15] = [
    Fault {
        name: "dark",
        unit: "stops under",
        strengths: &[3.0, 5.0, 7.0],
        named_by: Some((&[Check::VideoFaceQuality, Check::VideoFaces], 1)),
        apply: |take, strength| take.exposure = -strength,
    },
    Fault {
        name: "blur",
        unit: "σ px of 640",
        strengths: &[2.0, 4.0, 8.0],
        // A face that is too blurred to be found is not seen.
        named_by: Some((&[Check::VideoFaceQuality, Check::VideoFaces], 1)),
        apply: |take, strength| take.blur = strength,
    },
    Fault {
        name: "low resolution",
        unit: "px short side",
        strengths: &[180.0, 90.0, 60.0],
        named_by: Some((&[Check::VideoFaceQuality, Check::VideoFaces], 1)),
        apply: |take, strength| take.size = ((strength * 16.0 / 9.0) as u32 / 2 * 2, strength as u32),
    },
    Fault {
        name: "black",
        unit: "% of the time",
        strengths: &[60.0, 80.0, 100.0],
        named_by: Some((&[Check::VideoPicture], 0)),
        apply: |take, strength| take.scene = Scene::BlackFor(strength / 100.0),
    },
    Fault {
        name: "frozen",
        unit: "s",
        strengths: &[2.5, 4.0, 8.0],
        named_by: Some((&[Check::VideoContinuity], 1)),
        apply: |take, strength| take.scene = Scene::StillSeconds(strength),
    },
    Fault {
        name: "cut to another recording",
        unit: "cuts",
        strengths: &[1.0, 2.0, 3.0],
        named_by: Some((&[Check::VideoContinuity], 0)),
        apply: |take, strength| take.scene = Scene::Cuts(strength as u32),
    },
    Fault {
        name: "face hidden",
        unit: "% of the time",
        strengths: &[30.0, 70.0, 100.0],
        named_by: Some((&[Check::VideoFaces], 1)),
        apply: |take, strength| take.scene = Scene::HiddenFor(strength / 100.0),
    },
    Fault {
        name: "two people",
        unit: "% of the time",
        strengths: &[15.0, 50.0, 100.0],
        named_by: Some((&[Check::VideoFaces], 1)),
        apply: |take, strength| take.scene = Scene::TwoPeopleFor(strength / 100.0),
    },
    Fault {
        name: "quiet",
        unit: "dB down",
        strengths: &[20.0, 40.0, 70.0],
        named_by: Some((&[Check::VideoLoudness], 2)),
        apply: |take, strength| take.gain_db = -strength,
    },
    Fault {
        name: "distorted",
        unit: "dB too loud",
        strengths: &[15.0, 25.0, 35.0],
        named_by: Some((&[Check::VideoLoudness], 1)),
        apply: |take, strength| take.gain_db = strength,
    },
    Fault {
        name: "no sound track",
        unit: "",
        strengths: &[1.0],
        named_by: Some((&[Check::VideoLoudness], 0)),
        apply: |take, _| take.tracks = Tracks::PictureOnly,
    },
    Fault {
        name: "no picture track",
        unit: "",
        strengths: &[1.0],
        named_by: Some((&[Check::VideoStreams], 0)),
        apply: |take, _| take.tracks = Tracks::SoundOnly,
    },
    Fault {
        name: "labelled by an editing program",
        unit: "",
        strengths: &[1.0],
        named_by: Some((&[Check::VideoContinuity], 0)),
        apply: |take, _| take.label = Some("HandBrake 1.6.1"),
    },
    Fault {
        name: "short",
        unit: "s",
        strengths: &[3.0, 1.5, 0.7],
        named_by: Some((&[Check::VideoDuration], 0)),
        apply: |take, strength| take.seconds = strength,
    },
    Fault {
        name: "cut off before its index",
        unit: "% missing",
        strengths: &[5.0, 50.0],
        named_by: Some((&[Check::VideoDecode], 0)),
        apply: |take, strength| take.missing_share = strength / 100.0,
    },
];

/// Only the sound matters: its clips have a picture of a few pixels.
pub const SPEECH_FAULTS: [Fault<Take>; 1] = [Fault {
    name: "pink noise",
    unit: "dB below the speech",
    strengths: &[30.0, 20.0, 10.0, 5.0, 0.0],
    named_by: None,
    apply: |take, strength| take.noise_below_db = Some(strength),
}];

impl Take {
    /// A clip nobody could object to.
    pub fn good(dice: &mut Dice) -> Take {
        const SIZES: [(u32, u32); 4] = [(1280, 720), (960, 540), (640, 360), (640, 360)];
        Take {
            size: SIZES.get(dice.below(SIZES.len())).copied().unwrap_or((640, 360)),
            frames_per_second: 12 + dice.below(13) as u32,
            seconds: dice.between(8.0, 10.0),
            exposure: dice.between(-1.0, 0.4),
            contrast: dice.between(0.9, 1.1),
            blur: dice.between(0.0, 0.6),
            grain: dice.below(7) as u32,
            is_mirrored: dice.one_in(2),
            is_turned: dice.one_in(6),
            constant_rate_factor: 20 + dice.below(13) as u32,
            gain_db: dice.between(-12.0, 3.0),
            noise_below_db: Some(dice.between(25.0, 45.0)),
            tracks: Tracks::Both,
            scene: Scene::Face,
            missing_share: 0.0,
            label: None,
        }
    }

    /// A good clip that is cheap to look at; faults are put on it.
    pub fn plain(dice: &mut Dice) -> Take {
        Take { size: (640, 360), frames_per_second: 12, is_turned: false, ..Take::good(dice) }
    }

    /// Sound with hardly any picture.
    pub fn speech(dice: &mut Dice) -> Take {
        Take { size: (128, 72), frames_per_second: 4, seconds: 10.0, is_turned: false, ..Take::good(dice) }
    }
}
