# shellcheck shell=bash
# Shared by ./orrery, ./run-tests and .ci/run: installs what is missing, configures and builds. Sourced, never run.
# Everything it says goes to stderr, so that stdout stays the program's own.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
jobs=2

say() { printf 'orrery: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 3
}

# One set-up at a time in this clone; `release_lock` before handing over to a program.
take_lock() {
  mkdir -p "$root/build" || fail "cannot write to $root/build"
  exec 9>"$root/build/.lock"
  flock -n 9 && return
  say "waiting for another build in this clone"
  flock 9
}
release_lock() { exec 9>&-; }

# missing_packages GROUP... prints the packages of these groups that are not installed.
missing_packages() {
  local group name wanted=() installed
  while read -r group name; do
    [[ " $* " == *" $group "* ]] && wanted+=("$name")
  done <"$root/tools/packages.txt"
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null)
  for name in "${wanted[@]}"; do
    [[ $'\n'$installed$'\n' == *$'\n'"installed $name"$'\n'* ]] || printf '%s\n' "$name"
  done
}

# install_packages GROUP... Other systems than Debian's family bring their own packages: there CMake says what is missing.
install_packages() {
  command -v dpkg-query >/dev/null || return 0
  local missing log=$root/build/install.log as_root=(env)
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0

  local by_hand="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  if ((EUID != 0)); then
    as_root=(sudo)
    if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
      say "these packages are missing: ${missing[*]}"
      fail "installing them takes root; as root, run: $by_hand"
    fi
  fi
  say "installing ${missing[*]}"
  say "(log: $log)"
  : >"$log" || fail "cannot write $log"
  local apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } \
    </dev/null >>"$log" 2>&1 9>&-; then
    tail -n 20 "$log" >&2
    fail "installing failed; by hand, as root: $by_hand"
  fi
}

# configure PRESET [CMAKE-ARGS...] when there is no usable build directory yet; later changes are ninja's to notice.
configure() {
  local preset=$1 dir=$root/build/$1 option
  shift
  if [[ -f $dir/build.ninja ]]; then
    local cache
    cache=$(<"$dir/CMakeCache.txt")
    local current=1
    [[ $cache == *"CMAKE_HOME_DIRECTORY:INTERNAL=$root"$'\n'* ]] || current=0
    for option in "$@"; do
      option=${option#-D}
      [[ $cache == *$'\n'"${option%%=*}:"*([^=$'\n'])"=${option#*=}"$'\n'* ]] || current=0
    done
    ((current)) && return
  fi
  mkdir -p "$dir"
  local fresh=()
  [[ -f $dir/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt" &&
    fresh=(--fresh)
  if ! cmake -S "$root" --preset "$preset" "${fresh[@]}" "$@" >"$dir/build.log" 2>&1 9>&-; then
    rm -f "$dir/build.ninja"
    tail -n 40 "$dir/build.log" >&2
    fail "configuring failed (log: $dir/build.log)"
  fi
}

# build PRESET [TARGET...]: quiet when there is nothing to do; on failure shows what went wrong.
build() {
  local dir=$root/build/$1 log=$root/build/$1/build.log line step announced=0
  shift
  local status
  NINJA_STATUS='[%f/%t] ' ninja -C "$dir" -j "$jobs" "$@" 2>&1 </dev/null 9>&- | tee "$log" |
    while IFS= read -r line; do
      [[ $line =~ ^(\[[0-9]+/[0-9]+\])\ (Building|Linking)\  ]] || continue
      step=${BASH_REMATCH[1]}
      ((announced++)) || say "building (log: $log)"
      [[ -t 2 ]] && printf '\r\033[K%s %s' "$step" "${line##*/}" >&2
    done
  status=${PIPESTATUS[0]}
  [[ -t 2 ]] && printf '\r\033[K' >&2
  ((status == 0)) && return
  # Only what failed, without its command line; ninja's own complaints when no step did.
  awk '/^FAILED: /{on = 1; skip = 1; next} skip{skip = 0; next} /^\[[0-9]+\/[0-9]+\] /{on = 0} on' "$log" |
    head -n 60 >&2
  grep -q '^FAILED: ' "$log" || tail -n 20 "$log" >&2
  fail "the build failed (log: $log)"
}

shopt -s extglob
