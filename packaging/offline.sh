#!/bin/sh
# Collects into a folder all that an installation needs on a machine without a network: packaging/offline.sh FOLDER
# Run it where there is a network, with the Python that the other machine has (PYTHON=python3.12) on the same processor.
# Wheels come by the hashes of requirements.lock; those that only tests need are left out.
set -eu
out=${1:?a folder that does not exist yet}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$out"
"${PYTHON:-python3}" -m venv "$work/venv"
pip="$work/venv/bin/python -m pip --quiet --disable-pip-version-check"
$pip download --require-hashes -r "$here/requirements.lock" -d "$work/wheels"
$pip install --upgrade --no-index --find-links "$work/wheels" setuptools wheel
mkdir "$work/source"
(cd "$here" && tar cf - --exclude=.git --exclude=.venv --exclude=./build --exclude='*.egg-info' .) | tar xf - -C "$work/source"
$pip wheel --no-deps --no-build-isolation -w "$work/wheels" "$work/source"
$pip install --dry-run --ignore-installed --no-index --find-links "$work/wheels" --report "$work/report.json" \
  'hemtwin[parquet,postgresql]'
mkdir "$out/wheels"
"$work/venv/bin/python" - "$work/report.json" "$out/wheels" <<'END'
import json, shutil, sys
from urllib.parse import unquote, urlsplit

for each in json.load(open(sys.argv[1]))["install"]:
    shutil.copy(unquote(urlsplit(each["download_info"]["url"]).path), sys.argv[2])
END
cp "$here/packaging/install.sh" "$here/packaging/hem.service" "$out/"
(cd "$out" && sha256sum wheels/* hem.service > SHA256SUMS)
echo "$out: $(ls "$out/wheels" | wc -l) wheels, $(du -sh "$out" | cut -f1); there: sh install.sh /opt/hem"
