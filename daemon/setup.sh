# Installs what a build needs and builds. Sourced by daemon/run and tests/run; not a program of its own.
#
# Works as root or through sudo, on Debian 12 and what comes after. Does nothing that is already done.
# shellcheck shell=bash disable=SC2034

build_packages=(
    g++ cmake ninja-build pkg-config ccache mold
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
    libsqlitecpp-dev libsqlite3-dev libyaml-cpp-dev libfmt-dev libspdlog-dev
    libcurl4-openssl-dev libssl-dev libgmime-3.0-dev libcctz-dev libre2-dev libical-dev liblemon-dev
    libcli11-dev libkainjow-mustache-dev libsystemd-dev libutf8proc-dev prometheus-cpp-dev
    ca-certificates tzdata
)
# For the Debian package, and for the test on a real system.
packing_packages=(dpkg-dev file lintian systemd-container debootstrap)
test_packages=(catch2 libglpk-dev python3-minimal libpython3-stdlib python3-icalendar python3-vobject vdirsyncer khal sqlite3
    tzdata-legacy)

is_terminal=no
if [ -t 2 ]; then is_terminal=yes; fi

# say WORDS…: one step, on standard error.
say() {
    if [ "$is_terminal" = yes ]; then
        printf '\033[1m==> %s\033[0m\n' "$*" >&2
    else
        printf '==> %s\n' "$*" >&2
    fi
}

# fail CODE WORDS…: what went wrong and what to do, then exit with a code of <sysexits.h>.
fail() {
    local code=$1
    shift
    printf 'error: %s\n' "$*" >&2
    exit "$code"
}

# as_root COMMAND…
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -- "$@"
    else
        fail 77 "packages are missing and you are not root: run this as root, or install sudo"
    fi
}

# other_names NAME: what a newer distribution calls the package, one a line, the preferred first.
other_names() {
    case $1 in
        libboost1.81-dev) printf '%s\n' "$1" libboost-dev ;;
        libboost-json1.81-dev) printf '%s\n' "$1" libboost-json-dev ;;
        libboost-url1.81-dev) printf '%s\n' "$1" libboost-url-dev ;;
        *) printf '%s\n' "$1" ;;
    esac
}

# available_name NAME: the first of its names that apt can install; nothing for a package that this distribution does
# not have and does not need.
available_name() {
    local candidate
    for candidate in $(other_names "$1"); do
        # A name that other packages merely mention is known to apt too, but has no version to install.
        if LC_ALL=C apt-cache policy "$candidate" 2>/dev/null | grep -q '^  Candidate: [^(]'; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    # Before they got a package of their own, the old names of zones came with tzdata.
    if [ "$1" != tzdata-legacy ]; then printf '%s\n' "$1"; fi
}

# is_installed NAME: under one of its names, or what it holds is there without it.
is_installed() {
    local name
    for name in $(other_names "$1"); do
        if [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = 'ii ' ]; then return 0; fi
    done
    [ "$1" = tzdata-legacy ] && [ -e "${TZDIR:-/usr/share/zoneinfo}/US/Central" ]
}

# install_packages NAME…: those that are missing.
install_packages() {
    local missing=() name
    for name in "$@"; do
        is_installed "$name" || missing+=("$name")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "All ${#} packages are installed"
        return
    fi
    command -v apt-get >/dev/null 2>&1 || fail 69 "this is not a Debian system; install by hand: ${missing[*]}"
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    as_root apt-get update -q >&2 || fail 69 "apt-get update failed; is the network there?"
    local names=()
    for name in "${missing[@]}"; do
        name=$(available_name "$name")
        if [ -n "$name" ]; then names+=("$name"); fi
    done
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${names[@]}" >&2 \
        || fail 69 "apt-get could not install: ${names[*]}"
}

# build PRESET [TARGET…]: configures once, then builds; ninja shows how far it is. With targets, what only
# the tests need is left out, and need not be installed; without, it is taken in from then on.
build() {
    local preset=$1
    shift
    local targets=() tests=ON
    if [ $# -gt 0 ]; then
        targets=(--target "$@")
        tests=OFF
    fi
    say "Building ($preset) in build/$preset"
    if [ ! -f "build/$preset/build.ninja" ] \
        || { [ "$tests" = ON ] && grep -q '^REVIEWD_TESTS:BOOL=OFF' "build/$preset/CMakeCache.txt"; }; then
        local log
        log=$(cmake --preset "$preset" -D REVIEWD_TESTS="$tests" 2>&1) \
            || fail 70 "cmake could not configure the build:"$'\n'"$log"
    fi
    local jobs
    jobs=$(nproc)
    cmake --build "build/$preset" --parallel "$jobs" "${targets[@]}" >&2 || fail 70 "the build failed; see above"
}
