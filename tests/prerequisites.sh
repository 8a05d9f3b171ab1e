#!/usr/bin/env bash
# Installs the servers that the tests run for real, where they are missing; with --bench those of the benchmarks too.
set -euo pipefail

missing=()
have() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" > /dev/null; }
have redis-server || missing+=(redis-server)
have rsyslogd || missing+=(rsyslog)
[[ -n $(find /usr/lib -path '*rsyslog/lmnsd_gtls.so' -print -quit) ]] || missing+=(rsyslog-gnutls)
[[ -n $(find /usr/lib -path '*rsyslog/omrelp.so' -print -quit) ]] || missing+=(rsyslog-relp)
if [[ ${1:-} == --bench ]]; then
    [[ -n $(find /usr/lib -path '*rsyslog/omhiredis.so' -print -quit) ]] || missing+=(rsyslog-hiredis)
fi
if ((${#missing[@]} == 0)); then
    exit 0
fi

if [[ $(id -u) != 0 ]] || ! command -v apt-get > /dev/null; then
    echo "Needed: ${missing[*]}. Install with 'apt-get install ${missing[*]}' as root (Debian, Ubuntu) or your system's own means." >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
