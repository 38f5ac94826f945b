#!/bin/sh
# Checks SARIF files with Microsoft's validator, with the rules of the standard and those of GitHub.
# Fails on any result of level error or warning. Usage: tests/sarif/validate.sh FILE...
#
# The validator is an npm package; it is kept in a cache folder outside the repository and needs no
# network once it is there. AUTOCLAVE_SARIF_CACHE names another folder.
set -eu

version=5.7.0
cache=${AUTOCLAVE_SARIF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/autoclave-sarif}

if [ $# -eq 0 ]; then
    echo "usage: $0 FILE..." >&2
    exit 2
fi

case $(uname -s) in
    Linux) platform=linux ;;
    Darwin) platform=darwin ;;
    *) echo "$0: no validator for $(uname -s)" >&2; exit 2 ;;
esac
folder=$cache/node_modules/@microsoft/sarif-multitool-$platform
tool=$folder/Sarif.Multitool

if ! grep -qs "\"version\": *\"$version\"" "$folder/package.json"; then
    mkdir -p "$cache"
    # Its install script only sets the executable bit, which is done below.
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$cache" "@microsoft/sarif-multitool@$version" >&2
fi
chmod u+x "$tool"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
status=0
for file in "$@"; do
    # Called directly: the npm wrapper goes through a shell, which splits at the semicolon. It exits
    # with 0 even when it finds errors, so its own report is read.
    "$tool" validate "$file" --rule-kind "Sarif;Ghas" --max-file-size-in-kb 1000000 \
        --output "$out/out.sarif" --log ForceOverwrite >"$out/log" 2>&1 || true
    if [ ! -s "$out/out.sarif" ]; then
        cat "$out/log" >&2
        echo "$file: the validator wrote no report" >&2
        status=1
        continue
    fi
    python3 - "$file" "$out/out.sarif" <<'PYTHON' || status=1
import json, sys

name, path = sys.argv[1:]
with open(path, encoding="utf-8-sig") as file:
    runs = json.load(file)["runs"]
grave = 0
for run in runs:
    driver = run["tool"]["driver"].get("rules", [])
    for result in run.get("results", []):
        level = result.get("level", "warning")
        grave += level in ("error", "warning")
        rule = next((rule for rule in driver if rule["id"] == result["ruleId"]), {})
        message = result["message"]
        text = message.get("text") or rule.get("messageStrings", {}).get(message.get("id"), {}).get("text", "")
        for at, argument in enumerate(message.get("arguments", [])):
            text = text.replace("{%d}" % at, argument)
        place = result.get("locations", [{}])[0].get("physicalLocation", {}).get("region", {})
        print(f"{name}:{place.get('startLine', 1)}: {level} {result['ruleId']}: {text}")
    for invocation in run.get("invocations", []):
        for list_name in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for notification in invocation.get(list_name, []):
                if notification.get("level") == "error":
                    grave += 1
                    print(f"{name}: the validator failed: {notification['message'].get('text', notification)}")
print(f"{name}: {grave} errors and warnings")
sys.exit(1 if grave else 0)
PYTHON
done
exit $status
