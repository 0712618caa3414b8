"""Count the linear regions of a ReLU network, and remove what never switches."""

__version__ = "0.1.0"  # above the imports: what they import says it

from .certify import verify_certificate as verify_certificate
from .citation import cite as cite
from .compress import compress_network as compress_network
from .count import Count as Count
from .count import count_regions as count_regions
from .count.engines import Auto as Auto
from .count.engines import Cells as Cells
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
