#!/bin/sh
# Bring .venv to what the locks say, with Python and its own venv and pip only.
#
#   scripts/set_up.sh [dev|bench]   `dev` adds what the tests and checks need, `bench` also what
#                                   the project is measured against
#
# PYTHON=/path/to/python3.12 chooses the interpreter. Nothing is fetched when .venv already
# matches the locks; when a lock changes, .venv is built anew so that no old package stays.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
wants=${1:-runtime}

say() { printf '%s\n' "lingji: $*" >&2; }
refuse() { say "$@"; exit 1; }

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || refuse "PYTHON=$PYTHON is not a Python 3.11 or newer" \
            "(it says: $("$PYTHON" --version 2>&1 || true)). Give the path of one that is."
        printf '%s' "$PYTHON"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        if new_enough "$candidate"; then printf '%s' "$candidate"; return; fi
    done
    found=$(python3 --version 2>/dev/null) || found="not there"
    refuse "Python 3.11 or newer is needed; python3 is $found." \
        "Install one (Debian: apt-get install python3 python3-venv)" \
        "or name it: make PYTHON=/path/to/python3.12 …"
}

version() { "$1" -c 'import sys; print(sys.version_info[:3])' 2>/dev/null; }

fingerprint() { cat "$@" | cksum; }

# A stamp is written when its step is complete, so an interrupted step is done again.
stamp() { fingerprint "$@" >"$venv/installed-$step"; }
is_current() { [ "$(cat "$venv/installed-$step" 2>/dev/null)" = "$(fingerprint "$@")" ]; }

environment_runs() {
    found=$(version "$venv/bin/python") || return 1
    [ -z "${PYTHON:-}" ] || [ "$found" = "$(version "$PYTHON")" ]
}

create_environment() {
    python=$(find_python)
    say "making $venv with $("$python" --version 2>&1)"
    rm -rf "$venv"
    if ! log=$("$python" -m venv "$venv" 2>&1); then
        rm -rf "$venv"
        printf '%s\n' "$log" >&2
        refuse "$python cannot make virtual environments." \
            "Debian and Ubuntu keep that in a package of its own: apt-get install python3-venv." \
            "Or name another Python: make PYTHON=/path/to/python3.12 …"
    fi
}

install_lock() {
    say "installing what $1 names (a minute or two)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --only-binary=:all: --no-compile --requirement "$1" ||
        refuse "could not install $1; pip says why above. No network or no mirror of PyPI?" \
            "pip's own settings (PIP_INDEX_URL, pip.conf) are respected."
    # pip compiles on one processor; what cannot be compiled, such as a template, is never imported.
    "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || true
}

install_project() {
    rm -f models/_*.so serving/wording/_*.so
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --no-deps --no-build-isolation --no-index --editable .
    "$venv/bin/python" -c 'from models import _nearest, _reasons, _tree_kernel
from serving.wording import _reasons_text' >/dev/null 2>&1 ||
        say "no C compiler with Python's headers was found (Debian: apt-get install gcc python3-dev):" \
            "explanations are computed in NumPy and Python, with the same numbers and much slower."
}

lightgbm_loads() { "$venv/bin/python" -c 'import lightgbm' >/dev/null 2>&1; }

check_openmp() {
    lightgbm_loads && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "LightGBM needs the OpenMP library: apt-get install libgomp1"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1; } >&2 || true
    fi
    lightgbm_loads && return
    "$venv/bin/python" -c 'import lightgbm' 2>&1 | tail -n 1 >&2
    refuse "LightGBM does not load; most often the OpenMP library is missing." \
        "Debian, Ubuntu: apt-get install libgomp1 · Fedora, RHEL: dnf install libgomp ·" \
        "macOS: brew install libomp. Then run the same command again."
}

browser_is_there() {
    command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 ||
        command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1
}

install_browser() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" \
        fonts-wqy-microhei
}

# The tests of the pages skip without a browser, so that nothing fails here.
offer_browser() {
    browser_is_there && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "the tests of the pages want a browser: apt-get install chromium-headless-shell" \
            "fonts-wqy-microhei"
        # Without windows of its own it takes half the time; where there is none, the whole browser.
        { apt-get update -qq && { install_browser chromium-headless-shell ||
            install_browser chromium; }; } >/dev/null 2>&1 || true
    fi
    browser_is_there || say "no Chromium was found: the tests of the pages in a browser are skipped" \
        "(Debian: apt-get install chromium-headless-shell fonts-wqy-microhei)."
}

step=runtime
if ! environment_runs || ! is_current requirements.lock; then
    create_environment
    install_lock requirements.lock
    stamp requirements.lock
fi
step=openmp
if ! is_current requirements.lock; then
    check_openmp
    stamp requirements.lock
fi
step=project
if ! is_current pyproject.toml models/*.[ch] serving/wording/*.c; then
    install_project
    stamp pyproject.toml models/*.[ch] serving/wording/*.c
fi
step=dev
if [ "$wants" != runtime ] && ! is_current requirements.lock requirements-dev.lock; then
    install_lock requirements-dev.lock
    stamp requirements.lock requirements-dev.lock
fi
step=browser
if [ "$wants" != runtime ] && ! is_current requirements-dev.lock; then
    offer_browser
    stamp requirements-dev.lock
fi
step=bench
if [ "$wants" = bench ] && ! is_current requirements-dev.lock requirements-bench.lock; then
    install_lock requirements-bench.lock
    stamp requirements-dev.lock requirements-bench.lock
fi
