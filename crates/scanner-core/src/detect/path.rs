//! What a path tells about the contents of its file.

/// Files whose names and values are no settings: locks hold digests, translations hold labels.
pub fn skips_pairs(path: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const NAMES: &[&str] = &[
        "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "composer.lock",
        "gemfile.lock", "poetry.lock", "uv.lock", "pipfile.lock", "pdm.lock", "cargo.lock", "go.sum", "mix.lock",
        "pubspec.lock", "podfile.lock", "package.resolved", "packages.lock.json", "paket.lock",
        "verification-metadata.xml", "flake.lock", "deno.lock", ".terraform.lock.hcl", "chart.lock",
        "module.bazel.lock", "nsswitch.conf", "messages.properties", "validationmessages.properties",
    ];
    #[rustfmt::skip] // a word a line would be pages
    const ENDINGS: &[&str] = &[
        ".map", ".po", ".pot", ".xlf", ".xliff", ".strings", ".svg", ".css", ".scss", ".less", ".d.ts",
        ".min.js", ".snap", ".arb", ".lock", ".sln",
    ];
    const FOLDERS: &[&str] = &["locale", "locales", "i18n", "intl", "lang", "langs", "translations", "l10n"];
    // In folders of these names parts of programs lie as well.
    const LANGUAGE: &[&str] = &["language", "languages"];
    const LABELS: &[&str] = &["json", "yml", "yaml", "properties", "php", "xml", "lang", "txt", "html"];
    // What labels are written in; settings in other kinds of file are settings in any folder.
    #[rustfmt::skip] // a word a line would be pages
    const TRANSLATED: &[&str] = &[
        "json", "yml", "yaml", "properties", "php", "rb", "js", "ts", "xml", "py", "toml", "lang", "txt", "md", "html",
    ];
    // Every file is asked about: nothing is copied.
    let is_one_of = |name: &str, list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    let ends_with = |name: &str, ending: &str| {
        let tail = name.len().checked_sub(ending.len()).and_then(|at| name.as_bytes().get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending.as_bytes()))
    };
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_bundle = name.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("messages_")) || is_of_bundle(name);
    // Whatever folder it lies in, an environment file holds settings.
    if name.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(".env")) || ends_with(name, ".env") {
        return false;
    }
    let extension = name.rsplit('.').next().unwrap_or_default();
    is_one_of(name, NAMES)
        || ends_with(name, ".lang.php")
        || is_one_of(extension, LABELS) && folders.split('/').any(|folder| is_one_of(folder, LANGUAGE))
        || ENDINGS.iter().any(|ending| ends_with(name, ending))
        || is_bundle && ends_with(name, ".properties")
        || (is_one_of(extension, TRANSLATED) || ends_in_locale(name))
            && (is_locale(name)
                || folders.split('/').any(|folder| is_one_of(folder, FOLDERS) || is_of_language(folder)))
}

/// The languages that files of labels are called by, as ISO 639-1 has them.
#[rustfmt::skip] // a word a line would be pages
const LANGUAGES: &[&str] = &[
    "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fo", "fr", "ga", "gl", "he", "hi", "hr", "hu",
    "hy", "id", "is", "it", "ja", "ka", "kk", "km", "ko", "lt", "lv", "mk", "mn", "ms", "my", "nb", "ne", "nl", "nn", "no", "pl", "pt", "ro", "ru", "si",
    "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "zh",
];

/// `CH`, `BR`: a country, as ISO 3166-1 has it.
fn is_region(part: &str) -> bool {
    part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// `de-CH.json`, `pt_BR.yml`: a file that is called by a language and a country.
fn is_locale(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let Some((language, region)) = stem.split_once(['-', '_']) else { return false };
    LANGUAGES.contains(&language) && is_region(region)
}

/// `de.lproj`, `values-pt-rBR`: folders of labels, one a language, as iOS and Android have them.
fn is_of_language(folder: &str) -> bool {
    let is_small = |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let android = |language: &str| is_small(language) && !matches!(language, "v" | "sw" | "land" | "ldpi");
    folder.len() > 6 && folder.ends_with(".lproj")
        || folder.strip_prefix("values-").is_some_and(|rest| android(rest.split('-').next().unwrap_or_default()))
}

/// `config_ja.properties`, `LocalStrings_zh_CN.properties`: a bundle of Java's that says which language it is in.
fn is_of_bundle(name: &str) -> bool {
    let Some((stem, "properties")) = name.rsplit_once('.') else { return false };
    let Some((_, tail)) = stem.split_once('_') else { return false };
    let (before, last) = tail.rsplit_once('_').unwrap_or(("", tail));
    LANGUAGES.contains(&last) || is_region(last) && LANGUAGES.contains(&before.rsplit('_').next().unwrap_or_default())
}

/// `locale_fr-FR.ini`, `de.ini`: what is also a file of settings says which language it is in.
fn ends_in_locale(name: &str) -> bool {
    let Some((stem, "ini")) = name.rsplit_once('.') else { return false };
    let mut parts = stem.rsplit(['_', '-', '.']);
    let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_language = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    is_language(last) || is_region(last) && is_language(before)
}

/// Whether a path says that its contents are tests, examples or documentation.
pub fn is_example_path(folded: &str) -> bool {
    const WORDS: &[&str] = &[
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "doc",
        "docs",
        "documentation",
        "tutorial",
        "tutorials",
        "quickstart",
    ];
    const DOCUMENTS: &[&str] = &[".md", ".rst", ".mdx", ".adoc", ".asciidoc"];
    let name = folded.rsplit('/').next().unwrap_or(folded);
    let is_example = |part: &str| {
        WORDS.contains(&part) || part.split(['.', '_', '-']).any(|word| matches!(word, "example" | "sample"))
    };
    // `config.template.yml`, `app.yml.tmpl`: what a file is made from.
    let is_template = name.split('.').skip(1).any(|part| matches!(part, "template" | "tmpl"));
    is_template
        || folded.split('/').any(is_example)
        || DOCUMENTS.iter().any(|ending| folded.ends_with(ending))
        || is_test_path(folded)
}

/// Whether a path says that its contents are tests, what they are given, or somebody else's program.
pub fn is_test_path(folded: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const WORDS: &[&str] = &[
        "test", "tests", "testing", "testdata", "spec", "specs", "__tests__", "mock", "mocks", "__mocks__",
        "fixture", "fixtures", "benchmark", "benchmarks", "bench", "benches", "microbench", "vendor", "third_party",
        "third-party", "thirdparty", "3rdparty", "bower_components", "node_modules", "site-packages", "e2e", "cypress", "selenium", "stories", "storybook", "testutil", "testutils",
        "unittest", "unittests", "conftest", "testfixtures", "androidtest", "integrationtest", "inttest",
        "functionaltest", "testcases", "testsuite", "testsuites", "fuzz", "fuzzing", "fuzzers", "regress", "t", "__fixtures__", ".yarn", "lcov-report",
    ];
    let name = folded.rsplit('/').next().unwrap_or(folded);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((folded, ""));
    let named_test = matches!(extension, "java" | "kt" | "cs" | "php" | "scala" | "groovy" | "swift" | "vb" | "m")
        && (["testcase", "testbase", "spec"].iter().any(|tail| stem.ends_with(tail)) || ends_in_test(stem));
    let mut above = "";
    let mut is_test = |part| {
        let above = std::mem::replace(&mut above, part);
        WORDS.contains(&part)
            // The source sets of Gradle: `src/dockerTest`.
            || above == "src" && !part.contains('.') && ends_in_test(part)
            || part.split(['.', '_', '-']).any(|word| {
                matches!(word, "test" | "tests" | "spec" | "mock" | "fixture" | "phpunit")
                    || word.ends_with("tests") && ends_in_test(word)
            })
    };
    // Scenarios of Cucumber and its kin are tests wherever they lie.
    named_test || extension == "feature" || folded.split('/').any(&mut is_test)
}

/// Whether a path says that its contents build and test a project on a server.
pub fn is_build_path(folded: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const NAMES: &[&str] = &[
        ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "azure-pipelines.yaml", "appveyor.yml", ".appveyor.yml", ".drone.yml",
        "bitbucket-pipelines.yml", ".cirrus.yml", ".zuul.yaml",
    ];
    const FOLDERS: &[&str] =
        &["ci", ".ci", ".circleci", ".buildkite", ".semaphore", ".devcontainer", "buildscripts", "build-scripts"];
    let mut parts = folded.split('/').rev();
    parts.next().is_some_and(|name| NAMES.contains(&name))
        || parts.any(|folder| FOLDERS.contains(&folder))
        || folded.starts_with(".github/")
        || folded.contains("/.github/")
}

/// Whether a name says that a tool wrote the program, or that it is the release of another project:
/// `a.min.js`, `a.0be49db896d3.js`, `a.bundle.js`, `jquery-3.6.0.js`.
pub fn is_built_name(name: &str) -> bool {
    /// Digits of a hash of the contents, of which builders make a part of the name.
    const HASH: usize = 8;
    let Some((stem, "js" | "mjs" | "cjs")) = name.rsplit_once('.') else { return false };
    let is_hash = |part: &str| {
        part.len() >= HASH
            && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && part.bytes().any(|byte| byte.is_ascii_digit())
            // A date is none.
            && part.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = |part: &str| part.split('.').filter(|number| is_number(number)).count() >= 2;
    stem.split('.').skip(1).any(|part| matches!(part, "min" | "bundle" | "chunk"))
        || stem.split(['.', '-']).skip(1).any(is_hash)
        || stem.split('-').skip(1).any(is_version)
}

/// `usertest`, `usertests`, but no word that happens to end so.
fn ends_in_test(name: &str) -> bool {
    let name = name.strip_suffix('s').unwrap_or(name);
    name.ends_with("test")
        && !["latest", "contest", "attest", "protest", "greatest", "fastest", "shortest", "lightest", "strictest"]
            .iter()
            .any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_by_folder_and_name() {
        for path in [
            "tests/a.py",
            "src/app.spec.ts",
            "docs/x.html",
            "readme.md",
            "a/b_test.go",
            "examples/k.env",
            "x/UserTests.java",
            "module/src/dockerTest/resources/compose.yaml",
            "test/Acme.FunctionalTests/a.json",
            "Acme.UnitTests/a.json",
            "phpunit.xml.dist",
            "guide/setup.adoc",
            "t/unit/app.py",
            "config.template.yml",
            "make/harbor.yml.tmpl",
        ] {
            assert!(is_example_path(&path.to_lowercase()), "{path}");
        }
        for path in [
            "src/contest.py",
            "latest/a.js",
            "attestation.go",
            ".env",
            "specials/a.rb",
            "src/contest/a.yml",
            "src/latest.json",
            "dist/app.yml",
            "templates/app.yml",
        ] {
            assert!(!is_example_path(path), "{path}");
        }
    }

    #[test]
    fn tests_and_builds_are_told_from_examples() {
        assert!(is_test_path("tests/readme.md") && is_test_path("a/x.spec.ts") && is_test_path("fixtures/k.json"));
        assert!(is_test_path("crypto/testsuite/src/a.cpp") && is_test_path("net/fuzzing/seed/0001"));
        assert!(is_test_path("login/reset.feature") && !is_test_path("features/reset.ts"));
        assert!(!is_test_path("docs/a.md") && !is_test_path("examples/k.env") && !is_test_path("config.template.yml"));
        assert!(
            is_build_path(".github/workflows/ci.yml")
                && is_build_path("ci/setup.sh")
                && is_build_path(".devcontainer/compose.yml")
                && is_build_path(".travis.yml")
                && is_build_path("buildscripts/verify.sh")
        );
        assert!(!is_build_path("src/ci.rs") && !is_build_path("circuit/a.yml") && !is_build_path("ci.yml"));
    }

    #[test]
    fn names_of_built_programs() {
        for name in ["a.min.js", "a.0be49db896d3.js", "main-0be49db8.mjs", "vendor.bundle.js", "jquery-3.6.0.js"] {
            assert!(is_built_name(name), "{name}");
        }
        for name in [
            "a.js",
            "min.js",
            "chunk.js",
            "defaced.js",
            "a-deadbeef.js",
            "report-20240510.js",
            "step-2.js",
            "v1.2.py",
            "v1.2.js",
        ] {
            assert!(!is_built_name(name), "{name}");
        }
    }

    #[test]
    fn locks_and_translations_hold_no_settings() {
        assert!(skips_pairs("web/package-lock.json") && skips_pairs("app/locales/de.yml") && skips_pairs("a.js.map"));
        assert!(skips_pairs("Lang/a.txt") && skips_pairs("x/Messages_de.properties"));
        assert!(skips_pairs("src/messages.properties") && skips_pairs("conf/locale/locale_fr-FR.ini"));
        assert!(skips_pairs("web/i18n.lock") && skips_pairs("public/intl/de.json") && skips_pairs("texts/pt-BR.json"));
        assert!(
            !skips_pairs("texts/pt-br.json") && !skips_pairs("texts/db-DE.conf") && !skips_pairs("texts/app-DE.py.in")
        );
        assert!(skips_pairs("a/config_ja.properties") && skips_pairs("a/LocalStrings_zh_CN.properties"));
        assert!(
            !skips_pairs("a/config_qa.properties")
                && !skips_pairs("de.properties")
                && !skips_pairs("a/db_AB.properties")
        );
        assert!(!skips_pairs("locale/names.ini") && !skips_pairs("conf/de.ini"));
        assert!(skips_pairs("public/language/gl/user.json") && skips_pairs("inc/languages/english/member.lang.php"));
        assert!(!skips_pairs("src/language/model.py") && !skips_pairs("language/settings.ini"));
        assert!(!skips_pairs("web/package.json") && !skips_pairs("locale.py") && !skips_pairs("a/lang"));
    }
}
