#!/bin/sh
# Build the extensions with AddressSanitizer and UndefinedBehaviorSanitizer in a copy of the tree
# and run the tests of the compiled half on it. Usage: tests/sanitize.sh PYTHON
set -eu

python=$(realpath -s "$1")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | tar --null --files-from=- -cf - | tar -xf - -C "$copy"
cd "$copy"
ROTEIRO_SANITIZE=address,undefined "$python" setup.py --quiet build_ext --inplace

# A bytes object of its own allocation each, or a read past its end stays inside Python's pool.
export PYTHONMALLOC=malloc
export ASAN_OPTIONS=detect_leaks=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export PYTHONPATH="$copy/build/view"
preload="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
LD_PRELOAD="$preload" "$python" -c '
import sys
from roteiro.core import scan
sys.exit(not scan.__file__.startswith(sys.argv[1]))' "$copy"
# Mistakes are built into an engine of their own, without sanitizers: they are not for here.
LD_PRELOAD="$preload" "$python" -m pytest -q -p no:cacheprovider --ignore=tests/core/test_mutants.py \
    ${TESTS:-tests/core tests/differential tests/fuzz tests/association/test_pdata.py}
