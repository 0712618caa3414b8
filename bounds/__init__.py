"""How many linear regions there can be: integers in, exact Python integers out."""
