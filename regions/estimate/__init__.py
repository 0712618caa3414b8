"""Estimates and probable lower bounds of counts that nobody can enumerate."""

from .estimation import METHODS as METHODS
from .estimation import Estimate as Estimate
from .estimation import estimate_regions as estimate_regions
