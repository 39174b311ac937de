"""Where the suite's time goes: the slowest tests, and what each file takes, of a run that it starts.

python -m tools.durations [PYTEST ARGUMENTS]
"""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

SLOWEST = 60


def durations(report: Path) -> dict[str, float]:
    """test -> seconds, with what its fixtures took, of a JUnit report that pytest wrote."""
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - our own file
    return {f"{case.get('classname')}::{case.get('name')}": float(case.get("time", 0)) for case in cases}


def by_file(taken: dict[str, float]) -> dict[str, float]:
    """Module -> seconds, longest first; a class counts to its module."""
    sums: Counter[str] = Counter()
    for test, seconds in taken.items():
        sums[re.sub(r"\.[A-Z]\w*(\.|$).*", "", test.partition("::")[0])] += seconds
    return dict(sums.most_common())


def table(rows: dict[str, float]) -> str:
    """One line each: seconds, name."""
    return "\n".join(f"{seconds:8.1f} s  {name}" for name, seconds in rows.items())


def main(arguments: list[str]) -> int:
    """Run pytest with these, and print both tables; returns pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "junit.xml")
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments], check=False)
        taken = durations(report)
    slowest = dict(sorted(taken.items(), key=lambda one: -one[1])[:SLOWEST])
    files = by_file(taken)
    print(f"\nThe {len(slowest)} slowest of {len(taken)} tests\n{table(slowest)}")
    print(f"\nBy file, {sum(files.values()):.0f} s in all\n{table(files)}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
