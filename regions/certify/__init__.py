"""Certificates of counts: the file, the walk that proves, and `verify_certificate` that needs no engine."""

from .verify import Verification as Verification
from .verify import verify_certificate as verify_certificate
