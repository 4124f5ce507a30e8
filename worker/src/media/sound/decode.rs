//! From packets to samples: whatever the phone recorded becomes one or two channels of 32-bit floats at one rate.

use super::{CHANNELS_MAX, RATE};
use crate::media::video::ffi;
use ffmpeg_next::codec::packet::Packet;
use ffmpeg_next::format::{self, sample};
use ffmpeg_next::software::resampling::Context;
use ffmpeg_next::{ChannelLayout, decoder, frame};

/// Room for what the resampler held back from earlier pieces.
const SPARE_SAMPLES: usize = 4096;

/// A decoder of a sound track and the resampler behind it.
pub(in crate::media) struct Listener {
    decoder: decoder::Audio,
    channels: usize,
    resampler: Option<Context>,
}

/// What came out for one packet.
#[derive(Default)]
pub(in crate::media) struct Heard {
    /// Where each piece lies in the track's own time, and its samples channel by channel.
    pub pieces: Vec<(Option<i64>, Vec<Vec<f32>>)>,
    pub errors: u32,
}

impl Listener {
    pub(in crate::media) fn new(decoder: decoder::Audio) -> Listener {
        let channels = usize::from(decoder.channels()).clamp(1, CHANNELS_MAX);
        Listener { decoder, channels, resampler: None }
    }

    /// The channels of what is heard: one or two.
    pub(in crate::media) fn channels(&self) -> usize {
        self.channels
    }

    /// Decodes a packet, or what is left in the decoder.
    pub(in crate::media) fn hear(&mut self, packet: Option<&Packet>) -> Heard {
        let mut heard = Heard::default();
        let sent = match packet {
            Some(packet) => self.decoder.send_packet(packet),
            None => self.decoder.send_eof(),
        };
        if sent.is_err() {
            heard.errors += 1;
        }
        let mut decoded = frame::Audio::empty();
        while self.decoder.receive_frame(&mut decoded).is_ok() {
            let at = decoded.timestamp();
            match self.resample(&mut decoded) {
                Some(samples) => heard.pieces.push((at, samples)),
                None => heard.errors += 1,
            }
        }
        heard
    }

    fn resample(&mut self, decoded: &mut frame::Audio) -> Option<Vec<Vec<f32>>> {
        if decoded.channel_layout().is_empty() {
            ffi::name_channels(decoded);
        }
        let known = self.resampler.as_ref().is_some_and(|resampler| {
            let from = resampler.input();
            (from.format, from.channel_layout, from.rate)
                == (decoded.format(), decoded.channel_layout(), decoded.rate())
        });
        let layout = if self.channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO };
        let wanted = format::Sample::F32(sample::Type::Planar);
        if !known {
            let (format, from) = (decoded.format(), decoded.channel_layout());
            self.resampler = Context::get(format, from, decoded.rate(), wanted, layout, RATE).ok();
        }
        let scale = f64::from(RATE) / f64::from(decoded.rate().max(1));
        let room = (decoded.samples() as f64 * scale) as usize + SPARE_SAMPLES;
        let mut output = frame::Audio::new(wanted, room, layout);
        if !ffi::has_samples(&output) {
            return None;
        }
        self.resampler.as_mut()?.run(decoded, &mut output).ok()?;
        // Damaged float samples may be no numbers at all.
        let sane = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
        let channel = |index| output.plane::<f32>(index).iter().map(sane).collect();
        Some((0..self.channels.min(output.planes())).map(channel).collect())
    }
}
