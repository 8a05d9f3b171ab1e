#!/usr/bin/env bash
# Types the commands of README.md in their order, as somebody new would, and fails at the first that fails, or that is not known here.
#   tests/readme.sh                             begins with the README's own "make run", on its ports
#   WGMONITOR_PROGRAM=FOLDER tests/readme.sh    with a wgmonitor that is built, on the ports of WGMONITOR_PORTS="SYSLOG API METRICS"
# What the machine's own kernel and journal would say is told by functions below; nothing outside a temporary folder and, with make, the clone is written.
set -uo pipefail
readme=$(cd "$(dirname "$0")/.." && pwd)/README.md
work=$(mktemp -d)
read -r syslog api metrics <<< "${WGMONITOR_PORTS:-9999 8080 9998}"
if [[ -n ${WGMONITOR_PROGRAM:-} ]]; then
    mkdir -p "$work/artifacts/bin/cli"
    ln -s "$WGMONITOR_PROGRAM" "$work/artifacts/bin/cli/release"
    cp "$(dirname "$readme")/config.example.toml" "$work"
    cd "$work" || exit 1
    run=(artifacts/bin/cli/release/wgmonitor up)
else
    cd "$(dirname "$readme")" || exit 1
    run=(make run)
fi
export PATH="$PWD/artifacts/bin/cli/release:$PATH" WGMONITOR__ARCHIVE__DIRECTORY="$PWD/archive"
export WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS="127.0.0.1:$syslog" WGMONITOR__API__ADDRESS="127.0.0.1:$api" WGMONITOR__METRICS__ADDRESS="127.0.0.1:$metrics"

line='wireguard: wg0: Receiving keepalive packet from peer 8 (203.0.113.6:51820)'
dmesg() { echo "[   91.000000] $line"; }
# With -f it goes on for ever; what reads it has to do with what came.
journalctl() { printf '__REALTIME_TIMESTAMP=1795348800882452\n_SOURCE_MONOTONIC_TIMESTAMP=92000000\n_TRANSPORT=kernel\n_HOSTNAME=vpn-02\nPRIORITY=7\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=%s\n\n' "$line"; }
ssh() { shift && "$@"; }
# A stream of events has no end.
curl() {
    command curl --max-time 3 "$@" && return
    [[ $? == 28 && " $* " == *" -N "* ]]
}
export -f dmesg journalctl ssh curl
export line
echo "<7>Nov 22 12:57:55 vpn-01 kernel: [   91.500000] $line" > "$work/kern.log"
gzip -c "$work/kern.log" > "$work/kern.log.2.gz"
touch "$work/config.toml"

"${run[@]}" < /dev/null > "$work/up.log" 2>&1 &
up=$!
stop() {
    kill -TERM "$up" 2> /dev/null
    wait "$up" 2> /dev/null
    rm -rf "$work"
}
trap stop EXIT
for _ in $(seq 3600); do
    command curl -sf "http://127.0.0.1:$metrics/readyz" > /dev/null && break
    kill -0 "$up" 2> /dev/null || break
    sleep 0.25
done
command curl -sf "http://127.0.0.1:$metrics/readyz" > /dev/null || { echo "'${run[*]}' does not become ready:"; cat "$work/up.log"; exit 1; }

# The lines of the blocks, those with a backslash at their end joined.
commands() { sed -n 's/^    \([^ ].*\)/\1/p' "$readme" | sed -e ':join' -e '/\\$/ { N; s/\\\n */ /; b join }'; }

typed=0
while IFS= read -r command; do
    case $command in
        'git clone '* | 'make run' | 'make test '* | 'make lint') continue ;; # how this came to run
        *dynamic_debug* | 'sysctl '* | *'/etc/rsyslog.d/'*) continue ;; # of a VPN host's root; the files of "setup host" are checked with real daemons
        'deploy/compose/'* | 'docker '*) continue ;; # make compose-test
        'make deb '* | 'apt install '*) continue ;; # make deb-test
        'kubectl '*) continue ;; # rendered and checked by tests/Deployment.Tests
        'duckdb '*) continue ;; # tests/Archive.Tests asks the files this way
        '#'* | 'kern.* '* | 'module('* | 'global('* | '[['* | [a-z_]*' = '*) continue ;; # no command: files of configuration
        *' parked discard '*) expected=1 ;; # no such entry
        'artifacts/bin/'* | 'wgmonitor '* | 'printf '* | 'curl '* | 'dmesg '* | 'zcat '* | 'journalctl '* | 'ssh '*) expected=0 ;;
        *) echo "README.md has a command that nobody tries: $command"; exit 1 ;;
    esac
    command=${command//127.0.0.1:9999/127.0.0.1:$syslog}
    command=${command//127.0.0.1\/9999/127.0.0.1/$syslog}
    command=${command//127.0.0.1:8080/127.0.0.1:$api}
    command=${command//127.0.0.1:9998/127.0.0.1:$metrics}
    command=${command//\/var\/log\//$work/}
    command=${command//\/etc\/wgmonitor\//$work/}
    echo "\$ $command"
    # A demo has no end either.
    if [[ $command == *' demo '* ]]; then
        timeout --preserve-status --signal=INT 5 env --default-signal=INT bash -c "$command" < /dev/null > "$work/output" 2>&1
    else
        timeout 60 bash -c "set -o pipefail; $command" < /dev/null > "$work/output" 2>&1
    fi
    code=$?
    head -c 600 "$work/output"
    echo
    if ((code != expected)); then
        echo "It ended with $code instead of $expected:"
        cat "$work/output"
        exit 1
    fi
    typed=$((typed + 1))
done < <(commands)
grep -q '"peer"\|vpn-01/1/7' <(command curl -s "http://127.0.0.1:$api/api/v1/peers/vpn-01/1/7") || { echo "The peer of the line that was sent by hand is not there."; exit 1; }
echo "$typed commands of README.md work."
