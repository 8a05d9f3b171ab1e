#!/usr/bin/env bash
# Builds artifacts/package/wgmonitor_VERSION_ARCH.deb from what `make publish` made. deploy/deb/build.sh ARCH [VERSION]
set -euo pipefail
cd "$(dirname "$0")/../.."

arch=${1:?amd64 or arm64}
version=${2:-$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)}
declare -A runtimes=([amd64]=linux-x64 [arm64]=linux-arm64)
program=artifacts/package/${runtimes[$arch]}/wgmonitor
[[ -x $program ]] || { echo "$program is missing: make publish" >&2; exit 1; }
# Describes the program; the same for every architecture, so one that runs here will do.
describe=artifacts/package/$([[ $(uname -m) == aarch64 ]] && echo linux-arm64 || echo linux-x64)/wgmonitor

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
doc=$root/usr/share/doc/wgmonitor
install -D -m 755 "$program" "$root/usr/bin/wgmonitor"
install -D -m 644 -t "$root/usr/lib/systemd/system" deploy/systemd/*.service
install -D -m 644 deploy/deb/config.toml "$root/etc/wgmonitor/config.toml"
install -D -m 644 -t "$doc" config.example.toml README.md SECURITY.md
install -D -m 644 LICENSE "$doc/copyright"
install -D -m 644 -t "$doc/docs" docs/*.md
install -D -m 644 deploy/deb/lintian-overrides "$root/usr/share/lintian/overrides/wgmonitor"
install -d "$root/usr/share/man/man1" "$root/usr/share/bash-completion/completions" "$root/usr/share/zsh/vendor-completions" "$root/usr/share/fish/vendor_completions.d"
"$describe" manual | gzip -9n > "$root/usr/share/man/man1/wgmonitor.1.gz"
"$describe" completion bash > "$root/usr/share/bash-completion/completions/wgmonitor"
"$describe" completion zsh > "$root/usr/share/zsh/vendor-completions/_wgmonitor"
"$describe" completion fish > "$root/usr/share/fish/vendor_completions.d/wgmonitor.fish"
install -m 644 CHANGELOG.md "$doc/CHANGELOG.md"
{
    echo "wgmonitor ($version) unstable; urgency=medium"
    printf '\n  * What changed is in CHANGELOG.md beside this file.\n\n'
    echo " -- WgMonitor contributors <wgmonitor@users.noreply.github.com>  $(date -R -u -r CHANGELOG.md)"
} | gzip -9n > "$doc/changelog.gz"

install -d "$root/DEBIAN"
size=$(du -sk --apparent-size "$root" | cut -f 1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" deploy/deb/control > "$root/DEBIAN/control"
install -m 755 deploy/deb/postinst deploy/deb/prerm deploy/deb/postrm "$root/DEBIAN"
echo /etc/wgmonitor/config.toml > "$root/DEBIAN/conffiles"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"
chmod 644 "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums" "$root/DEBIAN/control"
find "$root" -type d -exec chmod 755 {} +
find "$root/usr/share" -type f -exec chmod 644 {} +

dpkg-deb --build --root-owner-group -Zxz "$root" "artifacts/package/wgmonitor_${version}_${arch}.deb"
