#!/usr/bin/env bash
# wgmonitor as one file a platform, which needs no .NET on the machine: artifacts/publish/linux-x64/wgmonitor, linux-arm64, and SHA256SUMS.
# deploy/publish.sh [RID...]; VERSION=… for another version than that of Directory.Build.props. Either platform builds on any.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/artifacts/publish
build=$out/build
if (($#)); then platforms=("$@"); else platforms=(linux-x64 linux-arm64); fi

content_hashes() { grep -o '"contentHash": "[^"]*"' "$1" | sort -u; }

for platform in "${platforms[@]}"; do
    echo "$platform ..."
    # Style and analyzers have their say in `make lint`. The services are programs of their own and libraries of this one, which is all that is started here.
    dotnet publish cli/cli.csproj --configuration Release --runtime "$platform" --self-contained true --output "$build/$platform" \
        ${VERSION:+-p:Version="$VERSION"} -p:ArtifactsPath="$build" -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false \
        -p:ValidateExecutableReferencesMatchSelfContained=false -p:EnableSingleFileAnalyzer=false -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -p:GenerateDocumentationFile=false \
        -p:DebugType=none -p:ContinuousIntegrationBuild=true -nodeReuse:false --tl:off --verbosity quiet
    # A lock file is valid for one set of platforms, and nobody commits one for each: what went into the program must stand in the committed one.
    unknown=$(comm -23 <(content_hashes "$build/lock/cli.$platform.json") <(content_hashes cli/packages.lock.json))
    [[ -z $unknown ]] || { echo "$platform: packages that cli/packages.lock.json does not know: $unknown" >&2; exit 1; }
    mkdir -p "$out/$platform"
    install -m 0755 "$build/$platform/wgmonitor" "$out/$platform/wgmonitor"
    install -m 0644 LICENSE deploy/debian/copyright "$out/$platform"
    # Of those whose work is in the runtime.
    dotnet msbuild cli/cli.csproj -target:ResolveFrameworkReferences -getItem:ResolvedRuntimePack -p:Configuration=Release -p:RuntimeIdentifier="$platform" \
        -p:SelfContained=true -p:ArtifactsPath="$build" | sed -n 's/.*"PackageDirectory": "\(.*\)".*/\1/p' | sort -u \
        | while read -r pack; do cat "$pack"/THIRD-PARTY-NOTICES.*; done > "$out/$platform/THIRD-PARTY-NOTICES"
    [[ -s $out/$platform/THIRD-PARTY-NOTICES ]] || { echo "$platform: the notices of the runtime are missing." >&2; exit 1; }
done

cd "$out"
sha256sum linux-*/wgmonitor | tee SHA256SUMS
