"""The front door: every name that was ever public is there, and every wing hands on what its module had."""

from importlib import import_module

import pytest

import regions

NAMES = [
    "AffineSlice",
    "Auto",
    "Box",
    "Cells",
    "ConvolutionalNetwork",
    "Count",
    "Estimate",
    "Network",
    "PatternSet",
    "Polytope",
    "Pool",
    "ReadWarning",
    "Region",
    "Sample",
    "Scip",
    "Stability",
    "Status",
    "WholeSpace",
    "boundary_pieces",
    "cite",
    "compress_network",
    "count_regions",
    "empirical_bound",
    "estimate_regions",
    "iterate_regions",
    "load",
    "load_stacks",
    "local_equivalent",
    "prune_network",
    "reduce_network",
    "region_graph",
    "save",
    "shallow_equivalent",
    "stable_units",
    "to_torch",
    "two_layer_approximation",
    "unit_ranges",
    "verify_certificate",
]

# What could be imported from the module, or is imported now from the wing, of that name.
FACES = {
    "certify": "Verification verify_certificate",
    "cli": "main",
    "compress": "Check Compression Fate Lift RULES Size compress_network difference_network largest_difference",
    "count": "COUNTED Count Question Remaining Run count_regions",
    "count.engines": "ENGINES Auto Cells Pool Sample Scip",
    "domain": "AffineSlice Box Domain Polyhedron Polytope WholeSpace",
    "draw": "draw_regions plot_regions",
    "empirical": "EmpiricalBound REFINEMENTS Refinement empirical_bound",
    "errors": "InputError ReadError RegionsError SolverError UnsupportedError WorkerError",
    "estimate": "Estimate METHODS estimate_regions",
    "network": "Convolution ConvolutionalNetwork Layer Network PatternSet Pooling Relu real_array",
    "prune": "BestSet Blocks Fisher Hessian METHODS Pruning Removal Search Surgeon cheapest_set prune_network search",
    "reduce": "READINGS Reduction Stack StackNetwork Step load_stacks reduce_network",
    "stability": "Stability stable_units",
    "transform": "PATTERNS Share Transformation local_equivalent shallow_equivalent two_layer_approximation",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_front_door_has_it(name):
    assert getattr(regions, name)


@pytest.mark.parametrize("wing", FACES)
def test_the_wing_hands_on_its_names(wing):
    module = import_module(f"regions.{wing}")
    missing = [name for name in FACES[wing].split() if not hasattr(module, name)]
    assert not missing


def test_the_command_is_found_where_the_wheel_says():
    from regions.cli import main

    assert callable(main)
