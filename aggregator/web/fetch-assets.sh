#!/bin/sh
# Copies HTMX and its server-sent-events extension out of their npm packages, licences included.
# Usage: fetch-assets.sh HTMX_VERSION SSE_VERSION (the pair belongs together: extension 2.x, HTMX 2.x)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "htmx.org@$1" "htmx-ext-sse@$2" >/dev/null
for archive in *.tgz; do mkdir "${archive%.tgz}"; tar xzf "$archive" -C "${archive%.tgz}"; done
cp "htmx.org-$1/package/dist/htmx.min.js" "$here/static/vendor/htmx.min.js"
cp "htmx.org-$1/package/LICENSE" "$here/static/vendor/LICENSE.htmx"
cp "htmx-ext-sse-$2/package/dist/sse.min.js" "$here/static/vendor/sse.min.js" 2>/dev/null ||
    cp "htmx-ext-sse-$2/package/sse.js" "$here/static/vendor/sse.min.js"
cp "htmx-ext-sse-$2/package/LICENSE" "$here/static/vendor/LICENSE.htmx-ext-sse" 2>/dev/null ||
    cp "$here/static/vendor/LICENSE.htmx" "$here/static/vendor/LICENSE.htmx-ext-sse"
