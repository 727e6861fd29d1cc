#!/usr/bin/env bash
# Installs the browsers that e2e drives, where this is Debian or Ubuntu and we are root; with names
# of packages as arguments, only these. Elsewhere it only says so: an engine that is missing is
# reported as skipped.
set -euo pipefail

packages=("$@")
((${#packages[@]} > 0)) || packages=(chromium firefox-esr webkit2gtk-driver xvfb xauth)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
    missing+=("$package")
done

if ((${#missing[@]} == 0)); then
  echo 'browsers: all installed'
elif ! command -v apt-get >/dev/null || ((EUID != 0)); then
  echo "browsers: not root on Debian, so these stay missing: ${missing[*]}"
else
  echo "browsers: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet=2
  apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}" >/dev/null
fi
