//! How names and values are written in a kind of file, told by its name.

/// How values are written in a kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `.env`, ini, properties, shell, Dockerfile: bare values are literals.
    Config,
    /// YAML: bare values are literals, `:` separates.
    Yaml,
    /// JSON: everything is quoted.
    Json,
    /// XML, HTML: attributes and elements.
    Markup,
    /// Programming languages: only quoted text is a literal.
    Code,
    /// Prose, logs and files of no known kind.
    Text,
}

impl Family {
    /// The family of a file, by its name.
    pub fn of_path(path: &str) -> Family {
        let folded = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        // `.env`, `.env.local`, `.env.production`: the extension tells nothing.
        if folded.starts_with(".env") || folded.ends_with(".env") || folded.starts_with("env.") {
            return Family::Config;
        }
        if folded.starts_with("dockerfile") || folded.starts_with("containerfile") {
            return Family::Config;
        }
        let folded = [".j2", ".erb", ".tpl", ".tmpl", ".dist", ".sample", ".example", ".bak", ".old", ".template"]
            .iter()
            .fold(folded.as_str(), |name, suffix| name.strip_suffix(suffix).unwrap_or(name))
            .to_owned();
        // Ansible reads the variables of a group or a host from files that may have no extension.
        let of_inventory = path.rsplit('/').nth(1).is_some_and(|folder| matches!(folder, "group_vars" | "host_vars"));
        let Some((stem, extension)) = folded.rsplit_once('.') else {
            return if of_inventory {
                Family::Yaml
            } else if matches!(folded.as_str(), "jenkinsfile" | "vagrantfile" | "gemfile" | "rakefile" | "podfile") {
                Family::Code
            } else {
                Family::Text
            };
        };
        match extension {
            "yml" | "yaml" | "sls" | "raml" => Family::Yaml,
            "json" | "jsonc" | "json5" | "ipynb" | "tfstate" | "har" | "webmanifest" | "geojson" | "jsonl"
            | "ndjson" | "map" | "avsc" | "template" | "postman_collection" => Family::Json,
            "xml" | "html" | "htm" | "xhtml" | "config" | "csproj" | "plist" | "pom" | "jsp" | "svg" | "xsd"
            | "wsdl" | "xaml" | "resx" | "vbproj" | "props" | "targets" | "nuspec" | "ui" | "jelly" | "vue"
            | "svelte" | "aspx" | "cshtml" | "erb" | "ejs" | "hbs" | "jspx" | "jspf" | "tag" | "xsl" | "xslt"
            | "ftl" | "vm" | "mustache" | "twig" | "liquid" | "cfml" | "launch" | "storyboard" | "xib" | "manifest"
            | "resw" | "ascx" | "master" | "edmx" | "dbml" | "dtsx" | "rdlc" | "pubxml" | "publishsettings"
            | "runsettings" | "testsettings" | "user" | "proj" | "wxs" | "mxml" | "wsdd" | "jnlp" | "razor"
            | "astro" | "jmx" => Family::Markup,
            "ini" | "cfg" | "conf" | "cnf" | "properties" | "prop" | "npmrc" | "pypirc" | "gitconfig" | "netrc"
            | "s3cfg" | "rsp" | "toml" | "sh" | "bash" | "zsh" | "fish" | "ksh" | "csh" | "tcsh" | "bat" | "cmd"
            | "envrc" | "flaskenv" | "service" | "desktop" | "dockerfile" | "tfvars" | "hcl" | "tf" | "ovpn"
            | "inf" | "reg" | "rdp" | "cnx" | "settings" | "boto" | "my.cnf" | "vars" | "make" | "mk" | "nomad"
            | "ora" | "cred" | "credentials" | "secret" | "secrets" | "list" | "secure" | "repo" | "cf" | "rc"
            | "nginx" | "netdev" | "profile" => Family::Config,
            "md" | "txt" | "rst" | "adoc" | "log" | "csv" | "tsv" | "tex" | "org" | "out" | "patch" | "diff" | "po"
            | "pot" | "xlf" | "strings" | "markdown" | "mdx" | "textile" | "asciidoc" => Family::Text,
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "py" | "pyi" | "pyw" | "java" | "kt"
            | "kts" | "scala" | "groovy" | "gradle" | "cs" | "vb" | "fs" | "go" | "rs" | "c" | "h" | "cc" | "cpp"
            | "cxx" | "hpp" | "hh" | "m" | "mm" | "swift" | "php" | "phtml" | "inc" | "rb" | "pl" | "pm" | "lua"
            | "dart" | "r" | "jl" | "ex" | "exs" | "erl" | "clj" | "hs" | "elm" | "ml" | "sql" | "ps1" | "psm1"
            | "psd1" | "coffee" | "sol" | "vbs" | "pas" | "d" | "nim" | "zig" | "v" | "cr" | "tcl" | "awk" | "nix"
            | "bzl" | "bazel" | "cmake" | "proto" | "graphql" | "feature" | "bas" | "cls" | "frm" | "vba" | "asp"
            | "pp" | "cljs" | "cljc" | "edn" | "cfm" | "ahk" | "au3" | "applescript" | "hx" | "fsx" | "ino" | "pde"
            | "cu" | "sc" | "raku" | "rkt" | "el" | "lisp" | "scm" | "svh" | "sv" | "vhd" | "jenkinsfile" | "abap"
            | "cob" | "cbl" | "cpy" | "f90" | "ada" | "adb" | "ads" | "hrl" | "bicep" | "robot" | "cue" | "jsonnet"
            | "libsonnet" | "dhall" | "rake" | "ru" | "gemspec" | "podspec" | "thor" | "jbuilder" | "cap" | "fsi"
            | "vala" | "pyx" | "pxd" | "sage" | "t" | "psgi" | "plx" | "cgi" | "php3" | "php4" | "php5" | "php7"
            | "module" | "ctp" | "as" | "gvy" | "gsh" | "hxx" | "h++" | "c++" | "inl" | "ipp" | "tcc" | "mq4"
            | "mq5" | "ashx" | "bsl" | "lpr" | "dpr" | "wsgi" | "asm" | "sas" => Family::Code,
            _ if stem.is_empty() => Family::Config,
            _ => Family::Text,
        }
    }

    /// Whether files of this kind hold settings, not programs or prose.
    pub fn holds_settings(self) -> bool {
        matches!(self, Family::Config | Family::Yaml | Family::Json | Family::Markup)
    }

    /// Whether text without quotes is a literal value here.
    pub(super) fn has_bare_values(self) -> bool {
        matches!(self, Family::Config | Family::Yaml | Family::Text)
    }
}
