# Shared by script/start and script/test: makes a fresh machine able to build and run Seatlog, and does nothing,
# quickly, on one that already is. Sourced from the root of the checkout. Runs on bash 3.2, as macOS has it.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

require_node() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 ||
    die 'Node.js 20.19 or newer with npm is needed: install it from https://nodejs.org.'
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
  ' || die "Node.js 20.19 or newer is needed, and this is $(node --version): install it from https://nodejs.org."
}

# npm writes node_modules/.package-lock.json as its last act, so an interrupted install never passes this.
packages_are_installed() {
  node -e '
    const read = (file) => JSON.parse(require("node:fs").readFileSync(file, "utf8")).packages;
    const wanted = read("package-lock.json");
    const installed = read("node_modules/.package-lock.json");
    const missing = Object.keys(wanted).some(
      (path) => path !== "" && !wanted[path].optional && installed[path]?.version !== wanted[path].version,
    );
    process.exit(missing ? 1 : 0);
  ' 2>/dev/null
}

install_packages() {
  packages_are_installed && return
  say 'Installing npm packages...'
  npm ci --no-audit --no-fund --loglevel=error </dev/null >&2 ||
    die 'The npm packages could not be installed: see the lines above, then run this again.'
}

# Root inside a container has no sudo and needs none; elsewhere sudo may have to ask for a password.
install_redis() {
  command -v "${SEATLOG_REDIS_SERVER_PROGRAM:-redis-server}" >/dev/null 2>&1 && return
  [ -z "${SEATLOG_REDIS_URL:-}" ] || return 0
  if [ -z "${SEATLOG_REDIS_SERVER_PROGRAM:-}" ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    say 'Installing redis-server by apt...'
    install_redis_by_apt >&2 || die 'apt could not install redis-server: see the lines above, then run this again.'
  elif [ -z "${SEATLOG_REDIS_SERVER_PROGRAM:-}" ] && command -v brew >/dev/null 2>&1; then
    say 'Installing redis by brew...'
    brew install redis </dev/null >&2 || die 'brew could not install redis: see the lines above.'
  else
    die 'redis-server is missing: install it ("sudo apt-get install redis-server", "brew install redis") or set SEATLOG_REDIS_URL.'
  fi
}

install_redis_by_apt() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq </dev/null &&
    apt-get install -y -qq --no-install-recommends redis-server </dev/null || return 1
  # Debian also starts a service on Redis's standard port, which nobody has asked for.
  if command -v systemctl >/dev/null 2>&1; then
    systemctl disable --now redis-server >/dev/null 2>&1 || true
  fi
}

# A checksum and not time stamps: deleted files and switched branches count as changes too.
sources_checksum() {
  { find src -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum
    cksum package.json package-lock.json tsconfig.json tsconfig.build.json; } | cksum
}

build_if_changed() {
  local now
  now=$(sources_checksum)
  [ -f dist/.built-from ] && [ "$(cat dist/.built-from)" = "$now" ] && return
  say 'Building...'
  npm run --silent build </dev/null >&2 || die 'The build failed: see the lines above.'
  printf '%s\n' "$now" >dist/.built-from
}
