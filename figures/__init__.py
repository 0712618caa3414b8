"""What the papers show: one file per figure. Figures read tables and never compute a count.

``python -m figures --scale quick`` draws the tables of ``python -m experiments run all --scale quick``.
"""
