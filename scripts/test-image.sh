#!/usr/bin/env bash
# Builds a PostgreSQL image for the tests out of Debian packages, where no registry can be reached:
# dovetail-postgres:N, N being the major version that this machine's distribution ships. Its settings are those of the
# official image, as far as tests need them: POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB. Does nothing when the
# image is there; FORCE=1 rebuilds.
#
# The packages come from wherever this machine's own apt gets them, over the same proxies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./lib.sh

repository=dovetail-postgres

docker_answers || { say "no Docker engine answers"; exit 1; }
if [ -z "${FORCE:-}" ] && tag="$(docker images -q "$repository" | head -n 1)" && [ -n "$tag" ]; then
	say "$repository is there already ($tag); FORCE=1 rebuilds it"
	exit 0
fi

command -v apt-get >/dev/null || { say "this is no Debian: cannot build the image; try docker pull postgres"; exit 1; }
if ! command -v mmdebstrap >/dev/null; then
	apt_root || { say "mmdebstrap is missing, and only root can install it"; exit 1; }
	apt_install mmdebstrap
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# sources lists where apt finds the distribution's own packages; other vendors' repositories stay out of the image.
sources() {
	local vendor
	for vendor in Debian Ubuntu; do
		apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' "Origin: $vendor"
	done | sort -u
}
sources >"$work/sources"
if [ ! -s "$work/sources" ] && apt_root; then
	apt-get update -q </dev/null >&2
	sources >"$work/sources"
fi
[ -s "$work/sources" ] || { say "apt knows no Debian mirror here; run apt-get update"; exit 1; }
# What the machine says about fetching (proxies, dates) holds for the image's packages too; its clean-up hooks do not.
apt-config dump >"$work/apt.all"
grep -E '^Acquire::(http|https|ftp|Check|Max-ValidTime|Min-ValidTime|Retries)' "$work/apt.all" >"$work/apt.conf" || true

package="$(apt-cache depends --important postgresql | sed -n 's/^ *Depends: \(postgresql-[0-9]*\)$/\1/p' | head -n 1)"
[ -n "$package" ] || { say "apt has no package postgresql"; exit 1; }
image="$repository:${package#postgresql-}"

# Everything a server can do without is left out: documentation, translations, the compiler behind JIT.
options=(--mode=auto --variant=essential --include="$package" --aptopt="$work/apt.conf")
options+=(--dpkgopt=force-confold)
for path in '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' '/usr/share/i18n/*' \
	'/usr/lib/postgresql/*/lib/bitcode/*' '/usr/lib/*/libLLVM*'; do
	options+=(--dpkgopt="path-exclude=$path")
done
# The package would make a cluster of its own.
options+=(--essential-hook='mkdir -p "$1/etc/postgresql-common" &&
	echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"')
export ENTRYPOINT="$PWD/image-entrypoint.sh"
options+=(--customize-hook='install -m 755 "$ENTRYPOINT" "$1/usr/local/bin/docker-entrypoint.sh"')
options+=(--customize-hook='rm -rf "$1"/var/cache/* "$1"/var/lib/apt/lists/* "$1"/var/log/* \
	"$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/usr/lib/postgresql/*/lib/llvmjit* \
	"$1"/usr/share/postgresql/*/man')

say "building $image"
mmdebstrap "${options[@]}" "" "$work/root.tar" "$work/sources" </dev/null >&2
docker import \
	--change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["postgres"]' --change 'EXPOSE 5432' \
	--change 'ENV LANG=C.UTF-8 PGDATA=/var/lib/postgresql/data' --change 'VOLUME /var/lib/postgresql/data' \
	"$work/root.tar" "$image" >/dev/null
say "built $image, $(docker image inspect --format '{{.Size}}' "$image" | numfmt --to=iec)"
