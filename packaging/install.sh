#!/bin/sh
# Installs from this folder, without a network, into an environment of its own: sh install.sh /opt/hem
set -eu
into=${1:?where to, such as /opt/hem}
cd "$(dirname "$0")"
if [ -e "$into" ]; then
  echo "$into is there already: choose a new place beside it" >&2
  exit 2
fi
if ! sha256sum --check --quiet --strict SHA256SUMS; then
  echo "this folder is damaged or not whole: nothing has been installed" >&2
  exit 2
fi
trap 'rm -rf "$into"' EXIT
"${PYTHON:-python3}" -m venv "$into"
"$into/bin/python" -m pip --quiet --disable-pip-version-check install --no-index --find-links wheels 'hemtwin[parquet,postgresql]'
"$into/bin/hem" --version
trap - EXIT
echo "now: cp $(pwd)/hem.service /etc/systemd/system/ && systemctl enable --now hem"
