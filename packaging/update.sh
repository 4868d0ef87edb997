#!/bin/sh
# Updates hem: a new environment beside the old one, judged and then tried, and the old one again when it does not do.
#
#     packaging/update.sh /etc/hem/site.toml hemtwin                                          # from the package index
#     packaging/update.sh /etc/hem/site.toml --no-index --find-links /media/stick hemtwin     # from a folder
#
# What comes behind the site file is what pip installs. HEM (/opt/hem) is a link to the environment that runs. Before
# it is moved the new one checks the site file and tells every story of this site's own devices (`hem verdict`), and a
# backup is made. Then it has READY s to be healthy and has to stay so for STEADY s. Exit 0: the new one runs, 1: the old one.
set -eu
[ "$#" -ge 2 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
site=$1; shift
HEM=${HEM:-/opt/hem} FOLDER=${FOLDER:-/var/lib/hem} HEALTH=${HEALTH:-https://127.0.0.1:8443/health}
RESTART=${RESTART:-systemctl restart hem} PYTHON=${PYTHON:-python3} READY=${READY:-120} STEADY=${STEADY:-60}
new=$HEM-$(date -u +%Y%m%dT%H%M%SZ)

say() { echo "update: $*"; }
give_up() { say "$*; nothing has changed" >&2; rm -rf "$new"; exit 1; }
point() { ln -sfn "$1" "$HEM.link" && mv -T "$HEM.link" "$HEM"; } # in one step: there is always one of the two
ask() { "$new/bin/python" -c 'import ssl, sys, urllib.request as web
try:
    print(web.urlopen(sys.argv[1], timeout=5, context=ssl._create_unverified_context()).read().decode().strip())
except OSError as error:
    sys.exit(str(error))' "$HEALTH" 2>&1; }
healthy() { # within READY s, and from then on for STEADY s
  end=$(($(date +%s) + READY))
  until words=$(ask); do
    [ "$(date +%s)" -lt "$end" ] || return 1
    sleep 1
  done
  end=$(($(date +%s) + STEADY))
  while [ "$(date +%s)" -lt "$end" ]; do
    sleep 1
    words=$(ask) || return 1
  done
}

say "making $new"
"$PYTHON" -m venv "$new" || give_up "no environment"
"$new/bin/pip" --quiet --disable-pip-version-check install "$@" || give_up "it cannot be installed"
say "$("$new/bin/hem" --version) is to come after $("$HEM/bin/hem" --version)"
"$new/bin/hem" check "$site" >/dev/null || give_up "it does not take the site file"
"$new/bin/hem" verdict "$site" || give_up "it is not compatible with every device of this site"
backup=$FOLDER/before-$(basename "$new").tgz
"$HEM/bin/hem" backup "$site" "$backup" --folder "$FOLDER" || give_up "no backup"
if [ ! -L "$HEM" ]; then
  mv "$HEM" "$HEM-first" && point "$HEM-first"
fi
old=$(readlink "$HEM")
point "$new"
$RESTART || say "it does not start"
if healthy; then
  say "healthy for $STEADY s: $words; the one before stays in $old, its files in $backup"
  exit 0
fi
say "unwell: $words; back to $old" >&2
point "$old"
$RESTART
exit 1
