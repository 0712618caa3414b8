"""Compiled inner loops of the exact engine. Nothing here decides by a tolerance.

Every kernel explores the cells below a partial sign assignment (a *task*) and settles a question
only with a proof in floating point that bounds its own rounding; what it cannot prove it hands back
as an open task, to be settled in rational arithmetic. `tests/oracles` has readable twins and brute force.
"""
