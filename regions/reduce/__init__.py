"""Wide networks of stacks with far fewer units: outside, weak and clustered ones go, in reported steps."""

from .reduction import Reduction as Reduction
from .reduction import reduce_network as reduce_network
from .stack import Stack as Stack
from .stack import StackNetwork as StackNetwork
from .steps import READINGS as READINGS
from .steps import Step as Step
from .steps import cluster_units as cluster_units
from .steps import remove_outside as remove_outside
from .steps import remove_weak as remove_weak
from .torch_stacks import load_stacks as load_stacks
