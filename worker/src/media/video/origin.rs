//! What a clip's file says it was made with: a telephone names nothing of this kind.

use ffmpeg_next::format::context::Input;

/// Programs that edit films or pretend to be a camera, as they write themselves into files.
const PROGRAMS: [&str; 22] = [
    "After Effects",
    "CapCut",
    "Camtasia",
    "DaVinci",
    "DeepFaceLive",
    "Filmora",
    "Final Cut",
    "HandBrake",
    "iMovie",
    "InShot",
    "Kdenlive",
    "KineMaster",
    "ManyCam",
    "OBS",
    "OpenShot",
    "Premiere",
    "Shotcut",
    "Snap Camera",
    "Synthesia",
    "Vegas",
    "VirtualCam",
    "XSplit",
];

/// The first program of the list that any of the file's labels names; nothing else of them is kept.
pub(super) fn made_with(input: &Input) -> Option<&'static str> {
    let of_streams = input.streams().flat_map(|stream| labels(&stream.metadata()));
    labels(&input.metadata()).into_iter().chain(of_streams.collect::<Vec<_>>()).find_map(|label| program_in(&label))
}

fn labels(metadata: &ffmpeg_next::DictionaryRef<'_>) -> Vec<String> {
    metadata.iter().map(|(_, value)| value.to_owned()).collect()
}

/// A program's name as words of its own: "OBS" is not in "jobs".
fn program_in(label: &str) -> Option<&'static str> {
    let label = label.to_lowercase();
    PROGRAMS.into_iter().find(|program| {
        let name = program.to_lowercase();
        label.match_indices(&name).any(|(at, found)| {
            let before = label.get(..at).and_then(|text| text.chars().next_back());
            let after = label.get(at + found.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphabetic)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_as_words_and_telephones_are_none() {
        for (label, expected) in [
            ("HandBrake 1.6.1 2023012300", Some("HandBrake")),
            ("obs-output module (libobs version 30.0)", Some("OBS")),
            ("Adobe Premiere Pro 2024.0 (Windows)", Some("Premiere")),
            ("made with iMovie10", Some("iMovie")),
            ("jobs done", None),
            ("Core Media Video", None),
            ("Lavf59.27.100", None),
            ("com.android.version 14", None),
            ("17.5.1", None),
            ("", None),
        ] {
            assert_eq!(program_in(label), expected, "{label}");
        }
    }
}
