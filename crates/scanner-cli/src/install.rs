//! The command `install-hook`: puts hooks into a repository, or into all of a user's, and takes them out again.
//!
//! It is the only command that runs git, which alone knows where hooks are looked for.

use crate::Exit;
use crate::args::InstallArgs;
use crate::ui::{self, Failure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a hook that was there before is called while ours stands in its place.
const BEFORE: &str = "before-autoclave";

/// Tells our scripts from others.
const MARK: &str = "# Installed by `autoclave install-hook`";

/// Hooks that a folder for all repositories hands on to the repository's own, besides those that scan: with such
/// a folder git looks nowhere else.
const HANDED_ON: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "prepare-commit-msg",
    "sendemail-validate",
];

/// Installs or removes.
pub(crate) fn run(args: &InstallArgs) -> Result<Exit, Failure> {
    let hooks: &[&str] = match (args.pre_commit, args.pre_push) {
        (true, true) => &["pre-commit", "pre-push"],
        (false, true) => &["pre-push"],
        _ => &["pre-commit"],
    };
    match (args.global, args.uninstall) {
        (true, false) => install_for_all(hooks)?,
        (true, true) => remove_for_all()?,
        (false, uninstall) => {
            let folder = PathBuf::from(git(&["rev-parse", "--git-path", "hooks"])?);
            let from_configuration = takes_hooks_from_configuration(&git(&["--version"])?);
            for hook in if uninstall { &["pre-commit", "pre-push"][..] } else { hooks } {
                let file = folder.join(hook);
                if uninstall {
                    remove(&file)?;
                    remove_configured("--local", hook)?;
                } else if from_configuration && !configured(None, hook).is_empty() {
                    ui::note(&format!("git's configuration has `autoclave hook {hook}` run already"));
                } else {
                    refuse_managed(&folder, &file)?;
                    install(&file, hook, false)?;
                    ui::note(&format!("{} runs `autoclave hook {hook}`", file.display()));
                }
            }
        }
    }
    Ok(Exit::Clean)
}

/// Other programs that manage hooks would write over ours, or never look at them; they have a place of their
/// own for what they shall run.
fn refuse_managed(folder: &Path, file: &Path) -> Result<(), Failure> {
    let hook = file.file_name().unwrap_or_default().to_string_lossy();
    let top = git(&["rev-parse", "--show-toplevel"]).map(PathBuf::from).unwrap_or_default();
    let has = |names: &[&str]| names.iter().any(|name| top.join(name).is_file());
    let text = fs::read_to_string(file).unwrap_or_default();
    let told = if folder.components().any(|part| part.as_os_str() == ".husky") {
        format!("husky runs the hooks here: add the line `autoclave hook {hook}` to .husky/{hook}")
    } else if has(&["lefthook.yml", ".lefthook.yml", "lefthook.yaml", "lefthook.toml"]) {
        format!(
            "lefthook runs the hooks here: add to its configuration\n{hook}:\n  commands:\n    autoclave:\n      run: autoclave hook {hook}"
        )
    } else if text.contains("pre-commit.com") {
        "pre-commit runs the hooks here: add a hook with `entry: autoclave hook` to .pre-commit-config.yaml".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure(told))
}

/// Writes our script, and keeps one that is there to be run first.
fn install(file: &Path, hook: &str, for_all: bool) -> Result<(), Failure> {
    let failure = |error| Failure::io(file, &error);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failure)?;
    }
    if file.exists() && !is_ours(file) {
        let before = before(file);
        if before.exists() {
            return Err(Failure(format!("{} is there already; put it elsewhere", before.display())));
        }
        fs::rename(file, before).map_err(failure)?;
    }
    fs::write(file, script(hook, for_all, true)?).map_err(failure)?;
    make_executable(file).map_err(failure)
}

/// Removes our script, and puts back what was there before.
fn remove(file: &Path) -> Result<(), Failure> {
    let failure = |error| Failure::io(file, &error);
    if !is_ours(file) {
        return Ok(());
    }
    fs::remove_file(file).map_err(failure)?;
    if before(file).exists() {
        fs::rename(before(file), file).map_err(failure)?;
    }
    ui::note(&format!("{} is as it was before", file.display()));
    Ok(())
}

fn before(file: &Path) -> PathBuf {
    file.with_extension(BEFORE)
}

fn is_ours(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.contains(MARK))
}

/// A hook's script: what was there before, the repository's own hook where ours is one for all, then the scan.
fn script(hook: &str, for_all: bool, scans: bool) -> Result<String, Failure> {
    let program = program()?;
    let mut text = format!("#!/bin/sh\n{MARK}; `autoclave install-hook --uninstall` takes it out again.\n");
    // References come on standard input, which can be read only once.
    let (read, input) = if hook == "pre-push" { ("input=$(cat)\n", "printf '%s\\n' \"$input\" | ") } else { ("", "") };
    text.push_str(read);
    let mut others = vec![format!("$0.{BEFORE}")];
    if for_all {
        others.push(format!("$(git rev-parse --git-common-dir)/hooks/{hook}"));
    }
    for other in others {
        text.push_str(&format!(
            "other=\"{other}\"\nif [ -x \"$other\" ]; then {input}\"$other\" \"$@\" || exit $?; fi\n"
        ));
    }
    if scans {
        text.push_str(&format!(
            "program=autoclave\ncommand -v \"$program\" >/dev/null 2>&1 || program='{program}'\n{input}\"$program\" hook {hook} \"$@\"\n"
        ));
    }
    Ok(text)
}

/// Where this program lies, to stand between single quotes in a script.
fn program() -> Result<String, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure(format!("where this program lies: {error}")))?;
    Ok(program.to_string_lossy().replace('\'', "'\\''"))
}

#[cfg(unix)]
fn make_executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// New versions of git take hooks from the configuration, beside those of repositories; with older ones a folder
/// of hooks for all repositories hands on to their own.
fn install_for_all(hooks: &[&str]) -> Result<(), Failure> {
    if takes_hooks_from_configuration(&git(&["--version"])?) {
        for hook in hooks {
            // Programs with windows that run git often know no more than the usual folders.
            let command = format!("\"$(command -v autoclave || echo '{}')\" hook {hook}", program()?);
            git(&["config", "--global", &format!("hook.autoclave-{hook}.event"), hook])?;
            git(&["config", "--global", &format!("hook.autoclave-{hook}.command"), &command])?;
            ui::note(&format!("git runs `autoclave hook {hook}` in all repositories"));
        }
        return Ok(());
    }
    let folder = match git(&["config", "--global", "--type=path", "core.hooksPath"]) {
        Ok(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => {
            let folder = own_folder()?;
            for hook in HANDED_ON {
                let file = folder.join(hook);
                fs::create_dir_all(&folder).map_err(|error| Failure::io(&folder, &error))?;
                fs::write(&file, script(hook, true, false)?).map_err(|error| Failure::io(&file, &error))?;
                make_executable(&file).map_err(|error| Failure::io(&file, &error))?;
            }
            git(&["config", "--global", "core.hooksPath", &folder.to_string_lossy()])?;
            folder
        }
    };
    for hook in hooks {
        install(&folder.join(hook), hook, true)?;
        ui::note(&format!("{} runs `autoclave hook {hook}` in all repositories", folder.join(hook).display()));
    }
    Ok(())
}

fn remove_for_all() -> Result<(), Failure> {
    for hook in ["pre-commit", "pre-push"] {
        remove_configured("--global", hook)?;
    }
    let Ok(folder) = git(&["config", "--global", "--type=path", "core.hooksPath"]).map(PathBuf::from) else {
        return Ok(());
    };
    if folder != own_folder()? {
        return ["pre-commit", "pre-push"].iter().try_for_each(|hook| remove(&folder.join(hook)));
    }
    git(&["config", "--global", "--unset", "core.hooksPath"])?;
    for hook in HANDED_ON.iter().map(|hook| folder.join(hook)).filter(|file| is_ours(file)) {
        fs::remove_file(&hook).map_err(|error| Failure::io(&hook, &error))?;
    }
    ui::note("git looks for hooks in each repository again");
    Ok(())
}

/// The names under which the configuration (all of it, or that of a scope) has a hook of ours.
fn configured(scope: Option<&str>, hook: &str) -> Vec<String> {
    let args: Vec<&str> =
        ["config"].into_iter().chain(scope).chain(["--get-regexp", "^hook\\..*\\.command$"]).collect();
    // Where there is none git fails.
    let text = git(&args).unwrap_or_default();
    let named = text.lines().filter_map(|line| {
        let (key, command) = line.split_once(' ')?;
        let name = key.strip_prefix("hook.")?.strip_suffix(".command")?;
        runs_us(command, hook).then(|| name.to_owned())
    });
    named.collect()
}

/// Whether a command is `autoclave hook HOOK`, wherever the program lies; without a name it is that for commits.
fn runs_us(command: &str, hook: &str) -> bool {
    let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'', '(', ')', '$']));
    let words: Vec<&str> = words.collect();
    let is_ours = |word: &&str| Path::new(word).file_stem().is_some_and(|name| name == "autoclave");
    let Some(at) = words.iter().position(|word| *word == "hook") else { return false };
    let named = words[at + 1..].iter().find(|word| !word.starts_with('-'));
    words[..at].iter().any(is_ours) && *named.unwrap_or(&"pre-commit") == hook
}

/// Takes hooks of ours out of the configuration of a scope.
fn remove_configured(scope: &str, hook: &str) -> Result<(), Failure> {
    for name in configured(Some(scope), hook) {
        git(&["config", scope, "--remove-section", &format!("hook.{name}")])?;
        ui::note(&format!("hook.{name} is no more in git's configuration"));
    }
    Ok(())
}

/// The folder of hooks for all repositories.
fn own_folder() -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".config"));
    let configuration = variable("XDG_CONFIG_HOME").or_else(home);
    let configuration = configuration.ok_or_else(|| Failure("neither XDG_CONFIG_HOME nor HOME is set".into()))?;
    Ok(configuration.join("autoclave").join("hooks"))
}

/// Whether `git --version` tells 2.54 or later.
fn takes_hooks_from_configuration(version: &str) -> bool {
    let number = version.split_whitespace().nth(2).unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (2, 54)
}

/// Runs git, and gives what it says.
fn git(args: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").args(args).output();
    let output = output.map_err(|error| Failure(format!("git cannot be run: {error}")))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Failure(format!("git {}: {reason}", args.join(" "))));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_git_are_told_apart() {
        assert!(takes_hooks_from_configuration("git version 2.54.0"));
        assert!(takes_hooks_from_configuration("git version 3.0.1.windows.2"));
        assert!(!takes_hooks_from_configuration("git version 2.39.5 (Apple Git-154)"));
        assert!(!takes_hooks_from_configuration("no version"));
    }

    #[test]
    fn commands_of_ours_are_known() {
        assert!(runs_us("autoclave hook pre-push", "pre-push") && runs_us("autoclave hook", "pre-commit"));
        assert!(runs_us("'/opt/bin/autoclave' hook --quiet pre-commit", "pre-commit"));
        assert!(runs_us("\"$(command -v autoclave || echo '/opt/autoclave')\" hook pre-push", "pre-push"));
        assert!(!runs_us("autoclave hook pre-push", "pre-commit") && !runs_us("autoclave scan", "pre-commit"));
        assert!(!runs_us("other hook pre-push", "pre-push"));
    }
}
