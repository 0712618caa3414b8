"""The mixed-integer models: shared rows, the counting model with margins, the bounding model with none, and a
network in other people's models: `embed`, `add_to`, `write_model`."""

from .embedding import Embedding as Embedding
from .embedding import add_to as add_to
from .embedding import embed as embed
from .model_file import write_model as write_model
