# shellcheck shell=sh
# What a checkout needs before any TypeScript can run. Sourced, with $root set to the checkout.
# POSIX sh only (dash, busybox, macOS): no arrays, no `local`, no `pipefail`.

NODE_VERSION=24.21.0
state=$root/.orchestrate
lock=$state/lock
log=
holds_lock=

# --- the three steps; each is cheap when there is nothing to do -------------------------------------------------------

# ensure_node MAJOR MINOR: puts a Node of at least this version first on PATH.
ensure_node() {
  fits node "$1" "$2" && return
  platform_of_node
  bin=$state/node/node_modules/node-$platform/bin
  if ! fits "$bin/node" "$1" "$2"; then
    take_lock
    fits "$bin/node" "$1" "$2" || install_node "$1" "$2"
    release_lock
  fi
  PATH=$bin:$PATH
  export PATH
}

ensure_dependencies() {
  dependencies_fresh && return
  take_lock
  dependencies_fresh || install_dependencies
  release_lock
}

ensure_build() {
  sources=$(fingerprint_of_sources)
  build_fresh && return
  take_lock
  build_fresh || build
  release_lock
}

# --- Node ------------------------------------------------------------------------------------------------------------

# fits COMMAND MAJOR MINOR
fits() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case $major.$minor in
    .* | *. | *[!0-9.]*) return 1 ;;
  esac
  [ "$major" -gt "$2" ] || { [ "$major" -eq "$2" ] && [ "$minor" -ge "$3" ]; }
}

platform_of_node() {
  case $(uname -s) in
    Linux) platform=linux ;;
    Darwin) platform=darwin ;;
    *) give_up 5 "there is no Node $NODE_VERSION to install for $(uname -s): install it by hand, then run this again" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) platform=$platform-x64 ;;
    aarch64 | arm64) platform=$platform-arm64 ;;
    *) give_up 5 "there is no Node $NODE_VERSION to install for $(uname -m): install it by hand, then run this again" ;;
  esac
}

install_node() {
  command -v npm >/dev/null 2>&1 ||
    give_up 5 "Node.js $1.$2 or newer is needed, and there is no npm to install it with:" \
      "install Node.js 24 from your system's packages or https://nodejs.org, then run this again"
  say "installing Node $NODE_VERSION for this checkout (190 MB, about 10 s) ..."
  # Never over remains: npm takes a package that an interrupted install left half there for a whole one.
  rm -rf "$state/node"
  mkdir -p "$state/node" || cannot_write
  logged install-node.log npm install --prefix "$state/node" --no-save --no-package-lock --no-audit --no-fund \
    --no-update-notifier --ignore-scripts "node-$platform@$NODE_VERSION" || explain "installing Node"
  fits "$bin/node" "$1" "$2" ||
    give_up 5 "the Node that was installed does not run on this system:" \
      "install Node.js $1.$2 or newer from your system's packages, then run this again"
}

# --- dependencies ----------------------------------------------------------------------------------------------------

dependencies_fresh() {
  # The platform counts: some packages are compiled, and a checkout can be shared between systems.
  wanted="$(cksum <"$root/package-lock.json") $(uname -sm)"
  installed=
  if [ -f "$root/node_modules/.orchestrate-stamp" ]; then
    read -r installed <"$root/node_modules/.orchestrate-stamp" || :
  elif [ -n "$(find "$root/node_modules/.package-lock.json" -newer "$root/package-lock.json" 2>/dev/null)" ]; then
    # Somebody ran npm by hand, and it came to its end after the lock file was last written.
    installed=$wanted
    echo "$wanted" >"$root/node_modules/.orchestrate-stamp"
  fi
  [ "$installed" = "$wanted" ]
}

install_dependencies() {
  command -v npm >/dev/null 2>&1 ||
    give_up 5 "npm is needed to install the dependencies: install it (it comes with Node.js), then run this again"
  say "installing dependencies (about 20 s) ..."
  # The compiler is a development dependency, which NODE_ENV=production would leave out.
  (cd "$root" && logged install-dependencies.log npm ci --include=dev --no-audit --no-fund --no-update-notifier \
    --ignore-scripts) || { log=$state/logs/install-dependencies.log && explain "installing the dependencies"; }
  echo "$wanted" >"$root/node_modules/.orchestrate-stamp" || cannot_write
}

# --- build -----------------------------------------------------------------------------------------------------------

# By content and not by time: an old file that comes back (a branch, a backup) is a change too.
fingerprint_of_sources() {
  (cd "$root" && {
    find src parsers reports -name '*.ts' -exec cksum {} +
    cksum tsconfig.json package-lock.json
  } | LC_ALL=C sort | cksum)
}

build_fresh() {
  built=
  [ -f "$state/build-stamp" ] && read -r built <"$state/build-stamp"
  [ "$built" = "$sources" ] && [ -f "$root/dist/src/cli/main.js" ]
}

build() {
  say "building (about 5 s) ..."
  # Beside dist, so that the source maps keep their way; then a rename, so that nobody runs half a build.
  rm -rf "$root/dist.partial" "$root/dist.old"
  # Types are checked by `npm run check`; a command that somebody wants to use needs the output only.
  logged build.log node "$root/node_modules/typescript/bin/tsc" -p "$root/tsconfig.json" --noCheck \
    --outDir "$root/dist.partial" || explain "the build"
  if [ -e "$root/dist" ]; then mv "$root/dist" "$root/dist.old"; fi
  mv "$root/dist.partial" "$root/dist" || cannot_write
  # Not in dist, which is published.
  echo "$sources" >"$state/build-stamp" || cannot_write
  rm -rf "$root/dist.old"
}

# --- one at a time ---------------------------------------------------------------------------------------------------

take_lock() {
  mkdir -p "$state" 2>/dev/null
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    [ -w "$state" ] || cannot_write
    break_stale_lock && continue
    [ "$waited" -eq 2 ] && say "waiting for process $holder on $holder_host, which is installing or building here ..."
    [ "$waited" -eq 60 ] && say "still waiting; if that process is gone for good: rm -rf '$lock'"
    waited=$((waited + 1))
    sleep 1
  done
  holds_lock=yes
  echo "$$ $(started_at $$) $(uname -n)" >"$lock/holder"
  trap 'release_lock' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

release_lock() {
  if [ -n "$holds_lock" ]; then rm -rf "$lock"; fi
  holds_lock=
  trap - EXIT HUP INT TERM
}

# A holder that died left its lock behind. One waiter alone may remove it: the one that makes the folder inside,
# and only if the lock is still the dead one's.
break_stale_lock() {
  read_holder
  stale || return 1
  dead=$holder
  mkdir "$lock/breaking" 2>/dev/null || return 1
  read_holder
  if [ "$holder" = "$dead" ] && stale; then
    rm -rf "$lock"
  else
    rmdir "$lock/breaking"
    return 1
  fi
}

read_holder() {
  holder='' holder_start='' holder_host=''
  [ -f "$lock/holder" ] && read -r holder holder_start holder_host <"$lock/holder"
}

stale() {
  # Without a name after 10 s, its maker died between two lines.
  if [ -z "$holder" ]; then [ "$waited" -ge 10 ] && [ -d "$lock" ]; return; fi
  [ "$holder_host" = "$(uname -n)" ] && [ "$(started_at "$holder")" != "$holder_start" ]
}

# A process number comes back; together with its start time it does not. Empty when there is no such process.
started_at() {
  if [ -r "/proc/$1/stat" ]; then
    read -r stat <"/proc/$1/stat"
    # The second field is the name in brackets, and may hold spaces.
    echo "${stat##*) }" | cut -d ' ' -f 20
  else
    ps -p "$1" -o lstart= 2>/dev/null | tr -s ' ' '_'
  fi
}

# --- what is said ----------------------------------------------------------------------------------------------------

say() {
  printf 'orchestrate: %s\n' "$*" >&2 || :
}

logged() {
  log=$state/logs/$1
  shift
  mkdir -p "$state/logs" || cannot_write
  "$@" >"$log" 2>&1 </dev/null
}

give_up() {
  status=$1
  shift
  say "$@"
  exit "$status"
}

cannot_write() {
  give_up 5 "cannot write to $root: make it writable, or work in a checkout of your own"
}

explain() {
  say "$1 failed; the end of $log:"
  tail -n 8 "$log" | sed 's/^/    /' >&2
  if grep -Eq 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT' "$log"; then
    give_up 5 "the package registry cannot be reached: check the connection or the proxy and run the same command again"
  elif grep -Eq 'ENOSPC' "$log"; then
    give_up 5 "the disk is full: make room and run the same command again"
  elif grep -Eq 'EACCES|EROFS' "$log"; then
    cannot_write
  else
    give_up 5 "mend what it says and run the same command again; the whole log: $log"
  fi
}
