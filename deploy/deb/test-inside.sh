#!/bin/bash
# The part of test.sh that runs in the new root.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

fail() { echo "deb-test: $*" >&2; exit 1; }
say() { echo "$* ..."; }

# What the unit says, without systemd: its user, its directories, its command.
unit_value() { sed -n "s/^$2=//p" "/usr/lib/systemd/system/$1"; }
start_unit() { # UNIT-FILE INSTANCE
    local command
    command=$(unit_value "$1" ExecStart | sed "s/%i/$2/g")
    install -d -m 0750 -o "$(unit_value "$1" User)" -g "$(unit_value "$1" Group)" "/var/lib/$(unit_value "$1" StateDirectory)"
    cd "$(unit_value "$1" WorkingDirectory)"
    # shellcheck disable=SC2086
    setpriv --reuid "$(unit_value "$1" User)" --regid "$(unit_value "$1" Group)" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
        env -i PATH=/usr/bin:/bin HOME=/nonexistent $command > "/tmp/${2:-one}.log" 2>&1 &
    started+=($!)
    cd /
}
stop_units() {
    kill -TERM "${started[@]}"
    for process in "${started[@]}"; do
        code=0
        wait "$process" || code=$?
        ((code == 0)) || { cat /tmp/*.log >&2; fail "process $process ended with $code"; }
    done
    started=()
}
get() { # PORT PATH
    exec 3<> "/dev/tcp/127.0.0.1/$1" || return 1
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
    cat <&3
    exec 3>&-
}
until_true() { # WHAT COMMAND...
    local what=$1 i
    shift
    for ((i = 0; i < 600; i++)); do
        if "$@" 2> /dev/null; then return; fi
        read -r -t 0.1 <> <(:) || true
    done
    cat /tmp/*.log >&2
    fail "waited in vain: $what"
}
ready() { get "$1" /readyz | grep -q '^HTTP/1.. 200'; }
lists() { get 8080 /api/v1/peers | grep -q "\"id\":\"$1\""; }
send() {
    printf '<7>Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: wg0: Receiving keepalive packet from peer %s (203.0.113.5:51820)' "$1" > /dev/udp/127.0.0.1/9999
}
files() { find / -xdev \( -path /proc -o -path /tmp -o -path /dev -o -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path /run \) -prune -o -print | sort; }

started=()
before=$(files)

say install
dpkg -i /first.deb
id wgmonitor > /dev/null
[[ $(stat -c '%U:%G %a' /etc/wgmonitor/config.toml) == "root:wgmonitor 640" ]] || fail "config.toml is $(stat -c '%U:%G %a' /etc/wgmonitor/config.toml)"
[[ $(stat -c '%U:%G %a' /var/lib/wgmonitor) == "wgmonitor:wgmonitor 750" ]] || fail "data directory"
wgmonitor check-config -c /etc/wgmonitor/config.toml > /dev/null

say "run wgmonitor.service"
start_unit wgmonitor.service ""
until_true "ready" ready 9998
send 7
until_true "the peer is listed" lists vpn-01/1/7
stop_units

say upgrade
echo '# changed by the operator' >> /etc/wgmonitor/config.toml
dpkg -i /second.deb
grep -q 'changed by the operator' /etc/wgmonitor/config.toml || fail "the upgrade lost the operator's change"
[[ $(stat -c '%U:%G %a' /etc/wgmonitor/config.toml) == "root:wgmonitor 640" ]] || fail "config.toml after the upgrade"
start_unit wgmonitor.service ""
until_true "ready after the upgrade" ready 9998
until_true "the peer of before is listed" lists vpn-01/1/7
stop_units

say "run the four services"
redis-server --port 6379 --save "" --appendonly no --dir /tmp > /tmp/redis.log 2>&1 &
redis=$!
printf '[redis]\nurl = "redis://127.0.0.1:6379/0"\n' >> /etc/wgmonitor/config.toml
for service in collector projector notifier api; do start_unit wgmonitor@.service "$service"; done
for port in 9998 9997 9996 8080; do until_true "port $port is ready" ready "$port"; done
send 8
until_true "the peer is listed by the four" lists vpn-01/1/8
stop_units
kill "$redis"
wait "$redis" || true

say remove
dpkg -r wgmonitor
[[ ! -e /usr/bin/wgmonitor ]] || fail "the program is left"
[[ -e /etc/wgmonitor/config.toml && -d /var/lib/wgmonitor/redis ]] || fail "configuration or data went before the purge"

say purge
dpkg -P wgmonitor
if id wgmonitor > /dev/null 2>&1; then fail "the user is left"; fi
left=$(comm -13 <(echo "$before") <(files) | grep -vE '^/(etc/(passwd|group|shadow|gshadow|subuid|subgid)-?)$' || true)
[[ -z $left ]] || fail "left behind: $left"
