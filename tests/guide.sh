#!/usr/bin/env bash
# Types the commands of a guide's "sh" blocks in their order, as somebody new would, and fails at the first that fails. Each block begins in the same folder.
#   tests/guide.sh README.md                                    begins with the README's own "make run", on its ports
#   WGMONITOR_PROGRAM=FOLDER tests/guide.sh docs/archive.md     with a wgmonitor that is built, on the ports of WGMONITOR_PORTS="SYSLOG API METRICS"
# The product runs meanwhile, unless the guide starts it. What the machine's own kernel and journal would say is told by functions below; nothing outside a
# temporary folder and, with make, the clone is written.
set -uo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
guide=$repository/$1
work=$(mktemp -d)
read -r syslog api metrics <<< "${WGMONITOR_PORTS:-9999 8080 9998}"
if [[ -n ${WGMONITOR_PROGRAM:-} ]]; then
    mkdir -p "$work/artifacts/bin/cli"
    ln -s "$WGMONITOR_PROGRAM" "$work/artifacts/bin/cli/release"
    cp "$repository/config.example.toml" "$work"
    cd "$work" || exit 1
    run=(artifacts/bin/cli/release/wgmonitor up)
else
    cd "$repository" || exit 1
    run=(make run)
fi
home=$PWD
export PATH="$home/artifacts/bin/cli/release:$PATH" WGMONITOR__ARCHIVE__DIRECTORY="$home/archive" WGMONITOR__ARCHIVE__FILE_AGE=1s WGMONITOR__STREAM__TRIM_INTERVAL=1s
export WGMONITOR__COLLECTOR__LISTEN__0__ADDRESS="127.0.0.1:$syslog" WGMONITOR__API__ADDRESS="127.0.0.1:$api" WGMONITOR__METRICS__ADDRESS="127.0.0.1:$metrics"

line='wireguard: wg0: Receiving keepalive packet from peer 8 (203.0.113.6:51820)'
dmesg() { echo "[   91.000000] $line"; }
# With -f it goes on for ever; what reads it has to do with what came.
journalctl() { printf '__REALTIME_TIMESTAMP=1795348800882452\n_SOURCE_MONOTONIC_TIMESTAMP=92000000\n_TRANSPORT=kernel\n_HOSTNAME=vpn-02\nPRIORITY=7\nSYSLOG_IDENTIFIER=kernel\nMESSAGE=%s\n\n' "$line"; }
ssh() { shift && "$@"; }
# An answer that tells of an error is one. A stream of events has no end: its first line does.
curl() {
    if [[ " $* " == *" -N "* ]]; then
        grep -m 1 . < <(command curl --fail --max-time 60 "$@" 2> /dev/null)
    else
        [[ " $* " == *" -sf "* ]] || set -- --fail-with-body "$@"
        command curl --max-time 30 "$@"
    fi
}

fail() {
    echo "$@"
    exit 1
}
within_a_minute() {
    for _ in $(seq 240); do
        "$@" > /dev/null 2>&1 && return
        sleep 0.25
    done
    fail "In vain: $*"
}
stop() {
    local running
    running=$(jobs -p)
    # shellcheck disable=SC2086
    [[ -z $running ]] || { kill -TERM $running && wait; } 2> /dev/null
    rm -rf "$work"
}
trap stop EXIT

# What a user has who comes to a guide: files of a log, a product that has seen forty hosts, and keys of the tool before it.
begin() {
    echo "<7>Nov 22 12:57:55 vpn-01 kernel: [   91.500000] $line" > "$work/kern.log"
    gzip -c "$work/kern.log" > "$work/kern.log.2.gz"
    touch "$work/config.toml"
    ! command curl -s "http://127.0.0.1:$metrics/" > /dev/null || fail "Another program answers on port $metrics; end it, or name ports by WGMONITOR_PORTS."
    "${run[@]}" < /dev/null > "$work/up.log" 2>&1 &
    up=$!
    for _ in $(seq 3600); do
        command curl -sf "http://127.0.0.1:$metrics/readyz" > /dev/null && break
        kill -0 "$up" 2> /dev/null || break
        sleep 0.25
    done
    command curl -sf "http://127.0.0.1:$metrics/readyz" > /dev/null || fail "'${run[*]}' does not become ready: $(cat "$work/up.log")"
    seq -f "<7>Nov 22 12:57:55 site-%02g kernel: [   91.500000] $line" 40 > "$work/sites.log"
    wgmonitor replay "$work/sites.log" > "$work/output" 2>&1 || fail "$(cat "$work/output")"
    redis-cli -s data/redis/redis.sock HSET wireguard_peer:9 ip 203.0.113.9 port 51820 handshake "$(date -u '+%Y-%m-%d %H:%M:%S')" > /dev/null || fail "The product's own Redis takes no key."
    within_a_minute compgen -G 'archive/p03/*.json'
}

type_command() {
    local command=$1 expected=0 code
    [[ $command != *' parked discard '* ]] || expected=1 # no such entry
    command=${command//127.0.0.1:9999/127.0.0.1:$syslog}
    command=${command//127.0.0.1\/9999/127.0.0.1/$syslog}
    command=${command//127.0.0.1:8080/127.0.0.1:$api}
    command=${command//127.0.0.1:9998/127.0.0.1:$metrics}
    command=${command//\/var\/log\//$work/}
    command=${command//\/etc\/wgmonitor\//$work/}
    command=${command//\/var\/lib\/wgmonitor\//$home/}
    echo "\$ $command"
    # A demo has no end either.
    if [[ $command == *' demo '* ]]; then
        timeout --preserve-status --signal=INT 5 env --default-signal=INT bash -c "$command" < /dev/null > "$work/output" 2>&1
    else
        eval "$command" < /dev/null > "$work/output" 2>&1
    fi
    code=$?
    head -c 2000 "$work/output"
    echo
    ((code == expected)) || fail "It ended with $code instead of $expected: $(cat "$work/output")"
}

grep -qx 'wgmonitor up .*' "$guide" || begin
typed=0
typing=
while IFS= read -r text <&3; do
    case $text in
        '```sh') typing=1 && cd "$home" && continue ;;
        '```'*) typing= && continue ;;
    esac
    [[ -n $typing && -n $text && $text != '#'* ]] || continue
    whole=$text
    # A backslash at the end goes on in the next line, a here-document until its last one.
    while [[ $whole == *\\ ]]; do
        IFS= read -r text <&3 || fail "No end: $whole"
        whole=${whole%\\}${text#"${text%%[! ]*}"}
    done
    if [[ $whole =~ \<\<\'([A-Z]+)\' ]]; then
        until [[ $text == "${BASH_REMATCH[1]}" ]]; do
            IFS= read -r text <&3 || fail "No end: $whole"
            whole+=$'\n'$text
        done
    fi
    type_command "$whole"
    typed=$((typed + 1))
done 3< "$guide"
((typed > 0)) || fail "$1 has no command."
if [[ $1 == README.md ]]; then
    grep -q 'vpn-01/1/7' <(curl -s "http://127.0.0.1:$api/api/v1/peers/vpn-01/1/7") || fail "The peer of the line that was sent by hand is not there."
fi
echo "$typed commands of $1 work."
