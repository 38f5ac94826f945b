//! What a scan costs, stage by stage: literal search, detection, parsing, a whole tree, start-up.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use scanner_core::detect::index::Index;
use scanner_core::input::Memory;
use scanner_core::{RuleOptions, RuleSet, Scanner};
use std::hint::black_box;

/// About a megabyte of each kind, made from this project's own text.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let repeat = |text: &str| text.repeat((1 << 20) / text.len() + 1).into_bytes();
    let env = "# service\nSERVICE_URL=https://host.internal/v1\nRETRIES=5\nAPI_KEY=${FROM_STORE}\nNAME=value\n";
    let python = "import os\n\n\ndef read(path, limit=10):\n    with open(path) as file:\n        return [line.strip() for line in file][:limit]\n\n\nclass Store:\n    key = None\n\n    def get(self, name):\n        return self.items[name]\n\n";
    let script = "import { readFile } from 'node:fs/promises';\n\nexport async function load(path, options = {}) {\n  const text = await readFile(path, 'utf8');\n  return text.split('\\n').map((line) => ({ line, ...options }));\n}\n\n";
    vec![
        ("mixed", mixed()),
        ("rust", repeat(include_str!("../crates/scanner-core/src/detect/prefilter.rs"))),
        ("env", repeat(env)),
        ("python", repeat(python)),
        ("javascript", repeat(script)),
    ]
}

/// Files of a tree one after another, as they are: this project's sources, or those of the folder
/// that `AUTOCLAVE_BENCH_TREE` names.
fn mixed() -> Vec<u8> {
    const MOST: usize = 64 << 20;
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let root = std::env::var("AUTOCLAVE_BENCH_TREE").unwrap_or_else(|_| own.to_owned());
    let mut text = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path)
                && !bytes.contains(&0)
                && text.len() + bytes.len() <= MOST
            {
                text.extend(bytes);
            }
        }
    }
    text
}

fn prefilter(criterion: &mut Criterion) {
    let rules = RuleSet::builtin();
    let index = Index::new(&rules);
    let mut group = criterion.benchmark_group("prefilter");
    for (name, text) in samples() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |bencher, text| {
            bencher.iter(|| {
                let mut hits = 0u64;
                index.plan.prefilter.scan(black_box(text), |_, _| hits += 1);
                hits
            });
        });
    }
    group.finish();
}

fn detection(criterion: &mut Criterion) {
    let secrets = scanner(&["secret"]);
    let code = scanner(&["sast"]);
    let mut group = criterion.benchmark_group("detect");
    for (name, text) in samples() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("text and pair", name), &text, |bencher, text| {
            bencher.iter(|| secrets.scan_bytes("a.txt", black_box(text)).findings.len());
        });
    }
    let parsed =
        [("python", "a.py", "import hashlib\nhashlib.md5(x)\n"), ("javascript", "a.js", "crypto.createHash('md5');\n")];
    for (name, path, lead) in parsed {
        let body = samples().into_iter().find(|(kind, _)| *kind == name).map(|(_, text)| text).unwrap_or_default();
        let text = [lead.as_bytes(), &body].concat();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.sample_size(10);
        group.bench_with_input(BenchmarkId::new("parse and code rules", name), &text, |bencher, text| {
            bencher.iter(|| code.scan_bytes(path, black_box(text)).findings.len());
        });
    }
    group.finish();
}

fn scanner(enable: &[&str]) -> Scanner {
    let enable = enable.iter().map(|tag| (*tag).to_owned()).collect();
    Scanner::builder().rules(RuleOptions { enable, ..RuleOptions::default() }).build().expect("the built-in rules load")
}

fn tree(criterion: &mut Criterion) {
    let scanner = Scanner::new().expect("the built-in rules load");
    let mut input = Memory::new();
    let samples = samples();
    for number in 0..500 {
        for (name, text) in samples.iter().filter(|(name, _)| *name != "mixed") {
            let extension = match *name {
                "python" => "py",
                "javascript" => "js",
                "rust" => "rs",
                _ => "env",
            };
            input = input.with(format!("{number}/file.{extension}"), text[..8 << 10].to_vec());
        }
    }
    let mut group = criterion.benchmark_group("tree");
    group.throughput(Throughput::Bytes(500 * 4 * (8 << 10)));
    group.sample_size(10);
    group.bench_function("2000 files of 8 KiB", |bencher| {
        bencher.iter(|| scanner.scan(&input).map(|report| report.findings.len()));
    });
    group.finish();
}

fn startup(criterion: &mut Criterion) {
    criterion.bench_function("start-up: load rules", |bencher| bencher.iter(RuleSet::builtin));
    criterion.bench_function("start-up: build scanner", |bencher| bencher.iter(Scanner::new));
}

criterion_group!(benches, prefilter, detection, tree, startup);
criterion_main!(benches);
