"""What one version of the harness costs against another, in CPU seconds of one and the same run.

    cost.py --other DIRECTORY [--pairs N]

runs a small matrix with the package in this checkout's src/ and with the one in DIRECTORY/src, a
checkout or an archive of another commit, in alternation, each time from nothing known. It prints
the ratio pair by pair, and the median with its quartiles. Driver, hosts and steps all count. The
environment must have been installed by this checkout.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CELLS = (
    *("--environment", "tf2.21", "--case", "module_dense", "--case", "string_lookup_embedding"),
    "--fresh",
)


def main() -> None:
    """Run the pairs and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=10)
    chosen = parser.parse_args()
    sources = (ROOT / "src", chosen.other.resolve() / "src")
    for source in sources:  # once for the bytecode
        cpu_seconds(source)
    ratios = []
    for pair in range(chosen.pairs):
        order = sources if pair % 2 else sources[::-1]
        took = {source: cpu_seconds(source) for source in order}
        ratios.append(took[sources[0]] / took[sources[1]])
        print(f"{took[sources[0]]:.2f} s / {took[sources[1]]:.2f} s = {ratios[-1]:.3f}", flush=True)
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"median {middle:.3f}, quartiles {low:.3f} to {high:.3f}, ", end="")
    print(f"all {min(ratios):.3f} to {max(ratios):.3f}")


def cpu_seconds(source: Path) -> float:
    """Return the CPU seconds of one run and of every process that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as results:
        command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", results]
        done = subprocess.run(
            [*command, *CELLS],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(source)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
