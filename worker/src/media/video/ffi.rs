//! The few FFmpeg calls that the safe wrapper lacks; each says why it is sound.

use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;
use std::io;

/// The largest single allocation FFmpeg may make; a picture of 4096 × 2048 with four bytes a pixel needs a quarter of it.
const ALLOCATION_BYTES_MAX: usize = 128 << 20;

/// Starts the library: no output, no large allocations.
pub(super) fn start() -> io::Result<()> {
    ffmpeg::init().map_err(io::Error::other)?;
    ffmpeg::log::set_level(ffmpeg::log::Level::Quiet);
    // SAFETY: sets one process-wide number, before any other thread of this process uses the library.
    unsafe { ffi::av_max_alloc(ALLOCATION_BYTES_MAX) };
    Ok(())
}

/// Says which speaker is which where the file does not: the usual layout for that number of channels.
pub(in crate::media) fn name_channels(frame: &mut ffmpeg::frame::Audio) {
    let channels = i32::from(frame.channels());
    frame.set_channel_layout(ffmpeg::ChannelLayout::default(channels));
    // SAFETY: the frame is alive and ours alone; the call overwrites its layout, which is unnamed and so owns no memory.
    unsafe { ffi::av_channel_layout_default(&raw mut (*frame.as_mut_ptr()).ch_layout, channels) };
}

/// Whether the frame's pixels could be allocated; a wrapper's `new` does not say.
pub(super) fn has_pixels(frame: &ffmpeg::frame::Video) -> bool {
    // SAFETY: only looks whether the frame's first pointer is null.
    unsafe { !frame.is_empty() }
}

/// Whether the frame's samples could be allocated.
pub(in crate::media) fn has_samples(frame: &ffmpeg::frame::Audio) -> bool {
    // SAFETY: only looks whether the frame's first pointer is null.
    unsafe { !frame.is_empty() }
}
