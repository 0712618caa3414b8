"""What the papers did, as studies: trained networks, their counts and their bounds, in tables.

``python -m experiments list`` shows the studies, ``python -m experiments run all --scale quick``
computes their tables under ``experiments/results/quick``; `figures` draws them.
"""
