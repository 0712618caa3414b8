"""What g = W h + b takes: at a point, on a cell, over a domain."""
