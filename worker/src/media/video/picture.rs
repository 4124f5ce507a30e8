//! A decoded frame becomes an upright one of at most 720p: scaled first, turned after, nothing of the file's own data kept.

use super::ffi;
use ffmpeg_next::color;
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;
use ffmpeg_next::software::scaling::{Context, Flags};

/// The upright copy's limits in pixels.
const SHORT_SIDE_MAX: f64 = 720.0;
const LONG_SIDE_MAX: f64 = 1280.0;
/// A frame is black when it is this dark on average, on the scale 0–255, and nowhere brighter than the second number.
const BLACK_MEAN_MAX: f64 = 16.0;
const BLACK_PEAK_MAX: f64 = 56.0;
/// Every eighth pixel of every eighth row is enough to know how light a frame is.
const LIGHT_STEP: usize = 8;

/// Makes frames upright and small; remembers its scaler between frames of the same shape.
pub(super) struct Easel {
    turns: u8,
    scaler: Option<Context>,
}

impl Easel {
    pub(super) fn new(turns: u8) -> Easel {
        Easel { turns, scaler: None }
    }

    /// The size of the frame as a person sees it.
    pub(super) fn upright_size(&self, decoded: &frame::Video) -> (u32, u32) {
        let (width, height) = shown_size(decoded);
        turned((width.round() as u32, height.round() as u32), self.turns)
    }

    /// The upright copy, or nothing when memory or the frame's format does not allow one.
    pub(super) fn draw(&mut self, decoded: &frame::Video) -> Option<frame::Video> {
        let size = copy_size(shown_size(decoded));
        let known = self.scaler.as_ref().is_some_and(|scaler| {
            let from = scaler.input();
            let to = scaler.output();
            (from.format, from.width, from.height) == (decoded.format(), decoded.width(), decoded.height())
                && (to.width, to.height) == size
        });
        if !known {
            self.scaler = Context::get(
                decoded.format(),
                decoded.width(),
                decoded.height(),
                Pixel::YUV420P,
                size.0,
                size.1,
                Flags::AREA,
            )
            .ok();
        }
        let mut flat = blank(size)?;
        self.scaler.as_mut()?.run(decoded, &mut flat).ok()?;
        let mut upright = if self.turns == 0 { flat } else { turn(&flat, self.turns)? };
        upright.set_color_space(decoded.color_space());
        upright.set_color_primaries(decoded.color_primaries());
        upright.set_color_transfer_characteristic(decoded.color_transfer_characteristic());
        upright.set_color_range(color::Range::MPEG);
        Some(upright)
    }
}

/// Makes copies smaller or of another pixel format; remembers its scaler between frames of the same shape.
pub(super) struct Reducer {
    to: Pixel,
    scaler: Option<Context>,
}

impl Reducer {
    pub(super) fn new(to: Pixel) -> Reducer {
        Reducer { to, scaler: None }
    }

    /// The pixels, row by row without padding.
    pub(super) fn reduce(&mut self, copy: &frame::Video, (width, height): (u32, u32)) -> Option<Vec<u8>> {
        let known = self.scaler.as_ref().is_some_and(|scaler| {
            let (from, to) = (scaler.input(), scaler.output());
            (from.width, from.height, to.width, to.height) == (copy.width(), copy.height(), width, height)
        });
        if !known {
            let (from, to) = (Pixel::YUV420P, self.to);
            self.scaler = Context::get(from, copy.width(), copy.height(), to, width, height, Flags::AREA).ok();
        }
        let mut small = frame::Video::empty();
        self.scaler.as_mut()?.run(copy, &mut small).ok()?;
        Some(rows(&small, 0).flatten().copied().collect())
    }
}

/// Whether nothing at all can be seen in the copy: a covered lens, or a camera that never started.
pub(super) fn is_black(copy: &frame::Video) -> bool {
    let (mut count, mut sum, mut peak) = (0.0, 0.0, 0.0_f64);
    for row in rows(copy, 0).step_by(LIGHT_STEP) {
        for luma in row.iter().step_by(LIGHT_STEP) {
            // Studio range: 16 is black and 235 is white.
            let light = ((f64::from(*luma) - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0);
            count += 1.0;
            sum += light;
            peak = peak.max(light);
        }
    }
    count > 0.0 && sum / count < BLACK_MEAN_MAX && peak < BLACK_PEAK_MAX
}

/// The rows of one plane, without the padding at their ends.
pub(super) fn rows(frame: &frame::Video, plane: usize) -> impl Iterator<Item = &[u8]> {
    let width = frame.plane_width(plane) as usize * bytes_per_pixel(frame.format());
    frame.data(plane).chunks_exact(frame.stride(plane).max(1)).filter_map(move |row| row.get(..width))
}

pub(super) fn blank(size: (u32, u32)) -> Option<frame::Video> {
    let frame = frame::Video::new(Pixel::YUV420P, size.0, size.1);
    ffi::has_pixels(&frame).then_some(frame)
}

fn bytes_per_pixel(format: Pixel) -> usize {
    if format == Pixel::RGB24 { 3 } else { 1 }
}

/// Width and height with square pixels, before turning.
fn shown_size(decoded: &frame::Video) -> (f64, f64) {
    let aspect = f64::from(decoded.aspect_ratio());
    // 0/1 means unknown; a shape beyond 1:4 is nonsense.
    let aspect = if aspect.is_finite() && (0.25..=4.0).contains(&aspect) { aspect } else { 1.0 };
    (f64::from(decoded.width()) * aspect, f64::from(decoded.height()))
}

fn copy_size((width, height): (f64, f64)) -> (u32, u32) {
    let scale = (SHORT_SIDE_MAX / width.min(height)).min(LONG_SIDE_MAX / width.max(height)).min(1.0);
    // 4:2:0 wants even sides.
    let even = |side: f64| ((side * scale / 2.0).round() as u32 * 2).max(2);
    (even(width), even(height))
}

fn turned((width, height): (u32, u32), turns: u8) -> (u32, u32) {
    if turns % 2 == 1 { (height, width) } else { (width, height) }
}

fn turn(flat: &frame::Video, turns: u8) -> Option<frame::Video> {
    let mut upright = blank(turned((flat.width(), flat.height()), turns))?;
    for plane in 0..3 {
        let (from_stride, to_stride) = (flat.stride(plane), upright.stride(plane).max(1));
        let (width, height) = (flat.plane_width(plane) as usize, flat.plane_height(plane) as usize);
        let to_width = upright.plane_width(plane) as usize;
        let from = flat.data(plane);
        for (y, row) in upright.data_mut(plane).chunks_exact_mut(to_stride).enumerate() {
            // Where the row begins in the flat picture and how far apart its pixels lie there.
            let (start, step) = match turns {
                1 => ((height - 1) * from_stride + y, -(from_stride as isize)),
                2 => ((height - 1).saturating_sub(y) * from_stride + width - 1, -1),
                _ => ((width - 1).saturating_sub(y), from_stride as isize),
            };
            let mut at = start as isize;
            for pixel in row.iter_mut().take(to_width) {
                *pixel = usize::try_from(at).ok().and_then(|at| from.get(at)).copied().unwrap_or(0);
                at += step;
            }
        }
    }
    Some(upright)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_720p_at_most_with_even_sides() {
        assert_eq!(copy_size((1920.0, 1080.0)), (1280, 720));
        assert_eq!(copy_size((1080.0, 1920.0)), (720, 1280));
        assert_eq!(copy_size((641.0, 361.0)), (642, 362));
        assert_eq!(copy_size((3000.0, 100.0)), (1280, 42));
    }

    /// A picture whose left half is light, turned: the light half must land on top, right, bottom.
    #[test]
    fn turning_goes_clockwise() {
        let Some(mut flat) = blank((8, 4)) else {
            return;
        };
        let stride = flat.stride(0);
        for row in flat.data_mut(0).chunks_exact_mut(stride) {
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = if x < 4 { 200 } else { 20 };
            }
        }
        let light = |turns: u8| -> Vec<Vec<bool>> {
            turn(&flat, turns)
                .map(|frame| rows(&frame, 0).map(|row| row.iter().map(|p| *p > 100).collect()).collect())
                .unwrap_or_default()
        };
        assert!(light(1).iter().take(4).flatten().all(|on| *on), "a turn to the right puts left on top");
        assert!(light(1).iter().skip(4).flatten().all(|on| !*on));
        assert!(light(2).iter().all(|row| row.iter().take(4).all(|on| !*on)));
        assert!(light(3).iter().take(4).flatten().all(|on| !*on));
        assert!(light(3).iter().skip(4).flatten().all(|on| *on));
    }
}
