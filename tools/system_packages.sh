#!/bin/sh
# Installs Debian's packages that the tests use and this machine lacks. Without apt it says what is missing; the tests then say what did not
# run, and `make test` fails where that is the browser.
set -u
missing=""
need() { eval "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need "command -v chromium" chromium
need "fc-list :lang=zh | grep -q ." fonts-noto-cjk
need "command -v initdb || ls /usr/lib/postgresql/*/bin/initdb" postgresql
need "command -v fusermount3" fuse3
need "ls /usr/lib/*/libfuse3.so.3* /lib/*/libfuse3.so.3*" libfuse3-3
need "command -v exiftool" libimage-exiftool-perl
need "command -v pdfsig" poppler-utils
need "command -v mosquitto || test -x /usr/sbin/mosquitto" mosquitto
[ -z "$missing" ] && exit 0

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null 2>&1 && $as_root true 2>/dev/null; then
  echo "installing for the tests:$missing"
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -qq >/dev/null 2>&1
  # A cluster of Debian's own is not wanted: the tests make theirs.
  $as_root mkdir -p /etc/postgresql-common/createcluster.d 2>/dev/null
  printf 'create_main_cluster = false\n' | $as_root tee /etc/postgresql-common/createcluster.d/minan.conf >/dev/null 2>&1
  # shellcheck disable=SC2086
  $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 && exit 0
fi
echo "missing for some tests (install by hand):$missing"
exit 0
