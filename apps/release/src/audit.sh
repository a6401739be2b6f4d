#!/usr/bin/env bash
# Does the registry hand out the tarballs of a folder, byte for byte? With HAS_PROVENANCE=true it has to have signed them, too, and who built them.
set -euo pipefail
packed=$(realpath "$1")
mapfile -t specs < <(node -p 'require(process.argv[1]).plan.flat().map(({ name, version }) => `${name}@${version}`).join("\n")' "$packed/publish-plan.json")
cd "$(mktemp -d)"
npm init --yes >/dev/null
# A registry hands out a version some time after it took it: ten minutes are enough, and the last failure is shown.
for _ in $(seq 20); do npm pack --silent "${specs[@]}" 2>error && break || sleep "${PAUSE:-30}"; done
ls ./*.tgz >/dev/null 2>&1 || { cat error >&2; exit 1; }
for file in "$packed"/packages/*.tgz; do cmp "$file" "$(basename "$file")"; done
[ "${HAS_PROVENANCE:-}" = true ] || exit 0
npm install --ignore-scripts "${specs[@]}"
npm audit signatures
for spec in "${specs[@]}"; do npm view "$spec" dist.attestations.url | grep . || { echo "$spec has no provenance."; exit 1; }; done
