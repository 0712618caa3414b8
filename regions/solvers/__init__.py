"""Adapters from the plain arrays of `regions.milp.counting_model` to the MILP solvers."""
