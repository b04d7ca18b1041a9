#!/bin/sh
# Entry point of the image that test-image.sh builds: makes a database cluster at the first start, then becomes the
# server. POSTGRES_PASSWORD is required; POSTGRES_USER defaults to postgres, POSTGRES_DB to the user, PGDATA to the
# volume's folder.
set -eu

case "${1:-postgres}" in
postgres) [ $# -gt 0 ] && shift ;;
-*) ;;
*) exec "$@" ;;
esac

PATH="$(echo /usr/lib/postgresql/*/bin):$PATH"
PGDATA="${PGDATA:-/var/lib/postgresql/data}"
export PATH PGDATA

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA" /var/run/postgresql
	chown postgres:postgres "$PGDATA" /var/run/postgresql
	exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" postgres "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	: "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD, the password of the superuser}"
	user="${POSTGRES_USER:-postgres}"
	db="${POSTGRES_DB:-$user}"
	pwfile="$(mktemp)"
	printf '%s\n' "$POSTGRES_PASSWORD" >"$pwfile"
	initdb --pgdata="$PGDATA" --username="$user" --pwfile="$pwfile" --encoding=UTF8 --locale=C.UTF-8 \
		--auth-host=scram-sha-256 --auth-local=trust --no-sync >/dev/null
	rm "$pwfile"
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
	if [ "$db" != postgres ]; then
		quoted="$(printf '%s' "$db" | sed 's/"/""/g')"
		echo "CREATE DATABASE \"$quoted\"" | postgres --single -j -D "$PGDATA" postgres >/dev/null
	fi
fi

unset POSTGRES_PASSWORD
exec postgres -c listen_addresses='*' "$@"
