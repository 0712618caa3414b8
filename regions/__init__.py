"""Count the linear regions of a ReLU network, and remove what never switches."""

from .adjacency import region_graph as region_graph
from .boundary import boundary_pieces as boundary_pieces
from .certify import verify_certificate as verify_certificate
from .citation import cite as cite
from .compress import compress_network as compress_network
from .convolution import ConvolutionalNetwork as ConvolutionalNetwork
from .count import Count as Count
from .count import count_regions as count_regions
from .domain import AffineSlice as AffineSlice
from .domain import Box as Box
from .domain import Polytope as Polytope
from .domain import WholeSpace as WholeSpace
from .empirical import empirical_bound as empirical_bound
from .engines import Auto as Auto
from .engines import Cells as Cells
from .engines import Pool as Pool
from .engines import Sample as Sample
from .engines import Scip as Scip
from .estimate import Estimate as Estimate
from .estimate import estimate_regions as estimate_regions
from .load import load as load
from .load import save as save
from .network import Network as Network
from .patterns import PatternSet as PatternSet
from .prune import prune_network as prune_network
from .ranges import unit_ranges as unit_ranges
from .readers.chain import ReadWarning as ReadWarning
from .readers.torch import to_torch as to_torch
from .reduce import load_stacks as load_stacks
from .reduce import reduce_network as reduce_network
from .region import Region as Region
from .region import iterate_regions as iterate_regions
from .stability import Stability as Stability
from .stability import stable_units as stable_units
from .status import Status as Status
from .transform import local_equivalent as local_equivalent
from .transform import shallow_equivalent as shallow_equivalent
from .transform import two_layer_approximation as two_layer_approximation

__version__ = "0.1.0"
