#!/bin/sh
# Redis with one user, whose password is the Secret wgmonitor-redis, and who may do what the services need (docs/scaling.md). The user comes by standard input and as a
# hash: neither arguments nor environment show it, and nothing is written.
set -eu
sh /etc/redis/cut-unfinished.sh /etc/redis/redis.conf /data
hash=$(tr -d '\n' < /run/secrets/wgmonitor/redis/password | sha256sum | cut -d ' ' -f 1)
exec redis-server /etc/redis/redis.conf - << USERS
user default off
user wgmonitor on #$hash ~wgmonitor:* ~wgmonitor.repartition:* &wgmonitor:* +@all -@dangerous +info
USERS
