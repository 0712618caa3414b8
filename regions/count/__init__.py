"""`count_regions`: the question, the answer, the engines, and the other meanings of region."""

from ..progress import Remaining as Remaining
from .answer import Count as Count
from .counting import count_regions as count_regions
from .question import COUNTED as COUNTED
from .question import Question as Question
from .question import Run as Run
from .status import Status as Status
