//! Opens a clip from memory with whitelists for everything: containers, codecs, sizes, streams; nothing is opened by name.

use super::super::sound::decode::Listener;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::codec::packet::side_data::Type as SideDataType;
use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, Rational, Stream, codec, decoder, format, media};
use std::io::Cursor;

const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";
const CODECS: &str = "h264,hevc,vp8,vp9,libdav1d,av1,aac,opus,libopus,vorbis,mp3,mp3float,pcm_s16le,pcm_s16be,\
                      pcm_f32le,alac,amrnb,amrwb";
const PICTURE_PIXELS_MAX: u64 = 4096 * 2048;
const STREAMS_MAX: u32 = 8;
const PROBE_BYTES: u32 = 5_000_000;
const PROBE_MICROSECONDS: u32 = 5_000_000;

/// An open clip with the decoders of its best picture and sound tracks.
pub(super) struct Clip {
    pub input: Input,
    pub picture: Option<Track<decoder::Video>>,
    pub sound: Option<Track<Listener>>,
    /// Where time zero of the clip lies, in seconds of the file's own clock; may be negative.
    pub starts_at: f64,
}

pub(super) struct Track<D> {
    pub index: usize,
    pub time_base: Rational,
    pub decoder: D,
    /// Quarter turns clockwise that make the picture upright.
    pub turns: u8,
}

/// Opens the clip; an error is a clause for the finding's note.
pub(super) fn open(bytes: Vec<u8>) -> Result<Clip, String> {
    let mut options = Dictionary::new();
    options.set("format_whitelist", FORMATS);
    options.set("protocol_whitelist", "");
    options.set("codec_whitelist", CODECS);
    options.set("max_streams", &STREAMS_MAX.to_string());
    options.set("probesize", &PROBE_BYTES.to_string());
    options.set("analyzeduration", &PROBE_MICROSECONDS.to_string());
    let io = StreamIo::from_read_seek(Cursor::new(bytes)).map_err(|_| "it could not be opened".to_owned())?;
    let input = format::input_from_stream(io, None, Some(options)).map_err(why_not_opened)?;

    let mut starts_at: Option<f64> = None;
    let mut begin = |stream: &Stream<'_>| {
        if stream.start_time() != ffmpeg::ffi::AV_NOPTS_VALUE {
            let at = stream.start_time() as f64 * f64::from(stream.time_base());
            starts_at = Some(starts_at.map_or(at, |other| other.min(at)));
        }
    };
    let mut unplayable = None;
    let picture = input.streams().best(media::Type::Video).and_then(|stream| {
        begin(&stream);
        let name = stream.parameters().id().name();
        let opened = open_picture(&stream);
        if opened.is_none() {
            unplayable = Some(format!("its picture is coded in a way we cannot play ({name})"));
        }
        opened
    });
    let sound = input.streams().best(media::Type::Audio).and_then(|stream| {
        begin(&stream);
        open_sound(&stream)
    });
    match unplayable {
        Some(why) => Err(why),
        None if picture.is_none() && sound.is_none() => Err("it holds neither picture nor sound".to_owned()),
        None => Ok(Clip { input, picture, sound, starts_at: starts_at.unwrap_or(0.0) }),
    }
}

fn why_not_opened(error: ffmpeg::Error) -> String {
    match error {
        ffmpeg::Error::Eof => "the file ends before its first picture",
        ffmpeg::Error::InvalidData => "its index is missing or damaged, as when a recording was cut off",
        _ => "it is not a video of a kind we can read",
    }
    .to_owned()
}

fn open_picture(stream: &Stream<'_>) -> Option<Track<decoder::Video>> {
    let decoder = prepared(stream)?;
    let decoder = decoder.video().ok()?;
    Some(Track { index: stream.index(), time_base: stream.time_base(), decoder, turns: quarter_turns(stream) })
}

fn open_sound(stream: &Stream<'_>) -> Option<Track<Listener>> {
    let decoder = prepared(stream)?.audio().ok()?;
    let decoder = Listener::new(decoder);
    Some(Track { index: stream.index(), time_base: stream.time_base(), decoder, turns: 0 })
}

fn prepared(stream: &Stream<'_>) -> Option<decoder::Opened> {
    let codec = decoder::find(stream.parameters().id())?;
    let mut context = codec::Context::from_parameters(stream.parameters()).ok()?.decoder();
    context.set_packet_time_base(stream.time_base());
    let mut options = Dictionary::new();
    options.set("threads", "1");
    options.set("codec_whitelist", CODECS);
    options.set("max_pixels", &PICTURE_PIXELS_MAX.to_string());
    context.open_as_with(codec, options).ok()
}

/// How a player would turn the picture, from the display matrix: 16.16 fixed-point numbers, row by row. Mirroring is left out:
/// it would make the document in the picture unreadable, and no phone records it so.
fn quarter_turns(stream: &Stream<'_>) -> u8 {
    let Some(data) = stream.side_data().find(|data| data.kind() == SideDataType::DisplayMatrix) else {
        return 0;
    };
    turns_of(data.data())
}

pub(in super::super) fn turns_of(matrix: &[u8]) -> u8 {
    let numbers: Vec<f64> = matrix
        .chunks_exact(4)
        .filter_map(|four| four.try_into().ok().map(|bytes| f64::from(i32::from_ne_bytes(bytes))))
        .collect();
    let [a, b, ..] = *numbers else { return 0 };
    let turns = (b.atan2(a).to_degrees() / 90.0).round();
    match turns as i64 {
        1 => 1,
        2 | -2 => 2,
        -1 => 3,
        _ => 0,
    }
}
