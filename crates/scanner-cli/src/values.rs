//! Values that flags and the configuration file share.

use clap::ValueEnum;
use scanner_core::{Confidence, Severity};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// How bad a finding is if true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SeverityName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Severity {
        match name {
            SeverityName::Info => Severity::Info,
            SeverityName::Low => Severity::Low,
            SeverityName::Medium => Severity::Medium,
            SeverityName::High => Severity::High,
            SeverityName::Critical => Severity::Critical,
        }
    }
}

/// How sure a finding is to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ConfidenceName {
    Low,
    Medium,
    High,
}

impl From<ConfidenceName> for Confidence {
    fn from(name: ConfidenceName) -> Confidence {
        match name {
            ConfidenceName::Low => Confidence::Low,
            ConfidenceName::Medium => Confidence::Medium,
            ConfidenceName::High => Confidence::High,
        }
    }
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// All there is, versioned.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// A number of bytes, as `500000`, `800K`, `10M` or `1G` (powers of 1024).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let shift = match text[digits.len()..].trim().to_ascii_uppercase().as_str() {
            "" | "B" => 0,
            "K" | "KB" | "KIB" => 10,
            "M" | "MB" | "MIB" => 20,
            "G" | "GB" | "GIB" => 30,
            _ => return Err(format!("`{text}` is no size; write 500000, 800K, 10M or 1G")),
        };
        let number: u64 = digits.parse().map_err(|_| format!("`{text}` is no size; write 500000, 800K, 10M or 1G"))?;
        number.checked_mul(1 << shift).map(Size).ok_or_else(|| format!("`{text}` is too large"))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Size, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Size;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of bytes or a size as \"10M\"")
            }
            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Size, E> {
                u64::try_from(value).map(Size).map_err(|_| E::custom("a size is not negative"))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Size, E> {
                Ok(Size(value))
            }
            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Size, E> {
                value.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of bytes, or one with a unit as \"10M\".",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+ *([KkMmGg]?([Ii]?[Bb])?)$" }
            ]
        })
    }
}

/// A line of a file, written `FILE:LINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineOfFile {
    pub(crate) file: std::path::PathBuf,
    /// From 1.
    pub(crate) line: u32,
}

impl FromStr for LineOfFile {
    type Err = String;

    fn from_str(text: &str) -> Result<LineOfFile, String> {
        let parsed =
            text.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok().filter(|&line| line > 0)?)));
        match parsed {
            Some((file, line)) if !file.is_empty() => Ok(LineOfFile { file: file.into(), line }),
            _ => Err("write FILE:LINE, such as src/app.py:7".to_owned()),
        }
    }
}

/// A point in time, in seconds since 1970: `2026-01-31`, `2026-01-31T12:00:00Z`, `2 weeks ago` or `@1767225599`.
/// What names no zone is UTC.
#[cfg(feature = "git")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date(pub(crate) i64);

#[cfg(feature = "git")]
impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Date, String> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        let date = text.strip_prefix('@').and_then(|seconds| seconds.parse().ok());
        let date = date.or_else(|| ago(text).map(|seconds| now - seconds)).or_else(|| calendar(text));
        date.map(Date).ok_or_else(|| "write 2026-01-31, 2026-01-31T12:00:00Z or `2 weeks ago`".to_owned())
    }
}

/// The seconds of `2 weeks ago`.
#[cfg(feature = "git")]
fn ago(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split([' ', '.']).filter(|word| !word.is_empty()).collect();
    let [number, unit, "ago"] = words[..] else { return None };
    let unit = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "month" => 30 * 86_400,
        "year" => 365 * 86_400,
        _ => return None,
    };
    number.parse::<i64>().ok().filter(|number| *number >= 0)?.checked_mul(unit)
}

/// The seconds of a date of the calendar, with or without a time.
#[cfg(feature = "git")]
fn calendar(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let numbers = |text: &str, between: char| text.split(between).map(|part| part.parse::<i64>().ok()).collect();
    let date: Option<Vec<i64>> = numbers(date, '-');
    let time: Option<Vec<i64>> = numbers(time.trim_end_matches('Z'), ':');
    let (&[year, month, day], time) = (&date?[..], time?) else { return None };
    let (hour, minute, second) = match time[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let within = (1..=12).contains(&month) && (1..=31).contains(&day) && (0..24).contains(&hour);
    if !within || !(0..60).contains(&minute) || !(0..61).contains(&second) || !(0..10_000).contains(&year) {
        return None;
    }
    // Years begin in March here, so that the day that is not always there is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = days + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "git")]
    #[test]
    fn dates_are_read() {
        assert_eq!("1970-01-01".parse(), Ok(Date(0)));
        assert_eq!("2000-02-29T00:00:00Z".parse(), Ok(Date(951_782_400)));
        assert_eq!("2025-12-31 23:59".parse(), Ok(Date(1_767_225_540)));
        assert_eq!("@12".parse(), Ok(Date(12)));
        assert_eq!(ago("2 weeks ago"), Some(14 * 86_400));
        assert_eq!(ago("1.day.ago"), Some(86_400));
        for bad in ["", "yesterday", "2026-13-01", "2026-01", "2026-01-01T25:00:00Z", "-1 days ago"] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_read() {
        let size = |text: &str| text.parse::<Size>().map(|size| size.0);
        assert_eq!(size("0"), Ok(0));
        assert_eq!(size("12b"), Ok(12));
        assert_eq!(size("800K"), Ok(800 << 10));
        assert_eq!(size("10 MiB"), Ok(10 << 20));
        assert_eq!(size("1g"), Ok(1 << 30));
        for bad in ["", "M", "-1", "1.5M", "10T", "99999999999999G"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
