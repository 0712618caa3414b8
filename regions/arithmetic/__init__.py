"""Numbers that are right: rounding bounds, rationals, exact linear programmes, dyadic matrices, ranks, volumes."""
