#!/bin/sh
# SPDX-License-Identifier: MIT
# A set-user-id program does not hear what its environment says: LIBPMEM_ROOT is longer than any path, which the
# same program refuses when it is an ordinary one.
# usage: secure.sh PROJECT_DIR C_COMPILER ARCHIVE        (as root, who can give a file away)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ "$(id -u)" = 0 ] || { echo "skipped: needs root, to make a file set-user-id of another user"; exit 77; }
cat >"$work/secure.c" <<'END'
#include <pmem/pmem.h>
#include <sys/auxv.h>
int main(void)
{
	struct pmem_ctx *ctx = 0;
	int r = pmem_ctx_new(&ctx);

	pmem_ctx_unref(ctx);
	return getauxval(AT_SECURE) ? r == 0 ? 3 : 4 : r < 0 ? 1 : 0;
}
END
"$2" -I"$1/include" -o "$work/secure" "$work/secure.c" "$3" -lbsd -pthread
LIBPMEM_ROOT=$(printf '/%05000d' 0)
export LIBPMEM_ROOT
run() { status=0; "$work/secure" || status=$?; }
run
[ $status = 1 ] || { echo "an ordinary program does not hear LIBPMEM_ROOT: exit $status"; exit 1; }
chown 65534 "$work/secure"
chmod 4755 "$work/secure"
run
case $status in
3) ;;
1) echo "skipped: this file system has no set-user-id (nosuid)"; exit 77 ;;
*) echo "a set-user-id program hears LIBPMEM_ROOT: exit $status"; exit 1 ;;
esac
