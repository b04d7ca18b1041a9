#!/usr/bin/env bash
# Sets up what the tests need and this machine lacks; does nothing where all is there. Several may be asked for.
#
#   setup.sh postgres   a rung of the tests' ladder: a URL, a Docker image or a server program (see internal/dbtest)
#   setup.sh pooler     pgbouncer; its tests are skipped where it cannot be had, but not in CI
#   setup.sh standby    a server program, of which a hot standby is made; as the pooler
#   setup.sh compiler   a C compiler, which the race detector needs
#
# Root on Debian or Ubuntu gets what is missing by apt-get; everybody else a word on what to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./lib.sh

# image_ready makes sure that the engine has an image for the Docker rung: ours, one that can be pulled, or a new one.
image_ready() {
	local wanted="${DOVETAIL_TEST_POSTGRES_IMAGE:-}"
	if [ -z "$wanted" ]; then
		[ -z "$(docker images -q dovetail-postgres)" ] || return 0
		wanted=postgres:17 # as in internal/dbtest/docker.go
	fi
	docker image inspect "$wanted" >/dev/null 2>&1 && return
	say "pulling $wanted"
	timeout 60 docker pull -q "$wanted" </dev/null >/dev/null && return
	[ -z "${DOVETAIL_TEST_POSTGRES_IMAGE:-}" ] || return 1
	say "$wanted cannot be pulled; building an image from packages"
	./test-image.sh
}

# binary_ready makes sure that there is a server program, where internal/dbtest/binary_unix.go looks for it.
binary_ready() {
	local dir
	for dir in "$(dirname "$(command -v initdb || echo /)")" "$(pg_config --bindir 2>/dev/null || echo /)" \
		/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin \
		/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
		[ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && return
	done
	apt_root || { say "no PostgreSQL here: install one, start Docker, or set DOVETAIL_TEST_POSTGRES to a URL"; return 1; }
	say "installing PostgreSQL"
	apt_install postgresql
}

postgres() {
	case "${DOVETAIL_TEST_RUNG:-}" in
	dsn) return ;;
	docker)
		# Without the docker command the engine may still be there; the ladder says what is amiss.
		if docker_answers; then image_ready; fi
		;;
	binary) binary_ready ;;
	*)
		[ -z "${DOVETAIL_TEST_POSTGRES:-}" ] || return 0
		if docker_answers && image_ready; then
			return
		fi
		binary_ready
		;;
	esac
}

pooler() {
	command -v pgbouncer >/dev/null && return
	say "installing pgbouncer"
	{ apt_root && apt_install pgbouncer; } || { say "no pgbouncer here: install it to run its tests"; [ -z "${CI:-}" ]; }
}

standby() {
	binary_ready || { say "no server program here: install PostgreSQL to run the tests on a standby"; [ -z "${CI:-}" ]; }
}

compiler() {
	command -v "$(go env CC)" >/dev/null && return
	apt_root || { say "the race detector needs a C compiler: install gcc"; return 1; }
	say "installing a C compiler"
	apt_install gcc libc6-dev
}

[ $# -gt 0 ] || set -- ''
for what in "$@"; do
	case "$what" in
	postgres | pooler | standby | compiler) "$what" ;;
	*)
		say "expected postgres, pooler, standby or compiler, got \"$what\""
		exit 2
		;;
	esac
done
