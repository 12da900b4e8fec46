# Installs and fetches what the build needs. Every step first looks whether its result is there, so that a second run asks
# neither the network nor for root. Sourced by ./dev after common.sh.

deps=$root/.deps
tools=$root/.tools
here=$root/tools/setup

installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
offered() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

# choose NAME...: nothing when one of the alternatives is installed, else the one to install.
choose() {
  local name
  for name in "$@"; do [ -z "${have[$name]:-}" ] || return 0; done
  [ -n "${apt_refreshed:-}" ] || { printf '%s\n' "$1"; return; }
  for name in "$@"; do ! offered "$name" || { printf '%s\n' "$name"; return; }; done
  die "none of these packages is to be had: $*"
}

missing_packages() {
  local group line release name
  local -A have=()
  release=$(os_release VERSION_CODENAME)
  while read -r name; do have[$name]=yes; done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^.i. *//p')
  for group in "$@"; do
    while read -r line; do
      # shellcheck disable=SC2086 # the words are package names
      choose ${line//|/ }
    done < <(sed -n "s/^$group\(@$release\)\{0,1\} //p" "$here/packages.txt")
  done | sort -u
}

setup_packages() {
  command -v dpkg-query >/dev/null || die "this set-up knows Debian and Ubuntu; elsewhere install the packages of tools/setup/packages.txt by hand"
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  apt_refresh
  missing=$(missing_packages "$@") # again: now the alternatives can be told apart
  [ -n "$missing" ] || return 0
  say "Installing" $missing
  # shellcheck disable=SC2086
  apt_install $missing
}

# Any npm can fetch a tarball; Debian's is installed only where there is none.
npm_command() {
  if [ -x "$tools/node/bin/npm" ]; then PATH="$tools/node/bin:$PATH" npm "$@"; return; fi
  if ! command -v npm >/dev/null; then
    say "Installing npm"
    apt_refresh >&2
    apt_install npm >&2
  fi
  npm "$@"
}

# npm_unpack PACKAGE FOLDER [PATH in the tarball]...: the pinned tarball, from the registry that npm is configured with.
npm_unpack() {
  local name=$1 folder=$2 version integrity scratch actual
  shift 2
  read -r _ version integrity < <(grep "^$name " "$here/npm.lock") || die "$name is not in tools/setup/npm.lock"
  say "Fetching $name $version from npm"
  scratch=$(mktemp -d)
  (cd "$scratch" && npm_command pack --silent "$name@$version" >/dev/null) || die "npm could not fetch $name@$version"
  actual=sha512-$(openssl dgst -sha512 -binary "$scratch"/*.tgz | base64 -w0)
  [ "$actual" = "$integrity" ] || die "$name@$version is not the pinned one: $actual"
  mkdir -p "$folder"
  tar -xzf "$scratch"/*.tgz -C "$folder" --strip-components=1 --no-same-owner "${@/#/package/}"
  rm -rf "$scratch"
}

setup_sqlite() {
  local stamp
  stamp=$(grep '^better-sqlite3 ' "$here/npm.lock")
  [ "$(cat "$deps/sqlite/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
  rm -rf "$deps/sqlite.new"
  npm_unpack better-sqlite3 "$deps/sqlite.new" deps/sqlite3/sqlite3.c deps/sqlite3/sqlite3.h
  rm -rf "$deps/sqlite"
  mv "$deps/sqlite.new/deps/sqlite3" "$deps/sqlite"
  rm -rf "$deps/sqlite.new"
  printf '%s\n' "$stamp" >"$deps/sqlite/.stamp"
}

# apt_private SUITE COMMAND...: apt-get over one Debian suite, with lists and cache of our own. The system's sources stay as
# they are; signatures are checked against Debian's keys as everywhere.
apt_private() {
  local suite=$1 apt=$deps/apt
  shift
  mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$suite" >"$apt/sources/debian.list"
  apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/sources" -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" -o APT::Get::AllowUnauthenticated=false -o Acquire::AllowInsecureRepositories=false "$@"
}

# QuickJS-ng as source. No release that we support carries it itself; it depends on nothing, so the sources fit all of them.
setup_quickjs() {
  [ ! -f "$deps/quickjs/.stamp" ] || return 0
  local mirror suite debs=$deps/apt/debs
  installed debian-archive-keyring || { apt_refresh; apt_install debian-archive-keyring; }
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "no Debian mirror found; name one in MBFLOW_DEBIAN_MIRROR"
  rm -rf "$deps/quickjs.new" "$debs"
  mkdir -p "$debs"
  for suite in trixie-backports forky sid; do
    say "Fetching qjs-src from Debian $suite"
    apt_private "$suite" update >&2 || continue
    (cd "$debs" && apt_private "$suite" download qjs-src >&2) && break
  done
  compgen -G "$debs/qjs-src_*.deb" >/dev/null || die "qjs-src could not be fetched from $mirror"
  dpkg-deb -x "$debs"/qjs-src_*.deb "$deps/quickjs.new"
  rm -rf "$deps/quickjs"
  mv "$deps/quickjs.new/usr/src/quickjs-ng" "$deps/quickjs"
  (cd "$debs" && echo qjs-src_*.deb) >"$deps/quickjs/.stamp"
  rm -rf "$deps/quickjs.new" "$deps/apt"
}

# Node.js for the web build: the system's when it is new enough, else one of our own in .tools.
setup_node() {
  [ -f "$root/web/package.json" ] || return 0
  [ ! -x "$tools/node/bin/npm" ] || return 0
  local major arch
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
  if [ "$major" -ge 22 ] && command -v npm >/dev/null; then return 0; fi
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) die "install Node.js 22 or newer and npm" ;; esac
  rm -rf "$tools/node"
  npm_unpack "node-linux-$arch" "$tools/node" bin/node
  npm_unpack npm "$tools/node/lib/npm"
  ln -s ../lib/npm/bin/npm-cli.js "$tools/node/bin/npm"
  ln -s ../lib/npm/bin/npx-cli.js "$tools/node/bin/npx"
  chmod +x "$tools/node/lib/npm/bin/npm-cli.js" "$tools/node/lib/npm/bin/npx-cli.js"
  PATH=$tools/node/bin:$PATH
}

# setup [GROUP]...: the groups of packages.txt, build being always one of them.
setup() {
  mkdir -p "$deps"
  setup_packages build "$@"
  setup_quickjs
  setup_sqlite
  setup_node
}
