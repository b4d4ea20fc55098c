#!/bin/sh
# Grading locks every submission into bubblewrap. Install it where nobody need be asked, else say how.
# Never fails: `autograder doctor` says what grading can do without.
[ "$(uname -s)" = Linux ] || exit 0
command -v bwrap >/dev/null 2>&1 && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    log=$(mktemp)
    if DEBIAN_FRONTEND=noninteractive sh -c '
        apt-get update -q && apt-get install -y -q --no-install-recommends bubblewrap libseccomp2
    ' >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        exit 0
    fi
    cat "$log" >&2
    rm -f "$log"
fi
echo "bubblewrap is missing, so submissions cannot be graded in full isolation here. To have it: sudo apt-get install bubblewrap" >&2
exit 0
