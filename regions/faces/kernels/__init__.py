"""Compiled inner loops of counting by faces: the question, what proves its answers, and the tree."""
