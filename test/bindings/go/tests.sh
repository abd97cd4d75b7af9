#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of the Go package; run by env.sh. usage: tests.sh format | test | race
set -eu
case $1 in
format)
    bad=$(gofmt -l . "$SOURCE/docs/examples" "$SOURCE/test")
    [ -z "$bad" ] || { echo "not as gofmt has it: $bad"; exit 1; }
    go vet ./...
    go vet "$SOURCE/docs/examples/job.go"
    # Without pkg-config, as docs/bindings.md tells.
    PKG_CONFIG_PATH='' PKG_CONFIG=true CGO_CFLAGS="-I$SOURCE/include" \
        CGO_LDFLAGS="-L$LD_LIBRARY_PATH -lpmem-3" go build -o /dev/null "$SOURCE/docs/examples/job.go"
    ;;
test | race)
    out=$(mktemp)
    trap 'rm -f "$out"' EXIT
    case $1 in
    # cgocheck=2 finds pointers of Go that C would keep.
    test) export GODEBUG=cgocheck=2; set -- ;;
    race) set -- -race ;;
    esac
    status=0
    GOTRACEBACK=all go test -count=1 -v "$@" . >"$out" 2>&1 || status=$?
    cat "$out"
    [ $status -eq 0 ] || exit 1
    grep -c '^--- PASS' "$out" | { read -r passed; [ "$passed" -ge 25 ] || { echo "only $passed"; exit 1; }; }
    # A test that could not run is no pass.
    if grep -A 2 '^ *--- SKIP' "$out"; then exit 77; fi
    ;;
*) exit 2 ;;
esac
