//! The thread that writes the playable copy while another decodes: made before the limits, which forbid new threads.

use super::playable::Playable;
use ffmpeg_next::frame;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Frames that may wait for the encoder: at 720p about 1.4 MB each.
const WAITING_MAX: usize = 8;
/// An AAC frame's length.
const SAMPLES_PER_FRAME: usize = 1024;

enum Work {
    /// How many channels the copy's sound has; comes before the first frame.
    Channels(usize),
    Frame(frame::Video, f64),
    Samples(Vec<Vec<f32>>),
}

/// The near end of the thread.
pub(in crate::media) struct Bench {
    work: SyncSender<Work>,
    thread: JoinHandle<Result<Option<Vec<u8>>, ffmpeg_next::Error>>,
}

impl Bench {
    /// Starts the media library and the thread; reads no media.
    pub(in crate::media) fn prepare() -> io::Result<Bench> {
        super::ffi::start()?;
        let (work, waiting) = sync_channel(WAITING_MAX);
        let (ready, started) = sync_channel(1);
        let thread = std::thread::Builder::new().name("playable".to_owned()).spawn(move || {
            // Fails only when the other side is gone, and the process with it.
            let _gone = ready.send(()).is_err();
            write(&waiting)
        })?;
        // A thread that is still starting makes calls which the sandbox refuses.
        started.recv().map_err(io::Error::other)?;
        Ok(Bench { work, thread })
    }

    pub(super) fn channels(&self, channels: usize) {
        self.send(Work::Channels(channels));
    }

    pub(super) fn frame(&self, frame: frame::Video, at: f64) {
        self.send(Work::Frame(frame, at));
    }

    pub(super) fn samples(&self, channels: Vec<Vec<f32>>) {
        self.send(Work::Samples(channels));
    }

    /// The finished copy; nothing when there was no frame. An error is a clause for the finding's note.
    pub(super) fn finish(self) -> Result<Option<Vec<u8>>, String> {
        drop(self.work);
        match self.thread.join() {
            Ok(Ok(copy)) => Ok(copy),
            Ok(Err(error)) => Err(format!("its copy for the checker could not be written ({error})")),
            Err(_panic) => Err("its copy for the checker could not be written".to_owned()),
        }
    }

    fn send(&self, work: Work) {
        // Fails only when the thread has ended with an error, which `finish` reports.
        let _ended = self.work.send(work).is_err();
    }
}

fn write(waiting: &Receiver<Work>) -> Result<Option<Vec<u8>>, ffmpeg_next::Error> {
    let mut playable: Option<Playable> = None;
    let mut channels = 0;
    let mut fifo: Vec<Vec<f32>> = Vec::new();
    for work in waiting {
        match work {
            Work::Channels(count) => {
                channels = count;
                fifo = vec![Vec::new(); count];
            }
            Work::Frame(mut frame, at) => {
                let file = match &mut playable {
                    Some(file) => file,
                    none => none.insert(Playable::start(&frame, channels)?),
                };
                file.show(&mut frame, at)?;
            }
            Work::Samples(samples) => {
                for (kept, new) in fifo.iter_mut().zip(samples) {
                    kept.extend(new);
                }
            }
        }
        if let Some(file) = &mut playable {
            sound(file, &mut fifo, SAMPLES_PER_FRAME)?;
        }
    }
    let Some(mut file) = playable else {
        return Ok(None);
    };
    // The rest, shorter than a frame.
    sound(&mut file, &mut fifo, 1)?;
    file.finish().map(Some)
}

/// Writes whole frames as long as at least `least` samples wait.
fn sound(file: &mut Playable, fifo: &mut [Vec<f32>], least: usize) -> Result<(), ffmpeg_next::Error> {
    while fifo.first().is_some_and(|samples| samples.len() >= least) {
        let frame: Vec<Vec<f32>> =
            fifo.iter_mut().map(|samples| samples.drain(..samples.len().min(SAMPLES_PER_FRAME)).collect()).collect();
        file.sound(&frame)?;
    }
    Ok(())
}
