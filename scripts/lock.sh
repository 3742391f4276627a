#!/bin/sh
# Write requirements.lock, requirements-dev.lock and requirements-bench.lock from pyproject.toml.
#
#   scripts/lock.sh [--upgrade]     without it, pins that still fit are kept
#
# The locks hold versions, environment markers and hashes for Python 3.11 and newer, and no address:
# any index or mirror that has the same files will do. Installing them needs only pip.
set -eu
cd "$(dirname "$0")/.."

# The tool is pinned so that two people get the same lock, and kept out of the product's own locks.
tool=var/lock-tool
uv=$tool/bin/uv
if [ ! -x "$uv" ]; then
    "${PYTHON:-python3}" -m venv "$tool"
    "$tool/bin/python" -m pip install --quiet --disable-pip-version-check 'uv==0.13.9'
fi

compile() {
    output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --only-binary :all: --no-annotate --no-emit-index-url --no-emit-find-links \
        --custom-compile-command 'make lock' --output-file "$output" "$@"
}

compile requirements.lock pyproject.toml --group build ${1:+"$1"}
# Without --upgrade the shared part follows requirements.lock, so the locks never disagree.
compile requirements-dev.lock pyproject.toml --group build --group dev \
    --constraints requirements.lock ${1:+"$1"}
compile requirements-bench.lock pyproject.toml --group build --group dev --group bench \
    --constraints requirements-dev.lock ${1:+"$1"}
if grep -nE '[a-z]+://' requirements.lock requirements-dev.lock requirements-bench.lock; then
    echo "lingji: an address got into a lock (above); locks hold versions and hashes only" >&2
    exit 1
fi
