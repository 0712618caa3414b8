"""What the solvers may get wrong, in one place. No proof rests on any of it: each answer is checked again."""

# Unit: violation of a row, distance of a binary from an integer, value of an objective that counts as zero.
# The least that Gurobi accepts; SCIP and HiGHS are asked for the same, so that they answer the same question.
TOLERANCE = 1e-9

# Unit: violation of a row of norm about 1, for the linear programmes of HiGHS alone; the least that it accepts.
FINEST = 1e-10

# Unit: lengths, in programmes about the sides of a cell whose rows have length 1. A side, or a point off it, counts from
# this distance on: what is nearer may be the tolerance above and nothing else.
CLEAR = 10 * TOLERANCE
