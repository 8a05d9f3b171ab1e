#!/usr/bin/env bash
# Draws the pictures of the README anew from a running demo: docs/images/make.sh. Needs the built product, python3, curl and chromium.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'kill "$demo" 2> /dev/null || true; wait "$demo" 2> /dev/null || true; rm -rf "$work"' EXIT
program=${WGMONITOR:-$PWD/../../artifacts/bin/cli/release/wgmonitor}
(cd "$work" && exec "$program" demo > demo.txt 2>&1) &
demo=$!
sleep 45
api=$(grep -oE 'http://[0-9.:]+/api' "$work/demo.txt")
{
    echo '$ wgmonitor demo'
    cat "$work/demo.txt"
    echo
    echo "\$ curl -s '$api/v1/peers?limit=1'"
    curl -s "$api/v1/peers?limit=1" | python3 -m json.tool
} > "$work/terminal.txt"
python3 - "$work/terminal.txt" > "$work/terminal.html" << 'PAGE'
import html, re, sys
text = html.escape(open(sys.argv[1]).read())
text = re.sub(r'(?m)^(\$ .*)$', r'<b>\1</b>', text)
text = re.sub(r'(?m)^(\S+ ALERT .*)$', r'<i>\1</i>', text)
print('<body style="margin:0;background:#16181d;color:#d7dae0"><style>pre{font:14px/1.35 "DejaVu Sans Mono";padding:18px;margin:0}b{color:#8ec07c}i{color:#fabd2f;font-style:normal}</style><pre>' + text)
PAGE
shoot() { chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" --window-size="$2" --virtual-time-budget=15000 --screenshot="$PWD/$1" "$3" > /dev/null 2>&1; }
lines=$(wc -l < "$work/terminal.txt")
shoot demo.png "1120,$((lines * 19 + 36))" "file://$work/terminal.html"
shoot api.png 1280,860 "${api%/api}/reference"
