//! A clip, measured and copied in one pass: every packet is read once, every frame is decoded once.

mod bench;
mod continuity;
pub(super) mod ffi;
mod memory;
mod open;
mod origin;
mod people;
mod picture;
mod playable;
mod strip;
mod timing;

use super::faces::Faces;
use super::sound::{Ear, RATE, Recogniser, decode::Listener};
use super::{Artefact, Inspection, media_type_of};
use continuity::{Continuity, THUMB_SIDE};
use domain::evidence::{ArtefactKind, MediaType};
use domain::precheck::{ClipPrint, Measured, VideoMeasures};
use ffmpeg_next::codec::packet::Packet;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::{Error, Rational, decoder, frame};
use open::{Clip, Track};
use people::People;
use picture::{Easel, Reducer};
use serde_json::json;
use sha2::{Digest, Sha256};
use strip::Strip;
use timing::Timing;

pub(super) use bench::Bench;
#[cfg(debug_assertions)]
pub(super) use open::turns_of;

/// What comes after this is only timed, neither decoded nor shown: no clip of a face and four numbers is as long.
const SHOWN_SECONDS_MAX: f64 = 60.0;
/// The copy shows no more frames than this a second, whatever the camera took.
const SHOWN_INTERVAL_SECONDS: f64 = 1.0 / 31.0;
/// Damaged packets in a row after which the rest is given up.
const DAMAGED_IN_A_ROW_MAX: u32 = 100;
/// A hole in the sound longer than this is filled with silence, so that lips and words stay together.
const SOUND_HOLE_SECONDS: f64 = 0.1;

/// What is loaded from trusted files before any media is read.
pub(super) struct Senses {
    faces: Option<Faces>,
    recogniser: Recogniser,
}

impl Senses {
    pub(super) fn load() -> Senses {
        Senses { faces: Faces::load(), recogniser: Recogniser::load() }
    }
}

pub(super) fn inspect(senses: Senses, bench: Bench, bytes: Vec<u8>) -> Inspection {
    if MediaType::sniff(&bytes).is_none_or(MediaType::is_photo) {
        return Inspection::undecodable("it is not a video of a kind we can read");
    }
    match open::open(bytes) {
        Ok(clip) => Pass::new(&clip, senses, bench).run(clip),
        Err(why) => Inspection::undecodable(why),
    }
}

struct Pass {
    bench: Bench,
    easel: Easel,
    strip: Strip,
    people: People,
    continuity: Continuity,
    thumbs: Reducer,
    ear: Option<Ear>,
    recogniser: Recogniser,
    timing: Timing,
    stream: Sha256,
    starts_at: f64,
    made_with: Option<&'static str>,
    upright: (u32, u32),
    copy: (u32, u32),
    decode_errors: u32,
    last_shown_at: Option<f64>,
    shown: u32,
    black: u32,
}

impl Pass {
    fn new(clip: &Clip, senses: Senses, bench: Bench) -> Pass {
        let channels = clip.sound.as_ref().map_or(0, |track| track.decoder.channels());
        bench.channels(channels);
        Pass {
            bench,
            easel: Easel::new(clip.picture.as_ref().map_or(0, |track| track.turns)),
            strip: Strip::new(),
            people: People::new(senses.faces),
            continuity: Continuity::default(),
            thumbs: Reducer::new(Pixel::GRAY8),
            ear: if channels == 0 { None } else { Ear::new(channels) },
            recogniser: senses.recogniser,
            timing: Timing::default(),
            stream: Sha256::new(),
            starts_at: clip.starts_at,
            made_with: origin::made_with(&clip.input),
            upright: (0, 0),
            copy: (0, 0),
            decode_errors: 0,
            last_shown_at: None,
            shown: 0,
            black: 0,
        }
    }

    fn run(mut self, clip: Clip) -> Inspection {
        let Clip { mut input, mut picture, mut sound, .. } = clip;
        let mut damaged = 0;
        loop {
            let mut packet = Packet::empty();
            match packet.read(&mut input) {
                Ok(()) => damaged = 0,
                Err(Error::Eof) => break,
                Err(Error::InvalidData) if damaged < DAMAGED_IN_A_ROW_MAX => {
                    damaged += 1;
                    self.decode_errors += 1;
                    continue;
                }
                Err(_) => {
                    self.decode_errors += 1;
                    break;
                }
            }
            if let Some(track) = picture.as_mut().filter(|track| track.index == packet.stream()) {
                self.see(track, Some(&packet));
            } else if let Some(track) = sound.as_mut().filter(|track| track.index == packet.stream()) {
                self.hear(track, Some(&packet));
            }
        }
        if let Some(track) = &mut picture {
            self.see(track, None);
        }
        if let Some(track) = &mut sound {
            self.hear(track, None);
        }
        self.report(picture.is_some())
    }

    /// Decodes a packet of the picture track, or what is left in the decoder.
    fn see(&mut self, track: &mut Track<decoder::Video>, packet: Option<&Packet>) {
        let at = packet.and_then(Packet::pts).map(|pts| self.seconds(pts, track.time_base));
        if let Some(at) = at.filter(|at| *at > SHOWN_SECONDS_MAX) {
            self.timing.passed(at);
            return;
        }
        let sent = match packet {
            Some(packet) => {
                self.stream.update(packet.data().unwrap_or_default());
                track.decoder.send_packet(packet)
            }
            None => track.decoder.send_eof(),
        };
        if sent.is_err() {
            self.decode_errors += 1;
        }
        let mut decoded = frame::Video::empty();
        while track.decoder.receive_frame(&mut decoded).is_ok() {
            let at = decoded.timestamp().map(|pts| self.seconds(pts, track.time_base));
            let at = self.timing.frame(at);
            if decoded.is_corrupt() {
                self.decode_errors += 1;
            }
            self.show(&decoded, at);
        }
    }

    fn show(&mut self, decoded: &frame::Video, at: f64) {
        let too_soon = self.last_shown_at.is_some_and(|last| at - last < SHOWN_INTERVAL_SECONDS);
        if too_soon || at < 0.0 {
            return;
        }
        self.upright = self.easel.upright_size(decoded);
        let Some(copy) = self.easel.draw(decoded) else {
            self.decode_errors += 1;
            return;
        };
        if self.shown == 0 {
            self.copy = (copy.width(), copy.height());
        } else if self.copy != (copy.width(), copy.height()) {
            // A file may change its size half way; the copy cannot.
            self.decode_errors += 1;
            return;
        }
        self.last_shown_at = Some(at);
        self.shown += 1;
        if picture::is_black(&copy) {
            self.black += 1;
        }
        if let Some(thumb) = self.thumbs.reduce(&copy, (THUMB_SIDE, THUMB_SIDE)) {
            self.continuity.show(at, thumb);
        }
        self.strip.offer(&copy, at);
        self.people.offer(&copy, at);
        self.bench.frame(copy, at);
    }

    /// Decodes a packet of the sound track, or what is left in the decoder.
    fn hear(&mut self, track: &mut Track<Listener>, packet: Option<&Packet>) {
        let (starts_at, time_base) = (self.starts_at, track.time_base);
        let heard = track.decoder.hear(packet);
        self.decode_errors += heard.errors;
        for (pts, samples) in heard.pieces {
            let Some(ear) = &mut self.ear else { return };
            let at = pts.map(|pts| pts as f64 * f64::from(time_base) - starts_at);
            if ear.seconds() > SHOWN_SECONDS_MAX {
                return;
            }
            if let Some(at) = at {
                let hole = at.min(SHOWN_SECONDS_MAX) - ear.seconds();
                if hole > SOUND_HOLE_SECONDS {
                    let silence = vec![vec![0.0; (hole * f64::from(RATE)) as usize]; samples.len()];
                    ear.add(&silence);
                    self.bench.samples(silence);
                }
            }
            ear.add(&samples);
            self.bench.samples(samples);
        }
    }

    fn seconds(&self, pts: i64, time_base: Rational) -> f64 {
        pts as f64 * f64::from(time_base) - self.starts_at
    }

    fn report(self, has_picture_track: bool) -> Inspection {
        if has_picture_track && self.shown == 0 {
            return Inspection::undecodable("no picture in it could be decoded");
        }
        let mut recogniser = self.recogniser;
        let heard = self.ear.filter(|ear| ear.seconds() > 0.0).map(|ear| ear.finish(&mut recogniser));
        let sound_seconds = heard.as_ref().map_or(0.0, |heard| heard.seconds);
        let seconds = if self.shown == 0 { sound_seconds } else { self.timing.seconds() };
        let shown_seconds = seconds.min(SHOWN_SECONDS_MAX);
        let (faces, face_frames) = self.people.finish();
        let measures = VideoMeasures {
            duration_seconds: seconds,
            width: self.upright.0,
            height: self.upright.1,
            frames: self.timing.frames(),
            decode_errors: self.decode_errors,
            has_video: self.shown > 0,
            has_audio: heard.is_some(),
            longest_gap_seconds: self.timing.longest_gap_seconds(),
            black_share: f64::from(self.black) / f64::from(self.shown.max(1)),
            loudness_lufs: heard.as_ref().and_then(|heard| heard.loudness_lufs),
            true_peak_dbtp: heard.as_ref().and_then(|heard| heard.true_peak_dbtp),
            silence_share: heard.as_ref().map_or(1.0, |heard| heard.silence_share),
            longest_silence_seconds: heard.as_ref().map_or(shown_seconds, |heard| heard.longest_silence_seconds),
            clipped_share: heard.as_ref().map_or(0.0, |heard| heard.clipped_share),
            longest_still_seconds: self.continuity.longest_still_seconds(),
            cuts: self.continuity.cuts(),
            made_with: self.made_with.map(str::to_owned),
            faces,
            speech: heard.as_ref().map(|heard| heard.speech.clone()),
            heard: heard.as_ref().map(|heard| heard.heard.clone()).unwrap_or_default(),
            print: (self.shown > 0).then(|| ClipPrint {
                stream_sha256: self.stream.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
                frames: self.strip.hashes(shown_seconds),
            }),
        };
        let middle = |number: &domain::precheck::HeardNumber| (number.from_seconds + number.until_seconds) / 2.0;
        let spoken_at: Vec<f64> = measures.heard.iter().map(middle).collect();
        let mut measured = Measured::Video(Box::new(measures));
        let mut artefacts = Vec::new();
        match self.bench.finish() {
            Ok(Some(bytes)) => artefacts.push(playable(bytes, self.copy, shown_seconds)),
            Ok(None) => {}
            Err(why) => measured = Measured::NotAssessed { why },
        }
        artefacts.extend(self.strip.finish(shown_seconds, &spoken_at));
        artefacts.extend(face_frames);
        artefacts.extend(heard.as_ref().map(|heard| heard.waveform()));
        artefacts.extend(heard.map(|heard| heard.number_segments()));
        Inspection { measured, artefacts }
    }
}

fn playable(bytes: Vec<u8>, (width, height): (u32, u32), seconds: f64) -> Artefact {
    Artefact {
        kind: ArtefactKind::VideoPlayable,
        media_type: media_type_of(ArtefactKind::VideoPlayable),
        bytes: bytes.into(),
        meta: json!({"width": width, "height": height, "seconds": seconds}),
    }
}
