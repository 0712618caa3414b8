"""The front door: every name that was ever public is there, and every wing hands on what its module had."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import regions

NAMES = [
    "AffineSlice",
    "Auto",
    "Box",
    "Cells",
    "Compression",
    "ConvolutionalNetwork",
    "Count",
    "Description",
    "Domain",
    "Embedding",
    "EmpiricalBound",
    "Estimate",
    "Faces",
    "InputError",
    "Interrupted",
    "Layer",
    "LineExpectation",
    "Network",
    "PackageError",
    "PatternSet",
    "Polytope",
    "Pool",
    "Probe",
    "Pruning",
    "Ranges",
    "ReadError",
    "ReadWarning",
    "Reduction",
    "Region",
    "Regions",
    "RegionsError",
    "Result",
    "Sample",
    "Scip",
    "Segments",
    "SolverError",
    "Stability",
    "Stack",
    "StackNetwork",
    "Status",
    "Transformation",
    "UnsupportedError",
    "Verification",
    "WholeSpace",
    "WorkerError",
    "add_to",
    "boundary_pieces",
    "cite",
    "compile_kernels",
    "compress_network",
    "count_regions",
    "describe",
    "draw_regions",
    "embed",
    "empirical_bound",
    "estimate_regions",
    "expected_line_count",
    "iterate_regions",
    "load",
    "load_stacks",
    "local_equivalent",
    "plot_regions",
    "prune_network",
    "reduce_network",
    "region_graph",
    "save",
    "segment_counts",
    "segments",
    "shallow_equivalent",
    "slice_counts",
    "stable_units",
    "to_torch",
    "two_layer_approximation",
    "unit_ranges",
    "verify_certificate",
    "write_model",
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


SLOW = (
    "gurobipy",
    "highspy",
    "matplotlib",
    "networkx",
    "numba",
    "pandas",
    "scipy.stats",
    "sympy",
    "torch",
)
IMPORTED = f"""
import sys, regions
{{}}
print(*[name for name in {SLOW} if name in sys.modules])
"""


@pytest.mark.parametrize(
    "first",
    [
        "",
        "regions.Box.cube(2, 0, 1)",
        "from regions.cli import main; main(['bound', '784', '11', '11', '10'])",
        "from regions.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
    ],
    ids=["import", "box", "bound", "help"],
)
def test_what_is_slow_to_import_is_imported_by_who_needs_it(first):
    command = [sys.executable, "-c", IMPORTED.format(first)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_lazy_names_are_those_that_checkers_see():
    tree = ast.parse(Path(regions.__file__).read_text(encoding="utf-8"))
    seen = {"__version__"}
    for block in tree.body:
        if isinstance(block, ast.If):
            for line in block.body:
                home = import_module(f".{line.module}", "regions")
                for name in line.names:
                    assert getattr(home, name.name) is getattr(regions, name.asname)
                    seen.add(name.asname)
    assert seen == set(regions.__all__)
    assert seen <= set(dir(regions))


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'count_region'"):
        regions.count_region  # noqa: B018
