# Functions that the scripts share; sourced, never run.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# apt_root says whether packages can be installed here: root, on a system with apt.
apt_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install installs Debian packages, from lists that are fetched anew only when the old ones do not serve.
apt_install() {
	local install=(apt-get install -y -q --no-install-recommends "$@")
	export DEBIAN_FRONTEND=noninteractive
	"${install[@]}" </dev/null >&2 && return
	say "fetching the package lists, then once more"
	apt-get update -q </dev/null >&2 && "${install[@]}" </dev/null >&2
}

# docker_answers says whether a Docker engine can be talked to.
docker_answers() { command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1; }
