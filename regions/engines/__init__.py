"""Ways to count: each engine is a frozen dataclass of its options with one method ``count``."""
