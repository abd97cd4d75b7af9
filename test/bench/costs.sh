#!/bin/sh
# SPDX-License-Identifier: MIT
# Write the table of docs/costs.md as a run counts it. Look at what changed, then commit it.
# usage: costs.sh BUILD_DIR
set -eu
cmake --build "$1" --target unit_costs
PMEM_COSTS_WRITE=1 "$1/test/unit/unit_costs"
git -C "$(dirname "$0")" diff --stat -- ../../docs/costs.md
