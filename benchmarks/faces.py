"""Claim: where the layers before the last are wide, counting by faces needs far fewer questions than there are cells.

    python -m benchmarks.faces                 trained 784-n-m-10 with 22 hidden units, by faces and by enumeration
    python -m benchmarks.faces --largest       784-24-6-1 with random weights, by faces alone
    python -m benchmarks.faces --certificates  what the file costs: to write, to read, to verify without the engine

Trained networks as in `benchmarks.wide`: on the embedded digits, seed 0, 20 epochs; random ones as in
`benchmarks.counting`. One thread; CPU seconds of the process, proofs included, compiled code loaded. Both engines
must certify the same number.
"""

import argparse
import tempfile
import time
from pathlib import Path

from regions import Box, Cells, Faces, count_regions, verify_certificate

from .counting import network as random_network
from .wide import trained

SHAPES = ((21, 1), (18, 4), (15, 7), (11, 11), (7, 15))


def timed(function, *arguments, **options):
    """The result of a call and its CPU seconds."""
    start = time.process_time()
    return function(*arguments, **options), time.process_time() - start


def compare(network, box):
    """One row: faces, enumeration, and what `Auto` takes."""
    ours, seconds = timed(count_regions, network, box, engine=Faces())
    peer, peer_seconds = timed(count_regions, network, box, engine=Cells())
    chosen, chosen_seconds = timed(count_regions, network, box)
    if not ours.at_least == ours.at_most == peer.value == chosen.value:
        raise SystemExit(f"{network}: {ours}, {peer}, {chosen}")
    print(
        f"| {network.architecture} | {ours.value:,} | {ours.stats['questions']:,} | {seconds:.2f} | {peer_seconds:.2f} | "
        f"{peer_seconds / seconds:.1f}x | {chosen.engine} {chosen_seconds:.2f} |",
        flush=True,
    )


def count_alone(network, box):
    """One row by faces."""
    ours, seconds = timed(count_regions, network, box, engine=Faces())
    print(
        f"| {network.architecture} | {ours.value:,} | {ours.status.name} | {ours.stats['questions']:,} | {seconds:.1f} |",
        flush=True,
    )


def certify(network, box, folder):
    """One row: the certificate of a count by faces."""
    path = Path(folder) / "count.npz"
    ours, seconds = timed(count_regions, network, box, engine=Faces(), certificate=path)
    found, verifying = timed(verify_certificate, path, network)
    if not found.proved_at_least == found.proved_at_most == ours.value:
        raise SystemExit(f"{network}: counted {ours}, the certificate proves {found}")
    size = path.stat().st_size / 1e6
    print(
        f"| {network.architecture} | {ours.value:,} | {seconds:.2f} | {verifying:.1f} | {found.checks:,} | {size:.2f} MB |",
        flush=True,
    )


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--largest", action="store_true")
    parser.add_argument("--certificates", action="store_true")
    options = parser.parse_args()
    box = Box.cube(784, 0, 1)
    for engine in (Faces(), Cells()):  # compile, and load
        count_regions(random_network(784, (3, 2)), box, engine=engine)
    if options.largest:
        print("| network | cells | status | questions | CPU s |\n|---|---|---|---|---|")
        count_alone(random_network(784, (24, 6)), box)
        return
    if options.certificates:
        print("| network | cells | count and write, CPU s | verify, CPU s | leaves | file |")
        print("|---|---|---|---|---|---|")
        with tempfile.TemporaryDirectory() as folder:
            for shape in ((21, 1), (18, 4), (15, 7)):
                certify(*trained(*shape), folder)
        return
    print(
        "| network | cells | questions | faces, CPU s | enumeration, CPU s | ratio | auto, CPU s |"
    )
    print("|---|---|---|---|---|---|---|")
    for shape in SHAPES:
        compare(*trained(*shape))


if __name__ == "__main__":
    main()
