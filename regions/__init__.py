"""Count the linear regions of a ReLU network, and remove what never switches.

Names are imported when they are first asked for: who draws a box does not wait for solvers and compilers.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .version import __version__ as __version__

if TYPE_CHECKING:  # the same for checkers and editors, which do not run code
    from .certify import Verification as Verification
    from .certify import verify_certificate as verify_certificate
    from .citation import cite as cite
    from .compress import Compression as Compression
    from .compress import compress_network as compress_network
    from .count import Count as Count
    from .count import count_regions as count_regions
    from .count.engines import Auto as Auto
    from .count.engines import Cells as Cells
    from .count.engines import Faces as Faces
    from .count.engines import Pool as Pool
    from .count.engines import Sample as Sample
    from .count.engines import Scip as Scip
    from .count.status import Status as Status
    from .description import Description as Description
    from .description import describe as describe
    from .domain import AffineSlice as AffineSlice
    from .domain import Box as Box
    from .domain import Domain as Domain
    from .domain import Polytope as Polytope
    from .domain import WholeSpace as WholeSpace
    from .draw import draw_regions as draw_regions
    from .draw import plot_regions as plot_regions
    from .empirical import EmpiricalBound as EmpiricalBound
    from .empirical import empirical_bound as empirical_bound
    from .errors import InputError as InputError
    from .errors import Interrupted as Interrupted
    from .errors import PackageError as PackageError
    from .errors import ReadError as ReadError
    from .errors import RegionsError as RegionsError
    from .errors import SolverError as SolverError
    from .errors import UnsupportedError as UnsupportedError
    from .errors import WorkerError as WorkerError
    from .estimate import Estimate as Estimate
    from .estimate import estimate_regions as estimate_regions
    from .exact_search.warm_up import compile_kernels as compile_kernels
    from .formats.load import load as load
    from .formats.load import save as save
    from .formats.torch import to_torch as to_torch
    from .geometry.boundary import boundary_pieces as boundary_pieces
    from .geometry.iterate import Regions as Regions
    from .geometry.iterate import iterate_regions as iterate_regions
    from .geometry.neighbours import region_graph as region_graph
    from .geometry.polyline import Segments as Segments
    from .geometry.polyline import segments as segments
    from .geometry.probes import Probe as Probe
    from .geometry.probes import segment_counts as segment_counts
    from .geometry.probes import slice_counts as slice_counts
    from .geometry.random_lines import LineExpectation as LineExpectation
    from .geometry.random_lines import expected_line_count as expected_line_count
    from .geometry.region import Region as Region
    from .milp.embedding import Embedding as Embedding
    from .milp.embedding import add_to as add_to
    from .milp.embedding import embed as embed
    from .milp.model_file import write_model as write_model
    from .network import ConvolutionalNetwork as ConvolutionalNetwork
    from .network import Layer as Layer
    from .network import Network as Network
    from .network.chain import ReadWarning as ReadWarning
    from .network.patterns import PatternSet as PatternSet
    from .preactivations.ranges import Ranges as Ranges
    from .prune import Pruning as Pruning
    from .prune import prune_network as prune_network
    from .reduce import Reduction as Reduction
    from .reduce import Stack as Stack
    from .reduce import StackNetwork as StackNetwork
    from .reduce import load_stacks as load_stacks
    from .reduce import reduce_network as reduce_network
    from .result import Result as Result
    from .stability import Stability as Stability
    from .stability import stable_units as stable_units
    from .stability.unit_ranges import unit_ranges as unit_ranges
    from .transform import Transformation as Transformation
    from .transform import local_equivalent as local_equivalent
    from .transform import shallow_equivalent as shallow_equivalent
    from .transform import two_layer_approximation as two_layer_approximation

# Where each public name is.
_HOMES = {
    "certify": "Verification verify_certificate",
    "citation": "cite",
    "compress": "Compression compress_network",
    "count": "Count count_regions",
    "count.engines": "Auto Cells Faces Pool Sample Scip",
    "count.status": "Status",
    "description": "Description describe",
    "domain": "AffineSlice Box Domain Polytope WholeSpace",
    "draw": "draw_regions plot_regions",
    "empirical": "EmpiricalBound empirical_bound",
    "errors": "InputError Interrupted PackageError ReadError RegionsError SolverError UnsupportedError WorkerError",
    "estimate": "Estimate estimate_regions",
    "exact_search.warm_up": "compile_kernels",
    "formats.load": "load save",
    "formats.torch": "to_torch",
    "geometry.boundary": "boundary_pieces",
    "geometry.iterate": "Regions iterate_regions",
    "geometry.neighbours": "region_graph",
    "geometry.polyline": "Segments segments",
    "geometry.probes": "Probe segment_counts slice_counts",
    "geometry.random_lines": "LineExpectation expected_line_count",
    "geometry.region": "Region",
    "milp.embedding": "Embedding add_to embed",
    "milp.model_file": "write_model",
    "network": "ConvolutionalNetwork Layer Network",
    "network.chain": "ReadWarning",
    "network.patterns": "PatternSet",
    "preactivations.ranges": "Ranges",
    "prune": "Pruning prune_network",
    "reduce": "Reduction Stack StackNetwork load_stacks reduce_network",
    "result": "Result",
    "stability": "Stability stable_units",
    "stability.unit_ranges": "unit_ranges",
    "transform": "Transformation local_equivalent shallow_equivalent two_layer_approximation",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
# Modules that are there without an import of their own, as they were when all was imported at once.
_WINGS = {home.partition(".")[0] for home in _HOMES}
__all__ = sorted([*_HOME_OF, "__version__"])


def __getattr__(name):
    if name in _HOME_OF:
        value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
        globals()[name] = value
        return value
    if name in _WINGS:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
