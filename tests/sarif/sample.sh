#!/usr/bin/env bash
# Writes a small project with faults of every kind into a folder, so that a report of it can be
# validated. Credentials are put together here, so that the repository holds none.
set -euo pipefail
folder=${1:?usage: sample.sh FOLDER}
mkdir -p "$folder/app" "$folder/naïve path"
body=q8Zr2LmX0vTn5KwYb7Hd3Fs9Pc4Jg6Ae1Ru
printf 'DB_PASSWORD=%s\nHF_TOKEN=%s%s\n' "blue!Tractor7" "hf_" "QwErTyUiOpAsDfGhJkLzXcVbNmQaWsEdRf" >"$folder/.env.production"
printf 'import hashlib\nimport subprocess\n\n\ndef run(name):\n    # é😀\n    "é😀"; subprocess.run("ls " + name, shell=True)\n    return hashlib.md5(name).hexdigest()\n' >"$folder/app/main.py"
printf 'const crypto = require("node:crypto");\nexport const key = { apiKey: "%s" };\neval(location.hash);\ncrypto.createHash("md5");\n' "$body" >"$folder/naïve path/a b.js"
{
  printf -- '-----BEGIN RSA %s KEY-----\n' PRIVATE
  for _ in 1 2 3 4 5 6 7 8; do printf '%s%s\n' "$body" "9Pc4Jg6Ae1RuXwVt5KwYb7Hd3Fs"; done
  printf -- '-----END RSA %s KEY-----\n' PRIVATE
} >"$folder/id_rsa"
# The key again, so that a result has a second place.
printf 'apiKey: "%s"\n' "$body" >"$folder/naïve path/[b].yml"
