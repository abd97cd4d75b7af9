#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/examples/job_async.mjs: its declarations, and that each of its tasks is told its own failure.
# usage: async.sh
set -eu
python3 -B "$SOURCE/test/bindings/declared.py" "$SOURCE/docs/examples/job_async.mjs"
# Beside the test of the table, which may run at the same time.
folder=$BINDINGS_BUILD/node-async
"$SOURCE/test/bindings/node/install.sh" "$folder" || { echo "SKIPPED"; exit 77; }
cp "$SOURCE/docs/examples/job_async.mjs" "$folder"
node "$folder/job_async.mjs" 5000 | tee "$folder/said"
grep -qx '5000 of 5000 tasks were told right' "$folder/said"
