#!/usr/bin/env bash
# What each program consists of, as CycloneDX, from its committed lock file: artifacts/sbom/PROGRAM.cdx.json. Needs Node.js 20 and npm; nothing is
# installed outside artifacts, nothing is uploaded. Fails when a package of a lock file is missing from the result.
set -euo pipefail
cd "$(dirname "$0")/.."

cdxgen=12.8.4
tool=$PWD/artifacts/cdxgen-$cdxgen
out=$PWD/artifacts/sbom
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)

if [[ ! -x $tool/node_modules/.bin/cdxgen ]]; then
    mkdir -p "$tool"
    npm install --prefix "$tool" --omit=optional --no-audit --no-fund --ignore-scripts --loglevel=error "@cyclonedx/cdxgen@$cdxgen"
fi

mkdir -p "$out"
for project in services/collector services/projector services/notifier services/api cli; do
    name=wgmonitor-$(basename "$project")
    [[ $project == cli ]] && name=wgmonitor
    FETCH_LICENSE=false "$tool/node_modules/.bin/cdxgen" --type dotnet --no-install-deps --lifecycle pre-build --no-recurse --no-banner \
        --project-name "$name" --project-version "$version" --output "$out/$name.cdx.json" "$project" > "$out/$name.log" 2>&1 \
        || { cat "$out/$name.log" >&2; exit 1; }
    node - "$out/$name.cdx.json" "$project/packages.lock.json" <<'NODE'
const { readFileSync } = require("fs");
const [bom, lock] = process.argv.slice(2).map(file => JSON.parse(readFileSync(file)));
const listed = new Set((bom.components || []).map(component => component.purl.toLowerCase()));
const packages = Object.values(lock.dependencies).flatMap(Object.entries).filter(([, entry]) => entry.type !== "Project");
const missing = packages.map(([name, entry]) => `pkg:nuget/${name}@${entry.resolved}`.toLowerCase()).filter(purl => !listed.has(purl));
if (bom.bomFormat !== "CycloneDX" || packages.length === 0 || missing.length > 0) {
    console.error(`${process.argv[2]}: ${missing.length} of ${packages.length} packages are missing: ${missing.join(", ")}`);
    process.exit(1);
}
console.log(`${process.argv[2]}: ${packages.length} packages, CycloneDX ${bom.specVersion}`);
NODE
done
