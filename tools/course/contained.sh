#!/usr/bin/env bash
# Grade in a container: no network, nothing writable but the folder of results, limits on memory,
# processes and the size of files. Needs bubblewrap (on Debian: apt install bubblewrap).
#
#     ./contained.sh RESULTS SUBMISSIONS SHEET [options of python -m lnlearn.check]
#
# RESULTS is a folder; grades.csv and the students' pages are written there. PYTHON names the Python
# in which lnlearn is installed.
set -euo pipefail

results=$(realpath "$1") submissions=$(realpath "$2") sheet=$(realpath "$3")
shift 3
mkdir -p "$results"
python=${PYTHON:-python3}
prefixes=() # homes are hidden, where Python itself may lie
while read -r prefix; do prefixes+=(--ro-bind "$prefix" "$prefix"); done \
  < <("$python" -c 'import sys, lnlearn; print(sys.prefix, sys.base_prefix, *sys.path[1:], sep="\n")' |
    sort -u | while read -r path; do [ -d "$path" ] && echo "$path"; done)
ulimit -v "${MEMORY_KIB:-16000000}" -f "${FILE_BLOCKS:-1000000}"
exec bwrap \
  --unshare-all --die-with-parent --new-session \
  --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /home --tmpfs /root \
  "${prefixes[@]}" \
  --ro-bind "$submissions" /tmp/submissions --ro-bind "$sheet" /tmp/sheet.ipynb \
  --bind "$results" /tmp/results --chdir /tmp \
  --setenv HOME /tmp \
  "$python" -m lnlearn.check /tmp/submissions --like /tmp/sheet.ipynb \
  --csv /tmp/results/grades.csv --feedback /tmp/results/feedback "$@"
