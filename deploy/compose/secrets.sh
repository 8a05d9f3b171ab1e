#!/bin/sh
# Makes the password of Redis once, in secrets/ or $WGMONITOR_SECRETS. The folder is yours alone; the file in it is readable, because the containers,
# into which it is mounted, run as other users.
set -eu
folder=${WGMONITOR_SECRETS:-$(dirname "$0")/secrets}
mkdir -p -m 700 "$folder"
[ -s "$folder/redis_password" ] && exit 0
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/redis_password"
chmod 444 "$folder/redis_password"
