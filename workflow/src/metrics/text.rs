//! The text format of Prometheus (version 0.0.4).

use super::histogram::Histogram;
use std::fmt::Write;

#[derive(Default)]
pub(super) struct Text(String);

/// `a="b",c="d"`, with what the format reserves escaped.
pub(super) fn labels(pairs: &[(&str, &str)]) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    pairs.join(",")
}

impl Text {
    pub fn begin(&mut self, name: &str, help: &str, kind: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    pub fn value(&mut self, name: &str, labels: &str, value: f64) {
        let value = if value == f64::INFINITY { "+Inf".to_owned() } else { value.to_string() };
        if labels.is_empty() {
            self.line(format_args!("{name} {value}"));
        } else {
            self.line(format_args!("{name}{{{labels}}} {value}"));
        }
    }

    pub fn gauge(&mut self, name: &str, help: &str, labels: &str, value: f64) {
        self.begin(name, help, "gauge");
        self.value(name, labels, value);
    }

    pub fn gauges(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (String, f64)>) {
        self.begin(name, help, "gauge");
        for (labels, value) in values {
            self.value(name, &labels, value);
        }
    }

    pub fn histogram(&mut self, name: &str, help: &str, series: &[(&str, &Histogram)]) {
        self.begin(name, help, "histogram");
        for (labels, histogram) in series {
            let joined = |more: String| if labels.is_empty() { more } else { format!("{labels},{more}") };
            for (bound, count) in histogram.cumulative() {
                self.value(&format!("{name}_bucket"), &joined(format!("le=\"{bound}\"")), count as f64);
            }
            self.value(&format!("{name}_bucket"), &joined("le=\"+Inf\"".to_owned()), histogram.count() as f64);
            self.value(&format!("{name}_sum"), labels, histogram.sum());
            self.value(&format!("{name}_count"), labels, histogram.count() as f64);
        }
    }

    pub fn finish(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_the_format_wants_them() {
        let mut text = Text::default();
        text.gauge("a", "What it is.", &labels(&[("b", "c\"d\\e\nf")]), f64::INFINITY);
        let mut histogram = Histogram::new(&[0.5]);
        histogram.observe(0.25);
        text.histogram("h", "Times.", &[("", &histogram)]);
        let expected = "# HELP a What it is.\n# TYPE a gauge\na{b=\"c\\\"d\\\\e\\nf\"} +Inf\n\
            # HELP h Times.\n# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 0.25\nh_count 1\n";
        assert_eq!(text.finish(), expected);
    }
}
