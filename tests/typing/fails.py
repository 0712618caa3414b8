"""Calls that checkers of types must refuse: mypy says so where an error that is ignored here is none (`make check`)."""

import bounds
from regions import Box, Cells, Count, Network, count_regions, load, save, stable_units

network = load("net.npz")
load(3)  # type: ignore[arg-type]
count_regions(network, 5)  # type: ignore[arg-type]
count_regions(network, (0, 1), time_limit="an hour")  # type: ignore[arg-type]
count_regions(network, (0, 1), progress="bar")  # type: ignore[arg-type]
count_regions(network, (0, 1), workers=1.5)  # type: ignore[arg-type]
count_regions(network, (0, 1), engine=7)  # type: ignore[arg-type]
count_regions(network, (0, 1), timelimit=3)  # type: ignore[call-arg]
count_regions(network, (0, 1), Cells())  # type: ignore[call-arg]
word = stable_units(network, (0, 1)).no_such_thing  # type: ignore[attr-defined]
count: Count = stable_units(network, (0, 1))  # type: ignore[assignment]
Box.cube(2, 0)  # type: ignore[call-arg]
Network.of(3)  # type: ignore[arg-type]
save(network, 3)  # type: ignore[arg-type]
bounds.layered(784, 11)  # type: ignore[arg-type]
bounds.layered(784, [11], 3)  # type: ignore[call-arg, arg-type]
