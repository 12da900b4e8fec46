# Shared by ./dev and the scripts beside it. Expects $root, the top of the tree.

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "root or sudo is needed for: $*"
  fi
}

os_release() { (. /etc/os-release && printf '%s' "${!1:-}"); }

# The Debian archive: the one this system is configured with. Elsewhere (Ubuntu) the one that the debootstrap package knows.
debian_mirror() {
  if [ -n "${MBFLOW_DEBIAN_MIRROR:-}" ]; then
    printf '%s' "$MBFLOW_DEBIAN_MIRROR"
    return
  fi
  if [ "$(os_release ID)" = debian ]; then
    apt-get update --print-uris 2>/dev/null | sed -n "s|^'\([^']*\)/dists/$(os_release VERSION_CODENAME)/InRelease'.*|\1|p" | head -n 1
    return
  fi
  local script=/usr/share/debootstrap/scripts/sid
  [ -r "$script" ] || apt_install debootstrap >&2
  sed -n 's/^[[:space:]]*default_mirror[[:space:]]*//p' "$script" | head -n 1
}

apt_install() {
  local -a options=(-y -q --no-install-recommends -o Dpkg::Use-Pty=0)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@"
}

# Fresh package lists at most once a run, and only when something must be installed.
apt_refresh() {
  [ -z "${apt_refreshed:-}" ] || return 0
  as_root apt-get update -q
  apt_refreshed=yes
}
