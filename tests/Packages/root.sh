#!/usr/bin/env bash
# A Debian with systemd, rsyslog and redis-server as a folder, artifacts/packages/debian-SUITE: where the package is installed by the tests, each time on a copy in memory.
set -euo pipefail
cd "$(dirname "$0")/../.."

suite=${SUITE:-bookworm}
root=$PWD/artifacts/packages/debian-$suite
[[ $(id -u) == 0 ]] || { echo "Only root can boot a container of systemd: run this as root." >&2; exit 1; }
missing=()
for package in debootstrap:debootstrap systemd-nspawn:systemd-container lintian:lintian dpkg-deb:dpkg; do
    command -v "${package%%:*}" > /dev/null || missing+=("${package##*:}")
done
if ((${#missing[@]})); then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
[[ -d $root ]] && exit 0
rm -rf "$root.new"
mkdir -p "${root%/*}"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,rsyslog,rsyslog-relp,redis-server,ca-certificates,curl "$suite" "$root.new" "${MIRROR:-http://deb.debian.org/debian}" > "$root.log" \
    || { tail -20 "$root.log" >&2; exit 1; }
# Its Redis is for the services that run one by one; each test starts it where it needs it.
chroot "$root.new" systemctl --quiet disable redis-server
mv -T "$root.new" "$root"
