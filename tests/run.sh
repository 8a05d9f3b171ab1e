#!/usr/bin/env bash
# Runs every built tests/*.Tests project; the last line is exactly "N passed, N failed".
# A project that crashes, runs no test or skips one counts as failed.
set -euo pipefail
cd "$(dirname "$0")/.."

configuration=${1:-Release}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

modules=""
for project in tests/*.Tests; do
    name=$(basename "$project")
    dll="artifacts/bin/$name/${configuration,,}/WgMonitor.$name.dll"
    if [[ ! -f $dll ]]; then
        echo "$dll is missing: build first ('make test' does), and see that WgMonitor.sln lists $name." >&2
        exit 1
    fi
    modules+="$dll;"
done

code=0
dotnet test --test-modules "${modules%;}" --no-ansi --no-progress --timeout 30m < /dev/null 2>&1 | tee "$log" || code=${PIPESTATUS[0]}

# The summary at the end: "  error: 2" (modules that crashed or ran nothing), "  failed: 1", "  succeeded: 56", "  skipped: 0".
count() {
    local number
    number=$(sed -n "/^Test run summary/,\$ s/^  $1: \([0-9]*\)$/\1/p" "$log" | tail -1)
    echo "${number:-0}"
}
passed=$(count succeeded)
skipped=$(count skipped)
bad=$(($(count failed) + skipped + $(count error)))

if ((skipped > 0)); then
    echo "$skipped tests were skipped; a test here either runs or is removed."
fi
if ((code != 0)); then
    echo "The test run ended with code $code:"
    # With what they say, down to the first line of the stack.
    awk '/^(failed|skipped) |^[^ ].* Zero tests ran|^Exit code: ([13-79]|8.|1..)/ {print; shown = /^failed /; next} shown && /^ / {print} /^[^ ]|^    at / {shown = 0}' "$log"
    ((bad > 0)) || bad=1
fi
if ((passed + bad == 0)); then
    echo "No test ran."
    bad=1
fi

echo "$passed passed, $bad failed" | tee artifacts/test-summary
((bad == 0))
