"""Claim: a margin chosen in advance is wrong on some network, and two solvers that share it agree there.

Five networks with one hidden layer, two inputs and a box, each with a proof by hand of its number of
cells (`tests.ladder.TOLERANCE_CASES`). The mixed-integer engines see a cell only if its units clear a
margin epsilon; the exact engine has none. A number that is not the proved one is marked with *.

    python -m benchmarks.tolerances
"""

from regions import Cells, Pool, Scip, Status, count_regions
from tests.ladder import TOLERANCE_CASES

MARGINS = (1e-6, 1e-9, 0.0)
ENGINES = {
    "certified": Cells(),
    **{f"pool {margin:g}": Pool(epsilon=margin) for margin in MARGINS},
    **{f"scip {margin:g}": Scip(epsilon=margin) for margin in MARGINS},
}


def main():
    """Print one line for each network; fail if the exact engine is wrong or does not prove."""
    print(f"{'network':<40}{'proved':>8}" + "".join(f"{name:>11}" for name in ENGINES))
    for rung in TOLERANCE_CASES:
        right = rung.answers["cells"]
        counts = {
            name: count_regions(rung.network, rung.domain, engine=engine)
            for name, engine in ENGINES.items()
        }
        words = (
            f"{count.value}{' ' if count.value == right else '*'}" for count in counts.values()
        )
        print(f"{rung.name:<40}{right:>8}" + "".join(f"{word:>11}" for word in words))
        exact = counts["certified"]
        if exact.status is not Status.CERTIFIED or exact.value != right:
            raise SystemExit(f"{rung.name}: the exact engine says {exact}; proved are {right}")


if __name__ == "__main__":
    main()
