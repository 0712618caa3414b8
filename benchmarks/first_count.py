"""The first minute on a fresh machine: CPU seconds to compile each search, to load it, and to import.

Each row runs in processes of its own, with compiled code kept in an empty folder: the first one compiles, the second
one loads. The peer of compiling is the same search loaded; of `import regions`, its parts.

    python -m benchmarks.first_count
"""

import os
import subprocess
import sys
import tempfile

# Inputs and widths of the smallest networks that are searched in each way.
KINDS = {"up to 5 inputs": (2, (8, 8)), "more inputs": (8, (10, 6)), "wide": (40, (6, 6))}
# Only the empty folder counts, not what an earlier run left beside the package.
COUNT = """
import time
from pathlib import Path

import regions.kernels.store as store
from numba.core import event

store.folders.__globals__["folders"] = lambda *_: (Path({folder!r}),)
from benchmarks.counting import network
from regions import Box, count_regions

net = network({n0}, {widths})
start = time.process_time()
with event.install_recorder("numba:compile") as recorder:
    count = count_regions(net, Box.cube({n0}, -1, 1))
used = time.process_time() - start
print(count.value, sum(event.is_start for _, event in recorder.buffer), used, count.seconds)
"""
IMPORTS = {
    "import regions": "import regions",
    "from regions import count_regions": "from regions import count_regions",
    "regions --help": "import sys; sys.argv[1:] = ['--help']; from regions.cli import main; main()",
    "regions bound 784 11 11 10": "from regions.cli import main; main(['bound', '784', '11', '11', '10'])",
    "import scipy.stats": "import scipy.stats",
    "import numba": "import numba",
}


def main():
    """Print both tables; fail if a loaded search counts another number or compiles anything."""
    print(f"{'search':<16}{'compilations':>13}{'CPU s':>8}{'loaded':>8}{'Count.seconds':>15}")
    for kind, (n0, widths) in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            code = COUNT.format(folder=folder, n0=n0, widths=widths)
            first, second = (output(code).split() for _ in range(2))
        if first[0] != second[0] or second[1] != "0":
            raise SystemExit(f"{kind}: {first} at first, then {second}")
        compilations, compiling, inside = first[1], float(first[2]), float(first[3])
        print(
            f"{kind:<16}{compilations:>13}{compiling:>8.1f}{float(second[2]):>8.2f}{inside:>15.3f}"
        )
    print(f"\n{'process':<36}{'CPU s':>8}")
    for name, code in IMPORTS.items():
        print(f"{name:<36}{least_cpu(code):>8.2f}")


def output(code):
    """What a new process prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def least_cpu(code, runs=3):
    """CPU seconds of a new process beyond those of an empty one, the least of ``runs``."""
    return min(process_cpu(code) for _ in range(runs)) - min(process_cpu("") for _ in range(runs))


def process_cpu(code):
    """User and system seconds of a new process."""
    before = os.times()
    output(code)
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


if __name__ == "__main__":
    main()
