//! The copy a checker plays: H.264 and AAC, index first, a keyframe every half second; the browser never plays a patient's bytes.

use super::memory::Memory;
use crate::media::sound;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::codec::{self, packet::Packet};
use ffmpeg_next::format::context::{Output, StreamIo};
use ffmpeg_next::format::{self, Pixel, sample};
use ffmpeg_next::{ChannelLayout, Dictionary, Rational, encoder, frame, picture};

/// Fine enough for any frame rate.
const CLOCK: Rational = Rational(1, 90_000);
const TICKS_PER_SECOND: f64 = 90_000.0;
/// What the encoder is told; without a rate it writes a level that hardware decoders refuse.
const NOMINAL_RATE: Rational = Rational(30, 1);
const KEYFRAME_SECONDS: f64 = 0.5;
const AUDIO_BITS_PER_SECOND_AND_CHANNEL: usize = 64_000;
/// Room kept for the index at the file's front: enough for a minute at 30 frames a second.
/// (`movflags=faststart` would reopen the file by name, and there is none.)
const INDEX_BYTES: &str = "131072";

/// A file being written into memory.
pub(super) struct Playable {
    output: Output,
    memory: Memory,
    video: encoder::video::Encoder,
    audio: Option<encoder::audio::Encoder>,
    last_tick: i64,
    /// How long the frames lie apart, by the last two; the last frame is shown as long.
    last_gap: i64,
    last_key_tick: Option<i64>,
    samples_written: i64,
}

impl Playable {
    /// Starts a file for frames like `first` and, if `channels` is not zero, sound of [`sound::RATE`].
    pub(super) fn start(first: &frame::Video, channels: usize) -> Result<Playable, ffmpeg::Error> {
        let memory = Memory::default();
        let io = StreamIo::from_write_seek(memory.clone())?;
        let mut output = format::output_to_stream(io, None, Some("mp4"))?;
        let video = video_encoder(first)?;
        add_stream(&mut output, &video, CLOCK)?;
        let audio = if channels == 0 { None } else { Some(audio_encoder(channels)?) };
        if let Some(audio) = &audio {
            add_stream(&mut output, audio, sample_clock())?;
        }
        let mut options = Dictionary::new();
        options.set("moov_size", INDEX_BYTES);
        // No name, version or time of the writer.
        options.set("fflags", "+bitexact");
        options.set("empty_hdlr_name", "1");
        output.write_header_with(options)?;
        Ok(Playable {
            output,
            memory,
            video,
            audio,
            last_tick: -1,
            last_gap: 3000,
            last_key_tick: None,
            samples_written: 0,
        })
    }

    /// Adds a frame shown at `at` seconds; one that does not come after the last is dropped.
    pub(super) fn show(&mut self, frame: &mut frame::Video, at: f64) -> Result<(), ffmpeg::Error> {
        let tick = (at * TICKS_PER_SECOND).round() as i64;
        if tick <= self.last_tick {
            return Ok(());
        }
        let gap = if self.last_tick < 0 { 0 } else { tick - self.last_tick };
        // A keyframe now if the next frame, as far away as the last one was, would come too late for it.
        let latest = (KEYFRAME_SECONDS * TICKS_PER_SECOND) as i64 + 90;
        let is_key = self.last_key_tick.is_none_or(|key| tick - key + gap > latest);
        frame.set_kind(if is_key { picture::Type::I } else { picture::Type::None });
        frame.set_pts(Some(tick));
        if is_key {
            self.last_key_tick = Some(tick);
        }
        self.last_tick = tick;
        if gap > 0 {
            self.last_gap = gap;
        }
        self.video.send_frame(frame)?;
        self.drain_video()
    }

    /// Adds exactly one audio frame's worth of samples for each channel.
    pub(super) fn sound(&mut self, channels: &[Vec<f32>]) -> Result<(), ffmpeg::Error> {
        let Some(audio) = &mut self.audio else {
            return Ok(());
        };
        let length = channels.first().map_or(0, Vec::len);
        let layout = layout(channels.len());
        let mut frame = frame::Audio::new(format::Sample::F32(sample::Type::Planar), length, layout);
        if !super::ffi::has_samples(&frame) {
            return Err(ffmpeg::Error::Other { errno: libc::ENOMEM });
        }
        super::ffi::name_channels(&mut frame);
        frame.set_rate(sound::RATE);
        frame.set_pts(Some(self.samples_written));
        for (index, samples) in channels.iter().enumerate().take(frame.planes()) {
            for (to, from) in frame.plane_mut::<f32>(index).iter_mut().zip(samples) {
                *to = *from;
            }
        }
        self.samples_written += i64::try_from(length).unwrap_or(0);
        audio.send_frame(&frame)?;
        self.drain_audio()
    }

    /// Ends the file and hands out its bytes.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, ffmpeg::Error> {
        self.video.send_eof()?;
        self.drain_video()?;
        if let Some(audio) = &mut self.audio {
            audio.send_eof()?;
        }
        self.drain_audio()?;
        self.output.write_trailer()?;
        drop(self.output);
        Ok(self.memory.take())
    }

    fn drain_video(&mut self) -> Result<(), ffmpeg::Error> {
        let mut packet = Packet::empty();
        while self.video.receive_packet(&mut packet).is_ok() {
            packet.set_duration(self.last_gap);
            write(&mut self.output, &mut packet, 0, CLOCK)?;
        }
        Ok(())
    }

    fn drain_audio(&mut self) -> Result<(), ffmpeg::Error> {
        let Some(audio) = &mut self.audio else {
            return Ok(());
        };
        let mut packet = Packet::empty();
        while audio.receive_packet(&mut packet).is_ok() {
            write(&mut self.output, &mut packet, 1, sample_clock())?;
        }
        Ok(())
    }
}

fn write(output: &mut Output, packet: &mut Packet, stream: usize, clock: Rational) -> Result<(), ffmpeg::Error> {
    let to = output.stream(stream).map(|stream| stream.time_base()).ok_or(ffmpeg::Error::StreamNotFound)?;
    packet.set_stream(stream);
    packet.rescale_ts(clock, to);
    packet.write_interleaved(output)
}

fn add_stream(output: &mut Output, context: &codec::Context, clock: Rational) -> Result<(), ffmpeg::Error> {
    let mut stream = output.add_stream_with(context)?;
    stream.set_time_base(clock);
    Ok(())
}

fn video_encoder(first: &frame::Video) -> Result<encoder::video::Encoder, ffmpeg::Error> {
    let codec = encoder::find_by_name("libx264")
        .or_else(|| encoder::find_by_name("libopenh264"))
        .ok_or(ffmpeg::Error::EncoderNotFound)?;
    let mut video = codec::Context::new_with_codec(codec).encoder().video()?;
    video.set_width(first.width());
    video.set_height(first.height());
    video.set_format(Pixel::YUV420P);
    video.set_time_base(CLOCK);
    video.set_frame_rate(Some(NOMINAL_RATE));
    video.set_gop(300);
    video.set_max_b_frames(0);
    video.set_colorspace(first.color_space());
    video.set_color_range(first.color_range());
    video.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::BITEXACT);
    let mut options = Dictionary::new();
    options.set("threads", "1");
    options.set("preset", "superfast");
    options.set("crf", "25");
    options.set("forced-idr", "1");
    options.set("sc_threshold", "0");
    options.set("a53cc", "0");
    video.open_as_with(codec, options)
}

fn audio_encoder(channels: usize) -> Result<encoder::audio::Encoder, ffmpeg::Error> {
    let codec = encoder::find_by_name("aac").ok_or(ffmpeg::Error::EncoderNotFound)?;
    let mut audio = codec::Context::new_with_codec(codec).encoder().audio()?;
    audio.set_rate(i32::try_from(sound::RATE).unwrap_or(48_000));
    audio.set_format(format::Sample::F32(sample::Type::Planar));
    audio.set_channel_layout(layout(channels));
    audio.set_channels(i32::try_from(channels).unwrap_or(1));
    audio.set_bit_rate(AUDIO_BITS_PER_SECOND_AND_CHANNEL * channels);
    audio.set_time_base(sample_clock());
    audio.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::BITEXACT);
    audio.open_as_with(codec, Dictionary::new())
}

fn sample_clock() -> Rational {
    Rational(1, i32::try_from(sound::RATE).unwrap_or(48_000))
}

fn layout(channels: usize) -> ChannelLayout {
    if channels == 1 { ChannelLayout::MONO } else { ChannelLayout::STEREO }
}
