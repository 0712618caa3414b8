"""Cells as objects: to iterate over, their neighbours, boundary and polygons, and probes along data."""

from .boundary import boundary_pieces as boundary_pieces
from .iterate import Regions as Regions
from .iterate import iterate_regions as iterate_regions
from .neighbours import region_graph as region_graph
from .polyline import Segments as Segments
from .polyline import segments as segments
from .region import Region as Region
