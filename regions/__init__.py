"""Count the linear regions of a ReLU network, and remove what never switches.

Names are imported when they are first asked for: who draws a box does not wait for solvers and compilers.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .version import __version__ as __version__

if TYPE_CHECKING:  # the same for checkers and editors, which do not run code
    from .certify import verify_certificate as verify_certificate
    from .citation import cite as cite
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
    from .domain import Polytope as Polytope
    from .domain import WholeSpace as WholeSpace
    from .empirical import empirical_bound as empirical_bound
    from .estimate import Estimate as Estimate
    from .estimate import estimate_regions as estimate_regions
    from .exact_search.warm_up import compile_kernels as compile_kernels
    from .formats.load import load as load
    from .formats.load import save as save
    from .formats.torch import to_torch as to_torch
    from .geometry.boundary import boundary_pieces as boundary_pieces
    from .geometry.iterate import iterate_regions as iterate_regions
    from .geometry.neighbours import region_graph as region_graph
    from .geometry.region import Region as Region
    from .network import ConvolutionalNetwork as ConvolutionalNetwork
    from .network import Network as Network
    from .network.chain import ReadWarning as ReadWarning
    from .network.patterns import PatternSet as PatternSet
    from .prune import prune_network as prune_network
    from .reduce import load_stacks as load_stacks
    from .reduce import reduce_network as reduce_network
    from .stability import Stability as Stability
    from .stability import stable_units as stable_units
    from .stability.unit_ranges import unit_ranges as unit_ranges
    from .transform import local_equivalent as local_equivalent
    from .transform import shallow_equivalent as shallow_equivalent
    from .transform import two_layer_approximation as two_layer_approximation

# Where each public name is.
_HOMES = {
    "certify": "verify_certificate",
    "citation": "cite",
    "compress": "compress_network",
    "count": "Count count_regions",
    "count.engines": "Auto Cells Faces Pool Sample Scip",
    "count.status": "Status",
    "description": "Description describe",
    "domain": "AffineSlice Box Polytope WholeSpace",
    "empirical": "empirical_bound",
    "estimate": "Estimate estimate_regions",
    "exact_search.warm_up": "compile_kernels",
    "formats.load": "load save",
    "formats.torch": "to_torch",
    "geometry.boundary": "boundary_pieces",
    "geometry.iterate": "iterate_regions",
    "geometry.neighbours": "region_graph",
    "geometry.region": "Region",
    "network": "ConvolutionalNetwork Network",
    "network.chain": "ReadWarning",
    "network.patterns": "PatternSet",
    "prune": "prune_network",
    "reduce": "load_stacks reduce_network",
    "stability": "Stability stable_units",
    "stability.unit_ranges": "unit_ranges",
    "transform": "local_equivalent shallow_equivalent two_layer_approximation",
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
