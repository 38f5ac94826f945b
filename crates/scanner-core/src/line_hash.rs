//! stub replaced on merge
/// x
pub fn line_hashes(_text: &str, lines: &[u32]) -> Vec<String> { lines.iter().map(|_| String::new()).collect() }
