#!/bin/sh
# Make .venv with the Python given, or say in a sentence why that cannot be. An environment that works is kept.
python=${1:-python3}

if [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=.venv/bin/python
elif ! command -v "$python" >/dev/null 2>&1; then
    echo "There is no '$python' here. Install Python 3.11 or newer, or name one: make setup PYTHON=python3.12" >&2
    exit 1
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "'$python' is $("$python" --version 2>&1); the course needs 3.11 or newer. Name another one: make setup PYTHON=python3.12" >&2
    if [ "$python" = .venv/bin/python ]; then echo "It is the one in .venv: run 'make distclean' first." >&2; fi
    exit 1
fi
[ "$python" = .venv/bin/python ] && exit 0

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "'$python' cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
    exit 1
fi
"$python" -m venv --clear .venv
