"""python -m benchmarks: measure, and write docs/benchmarks.md."""

import sys

from benchmarks.main import main

sys.exit(main(sys.argv[1:]))
