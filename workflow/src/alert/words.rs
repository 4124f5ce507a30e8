//! Every alarm in words: what happened, what to do, and the page of the runbook. They do without any detail of a patient.

use super::AlertKind;

/// An alert in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertWords {
    pub subject: &'static str,
    pub what_happened: &'static str,
    pub what_to_do: &'static str,
    /// The page of the runbook.
    pub page: &'static str,
}

impl AlertKind {
    pub fn words(self) -> AlertWords {
        let (subject, what_happened, what_to_do, page) = match self {
            Self::ScannerAway => (
                "The malware scanner does not answer",
                "Submissions wait unscanned. Nothing is lost, but no new submission reaches the checkers and promises will break.",
                "Start clamd again, or set CLAMD_ADDRESS right and restart the workers. What waits goes on by itself within a minute.",
                "docs/operations/malware.md",
            ),
            Self::ScannerRefuses => (
                "The malware scanner refuses to scan",
                "clamd answered that it cannot scan a file, most often because of a size limit. The submission waits unscanned.",
                "Compare StreamMaxLength, MaxFileSize and MaxScanSize of clamd with the sizes that Proofdesk accepts; its log says more.",
                "docs/operations/malware.md",
            ),
            Self::EvidenceUnreadable => (
                "Evidence cannot be read back",
                "The object store is down, slow or refuses, or the key file lacks a key. Submissions wait; nothing is lost.",
                "Run `proofdesk doctor` on a worker's machine and mend what it names. What waits goes on by itself within a minute.",
                "docs/operations/storage-outage.md",
            ),
            Self::MalwareFound => (
                "Malware found in a file that was sent",
                "The file is in quarantine: nobody is shown it. The patient was asked to take a new one. Nobody opened it.",
                "Do not open or copy the file. One file needs nothing more; several from one client need a word with that client.",
                "docs/operations/malware.md",
            ),
            Self::StoredBytesDiffer => (
                "Stored bytes are not those that were received",
                "An object in the store was changed, cut or lost. No checker sees it, and the patient was asked to send it again.",
                "Find out who or what wrote to the store: Proofdesk never changes an object. Check its disk and who has its keys.",
                "docs/operations/storage-outage.md",
            ),
            Self::EvidenceGivenUp => (
                "A pre-check was given up before its evidence was read back",
                "The job is dead. No checker sees the evidence, and the patient was asked to send it again.",
                "Look at the dead job and its errors on the ops page, and mend the cause before more patients are asked.",
                "docs/operations/dead-jobs.md",
            ),
            _ => self.promise_and_silence(),
        };
        AlertWords { subject, what_happened, what_to_do, page }
    }

    /// Subject, what happened, what to do and the page, of what threatens the promise.
    fn promise_and_silence(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::PromiseNear => (
                "A submission is due within half an hour",
                "At least one submission is due within half an hour and not decided. The numbers below say how many wait and how fast they go.",
                "Call the shift: more checkers sign in and start. The ops page says how many it takes.",
                "docs/operations/breach.md",
            ),
            Self::PromiseAtRisk => (
                "A submission is due within a quarter of an hour",
                "At least one submission is due within a quarter of an hour and not decided.",
                "Everybody who may check starts now. If it cannot be kept, tell patients on the ops page how long it takes.",
                "docs/operations/breach.md",
            ),
            Self::PromiseBroken => (
                "A promise was broken",
                "At least one submission passed its due time undecided. Each is recorded once, with the time it really happened.",
                "Go on deciding, most urgent first, as the queue does by itself. Tell patients on the ops page; find the cause afterwards.",
                "docs/operations/breach.md",
            ),
            Self::BreachForecast => (
                "At this pace promises will be broken",
                "What waits is more than the present pace of decisions gets through before it is due.",
                "Compare checkers online with checkers needed on the ops page, and call as many more.",
                "docs/operations/breach.md",
            ),
            Self::SweepSilent => (
                "The sweep is silent",
                "For 45 seconds nothing that time alone brings has happened: no breach recorded, no hold ended, no letter released.",
                "Look at the worker processes on the ops page; start the workers, or free the `light` pool. It catches up by itself.",
                "docs/operations/worker-stuck.md",
            ),
            Self::RelaySilent => (
                "Jobs are not handed to Redis",
                "Jobs that are due have not been handed to Redis for a minute. They are safe in the ledger and wait.",
                "Is Redis there, and does a worker run? See the runbook for how to go on without Redis.",
                "docs/operations/redis-lost.md",
            ),
            Self::ReaperSilent => (
                "Jobs of a lost worker are not taken back",
                "A job is still marked as running a minute after its worker's lease ended, so no worker looks after the ledger.",
                "Look at the worker processes on the ops page and start at least one.",
                "docs/operations/worker-stuck.md",
            ),
            Self::LightPaused => (
                "The pool that sweeps is paused",
                "The queue `light` has been paused for over a minute. Breaches are not recorded and decided letters are not released.",
                "Resume it on the page of jobs as soon as what it was paused for is over.",
                "docs/operations/worker-stuck.md",
            ),
            _ => (
                "Nobody decides although something waits",
                "In staffed hours something has waited for a quarter of an hour, and nothing was decided meanwhile.",
                "Ask the shift: can they sign in, and does the next check open? `proofdesk doctor` says what is down.",
                "docs/operations/breach.md",
            ),
        }
    }
}
