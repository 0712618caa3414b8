"""Adapters from the plain arrays of `regions.formulation` to the MILP solvers."""
