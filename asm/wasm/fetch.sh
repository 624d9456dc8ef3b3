#!/bin/sh
# Fetches the WebAssembly builds of Keystone and Capstone named in package-lock.json into node_modules.
# npm checks each package against the lock file's hash; the Maven build then checks the files themselves.
set -eu
cd "$(dirname "$0")"

if [ -f node_modules/@alexaltea/keystone-js/dist/keystone.wasm ] && [ -f node_modules/capstone-wasm/dist/capstone.wasm ]
then
    exit 0
fi

if ! command -v npm >/dev/null 2>&1
then
    echo "asm: npm is needed once, to fetch Keystone and Capstone, and was not found on PATH." >&2
    echo "asm: install Node.js with npm (Debian, Ubuntu: apt-get install npm; Fedora: dnf install npm; macOS: brew install node)" >&2
    exit 1
fi

echo "asm: fetching Keystone and Capstone with npm"
npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error || {
    echo "asm: npm could not fetch the packages of asm/wasm/package-lock.json; is the network (or an npm mirror) reachable?" >&2
    exit 1
}
