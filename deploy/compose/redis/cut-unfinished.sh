#!/bin/sh
# usage: cut-unfinished.sh REDIS.CONF DATA_DIRECTORY, before each start of redis-server.
# One that was killed while it wrote a transaction leaves half of it at the end of its file. The next start does not apply it, but cuts off its last command only;
# the rest comes back at the start after that. Loading the data once more, before anybody writes, cuts off all of it. Takes as long as loading, after a kill only.
set -eu
log=$2/appendonlydir/appendonly.aof.manifest
if [ ! -e "$log" ] || redis-check-aof "$log" > /dev/null 2>&1; then exit 0; fi
# Where nobody else looks for it.
socket=$2/unfinished.sock
redis-server "$1" --dir "$2" --port 0 --unixsocket "$socket" --daemonize no --supervised no --cluster-enabled no &
until redis-cli -s "$socket" ping 2> /dev/null | grep -qE 'PONG|NOAUTH'; do
  kill -0 $!
  sleep 0.1
done
kill $!
wait $!
