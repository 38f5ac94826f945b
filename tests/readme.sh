#!/usr/bin/env bash
# Runs the README's two set-up commands exactly as they are written there.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t commands < <(awk '/^```sh$/ {block = 1; next} /^```$/ {block = 0} block' README.md)
if [ "${#commands[@]}" -ne 2 ]; then
  echo "README.md should show exactly two set-up commands, it shows ${#commands[@]}" >&2
  exit 1
fi
for command in "${commands[@]}"; do
  printf '\n$ %s\n' "$command"
  bash -c "$command"
done
