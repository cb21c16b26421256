#!/bin/sh
# The web tests drive a real Chromium. Installs the distribution's where it is missing and allowed.
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

has_browser >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
has_browser >/dev/null || {
    echo "The tests need Chromium: install it with your package manager (Debian: apt-get install chromium)." >&2
    exit 1
}
