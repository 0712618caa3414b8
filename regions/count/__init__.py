"""`count_regions`: the question, the answer, the engines, and the other meanings of region."""

from .counting import COUNTED as COUNTED
from .counting import Count as Count
from .counting import Question as Question
from .counting import Remaining as Remaining
from .counting import Run as Run
from .counting import count_regions as count_regions
from .status import Status as Status
