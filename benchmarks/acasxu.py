"""Certified counts on ACAS Xu networks of the verification community (5-50-50-50-50-50-50-5).

    RELU_REGIONS_ACASXU=folder python -m benchmarks.acasxu

The folder holds the networks (.onnx) and ``boxes.csv``: property, lower_0, upper_0, ..., the standard input boxes in
normalised units. Boxes that are not counted within the time limit are reported as lower bounds. The box of property 1 is
estimated too.
"""

import csv
import os
import sys
import time
from pathlib import Path

from regions import Box, Cells, count_regions, estimate_regions, load

COUNTED, ESTIMATED = (1, 3, 4), (1,)
TIME_LIMIT = 600.0


def boxes(folder):
    """The input box of each property."""
    with (folder / "boxes.csv").open() as file:
        for record in csv.DictReader(file):
            ends = [[float(record[f"{end}_{i}"]) for i in range(5)] for end in ("lower", "upper")]
            yield int(record["property"]), Box(*ends)


def counted(network, box):
    """``(cells, status, seconds)`` of a count."""
    count_regions(network, Box.around((box.lower + box.upper) / 2, 1e-6, within=box))
    start = time.perf_counter()
    count = count_regions(network, box, engine=Cells(), time_limit=TIME_LIMIT)
    return f"{count.value:,}", count.status.name, time.perf_counter() - start


def estimated(network, box):
    """``(cells, status, seconds)`` of an estimate by random descents alone."""
    found = estimate_regions(network, box, time_limit=TIME_LIMIT, counting=False)
    return str(found), f"at least 2^{found.exponent}, 95 %", found.seconds


def main():
    """Print the table."""
    if "RELU_REGIONS_ACASXU" not in os.environ:
        sys.exit("acasxu: set RELU_REGIONS_ACASXU to a folder with the .onnx files and boxes.csv")
    folder = Path(os.environ["RELU_REGIONS_ACASXU"])
    print("| network | property | cells | status | seconds |\n|---|---|---|---|---|")
    for path in sorted(folder.glob("*.onnx")):
        network, name = load(path), path.stem.removeprefix("ACASXU_run2a_")
        for number, box in boxes(folder):
            answers = [counted] * (number in COUNTED) + [estimated] * (number in ESTIMATED)
            for answer in answers:
                cells, status, seconds = answer(network, box)
                row = [name.removesuffix("_batch_2000"), str(number), cells, status]
                print("|", " | ".join(row), f"| {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
