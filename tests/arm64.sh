#!/usr/bin/env bash
# Runs the single file for linux-arm64 (make publish PLATFORMS=linux-arm64) on a machine of another kind, in qemu's user mode with the libraries of Debian for
# arm64: all services and a redis-server of this machine, one line in by UDP, its peer out by the API. Needs Debian and root for qemu-user-static.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/artifacts/publish/linux-arm64/wgmonitor
folder=$PWD/artifacts/arm64
packages=(libc6 libgcc-s1 libstdc++6 libssl3 zlib1g)

command -v qemu-aarch64-static > /dev/null || apt-get install -y -qq --no-install-recommends qemu-user-static > /dev/null
if [[ ! -d $folder/root ]]; then
    mkdir -p "$folder/state" "$folder/packages" "$folder/root"
    # Its own lists, so that the machine's stay as they are.
    apt=(-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::lists="$folder/state" -o APT::Sandbox::User=root)
    apt-get "${apt[@]}" update -qq
    (cd "$folder/packages" && apt-get "${apt[@]}" download -qq "${packages[@]}")
    for package in "$folder"/packages/*.deb; do dpkg -x "$package" "$folder/root"; done
fi

work=$(mktemp -d)
# The server is found by it, and started by this machine.
export QEMU_LD_PREFIX=$folder/root
read -r syslog api metrics <<< "${WGMONITOR_PORTS:-29999 28080 29998}"
printf '[metrics]\naddress = "127.0.0.1:%s"\n[api]\naddress = "127.0.0.1:%s"\n[[collector.listen]]\naddress = "127.0.0.1:%s"\n' "$metrics" "$api" "$syslog" > "$work/config.toml"
arm64() { qemu-aarch64-static "$program" "$@"; }

arm64 --version
arm64 check-config --offline -c "$work/config.toml" > /dev/null
qemu-aarch64-static "$program" up -c "$work/config.toml" --data-dir "$work/data" > "$work/log" 2>&1 &
up=$!
trap 'kill $up 2> /dev/null; wait $up || true; rm -rf "$work"' EXIT
wait_for() {
    for _ in $(seq 120); do
        if "$@"; then return; fi
        kill -0 $up || { cat "$work/log"; exit 1; }
        sleep 0.5
    done
    echo "In vain: $*" >&2
    exit 1
}
is_ready() { curl -sf "http://127.0.0.1:$metrics/readyz" > /dev/null; }
has_peer() { curl -sf "http://127.0.0.1:$api/api/v1/peers" | grep -q '"id":"vpn-01/1/7".*"ip":"203.0.113.5","port":51820'; }
wait_for is_ready
printf '<7>Nov 22 12:57:54 vpn-01 kernel: [   90.246220] wireguard: wg0: Receiving keepalive packet from peer 7 (203.0.113.5:51820)' > "/dev/udp/127.0.0.1/$syslog"
wait_for has_peer
kill -TERM $up
code=0
wait $up || code=$?
((code == 0)) || { cat "$work/log"; echo "It ended with $code." >&2; exit 1; }
trap 'rm -rf "$work"' EXIT
echo "linux-arm64: started, took a line, told the peer, and ended with 0."
