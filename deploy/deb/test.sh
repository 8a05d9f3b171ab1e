#!/usr/bin/env bash
# Installs the package into a root of its own, runs the units' commands exactly as written, upgrades, removes and purges it. Needs root and debootstrap; no systemd
# runs in there. Prints "deb-test: ok" at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."

arch=$(dpkg --print-architecture)
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
deploy/deb/build.sh "$arch"
deploy/deb/build.sh "$arch" "$version+upgrade"
first=artifacts/package/wgmonitor_${version}_${arch}.deb
second=artifacts/package/wgmonitor_${version}+upgrade_${arch}.deb

missing=()
for program in lintian debootstrap; do command -v "$program" > /dev/null || missing+=("$program"); done
if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
echo "lintian ..."
lintian --fail-on error,warning --suppress-tags bad-distribution-in-changes-file "$first"

base=artifacts/deb-test/base
if [[ ! -e $base/.complete ]]; then
    echo "debootstrap ..."
    rm -rf "$base"
    mkdir -p "$base"
    debootstrap --variant=minbase --include=redis-server,adduser,libssl3 "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$base" > artifacts/deb-test/debootstrap.log
    touch "$base/.complete"
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp -a "$base/." "$root"
cp "$first" "$root/first.deb"
cp "$second" "$root/second.deb"
cp deploy/deb/test-inside.sh "$root/test.sh"
# A network, process and mount space of its own: its ports are not this machine's, and nothing lives on after it.
unshare --mount --net --pid --ipc --uts --fork --kill-child sh -c '
    set -e
    ip link set lo up 2> /dev/null || ifconfig lo up
    mount -t proc proc "$1/proc"
    mount -t tmpfs tmpfs "$1/tmp"
    mount --rbind /dev "$1/dev"
    exec chroot "$1" /bin/bash /test.sh
' sh "$root"
echo "deb-test: ok"
