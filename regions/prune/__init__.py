"""Pruning: weights that can go because the loss hardly notices, and the combinatorial brain surgeon."""

from .best_set import BestSet as BestSet
from .best_set import cheapest_set as cheapest_set
from .curvature import Blocks as Blocks
from .curvature import Fisher as Fisher
from .curvature import Hessian as Hessian
from .local_search import Search as Search
from .local_search import search as search
from .pruning import METHODS as METHODS
from .pruning import Pruning as Pruning
from .pruning import Surgeon as Surgeon
from .pruning import prune_network as prune_network
from .removal import Removal as Removal
from .update import surgeon_update as surgeon_update
from .update import woodfisher_costs as woodfisher_costs
from .update import woodfisher_update as woodfisher_update
