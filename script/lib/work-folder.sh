# Sourced by script/test. Runs on bash 3.2, as macOS has it.

NEEDED_KB=4000000

# Where the tests keep their stores: in memory where there is room for it. What a process has written before a kill -9
# is there afterwards as it is on a disk, and no test can cut the power.
make_work_folder() {
  local parent=${TMPDIR:-/tmp}
  if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(free_kb /dev/shm)" -ge "$NEEDED_KB" ]; then
    parent=/dev/shm
  fi
  local folder
  folder=$(mktemp -d "$parent/seatlog-test.XXXXXX") || return 1
  # PostgreSQL runs as somebody else where the tests run as root.
  chmod 755 "$folder"
  printf '%s\n' "$folder"
}

free_kb() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }
