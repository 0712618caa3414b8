"""The mixed-integer models: shared rows, the counting model with margins, the bounding model with none."""
