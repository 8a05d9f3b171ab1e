#!/usr/bin/env bash
# Debian packages of what deploy/publish.sh made: artifacts/packages/wgmonitor_VERSION_ARCHITECTURE.deb. Needs dpkg-deb only.
# deploy/deb.sh [RID...]; VERSION, MAINTAINER, OUT (a folder) and LEVEL (of compression, 0 to 9) from the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

version=${VERSION:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}
tilde='~' # sorts in front of the release, as a hyphen does for NuGet
debian_version=${version/-/$tilde}
maintainer=${MAINTAINER:-The WgMonitor authors <maintainers@wgmonitor.invalid>}
out=${OUT:-artifacts/packages}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || date +%s)}
if (($#)); then platforms=("$@"); else platforms=(linux-x64 linux-arm64); fi

# Manual page and completions are printed by the program, so one that runs here is needed, whatever the package is for.
case $(uname -m) in x86_64) native=linux-x64 ;; aarch64) native=linux-arm64 ;; *) echo "wgmonitor is not built for $(uname -m)." >&2; exit 1 ;; esac
wgmonitor=artifacts/publish/$native/wgmonitor
for platform in "$native" "${platforms[@]}"; do
    [[ -x artifacts/publish/$platform/wgmonitor ]] || { echo "artifacts/publish/$platform/wgmonitor is missing: make publish." >&2; exit 1; }
done
[[ $($wgmonitor --version) == "$version" ]] || { echo "$wgmonitor is version $($wgmonitor --version), not $version: make publish." >&2; exit 1; }

# put MODE FILE TARGET: a file of the repository; write TARGET: standard input.
put() { install -D -m "$1" "$2" "$root/$3"; }
write() { mkdir -p "$root/$(dirname "$1")" && cat > "$root/$1"; }

for platform in "${platforms[@]}"; do
    case $platform in linux-x64) architecture=amd64 ;; linux-arm64) architecture=arm64 ;; *) echo "No Debian architecture is known for $platform." >&2; exit 1 ;; esac
    root=artifacts/packages/root-$architecture
    rm -rf "$root"

    put 0755 "artifacts/publish/$platform/wgmonitor" usr/bin/wgmonitor
    put 0640 deploy/debian/config.toml etc/wgmonitor/config.toml
    put 0644 deploy/systemd/wgmonitor.service usr/lib/systemd/system/wgmonitor.service
    put 0644 deploy/systemd/wgmonitor@.service usr/lib/systemd/system/wgmonitor@.service
    put 0755 deploy/compose/redis/cut-unfinished.sh usr/share/wgmonitor/cut-unfinished.sh
    put 0644 deploy/debian/sysusers.conf usr/lib/sysusers.d/wgmonitor.conf
    put 0644 deploy/debian/tmpfiles.conf usr/lib/tmpfiles.d/wgmonitor.conf
    $wgmonitor manual | gzip -9n | write usr/share/man/man1/wgmonitor.1.gz
    $wgmonitor completion bash | write usr/share/bash-completion/completions/wgmonitor
    $wgmonitor completion zsh | write usr/share/zsh/vendor-completions/_wgmonitor
    $wgmonitor completion fish | write usr/share/fish/vendor_completions.d/wgmonitor.fish
    put 0644 config.example.toml usr/share/doc/wgmonitor/examples/config.example.toml
    put 0644 deploy/prometheus/wgmonitor.rules.yml usr/share/doc/wgmonitor/examples/wgmonitor.rules.yml
    put 0644 deploy/debian/copyright usr/share/doc/wgmonitor/copyright
    put 0644 deploy/debian/lintian-overrides usr/share/lintian/overrides/wgmonitor
    gzip -9n < "artifacts/publish/$platform/THIRD-PARTY-NOTICES" | write usr/share/doc/wgmonitor/THIRD-PARTY-NOTICES.gz
    gzip -9n < CHANGELOG.md | write usr/share/doc/wgmonitor/CHANGELOG.md.gz
    write usr/share/doc/wgmonitor/changelog <<END
wgmonitor ($debian_version) unstable; urgency=medium

  * What changed is told by CHANGELOG.md.gz beside this file.

 -- $maintainer  $(date --utc --rfc-email --date "@$SOURCE_DATE_EPOCH")
END
    gzip -9n "$root/usr/share/doc/wgmonitor/changelog"

    mkdir "$root/DEBIAN"
    (cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
    echo /etc/wgmonitor/config.toml > "$root/DEBIAN/conffiles"
    install -m 0755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN/"
    sed -e "s|@VERSION@|$debian_version|; s|@ARCHITECTURE@|$architecture|; s|@MAINTAINER@|$maintainer|; s|@SIZE@|$(du -ks --exclude DEBIAN "$root" | cut -f1)|" \
        deploy/debian/control > "$root/DEBIAN/control"

    mkdir -p "$out"
    # xz, for dpkg of Debian knows zstd since 12 only.
    dpkg-deb --root-owner-group -Zxz "-z${LEVEL:-6}" --build "$root" "$out" | cat
done
