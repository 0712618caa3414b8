"""Counting by faces: the cells of the last layer by the sets of its units that can vanish together, not one by one."""
