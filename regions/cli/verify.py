"""``regions verify``."""

from .. import report
from ..certify import verify_certificate
from .verb import PARTIAL, Answer, network_argument, read_network


def arguments(parser):
    """Options of ``regions verify``."""
    parser.add_argument(
        "certificate", metavar="CERTIFICATE", help="what `regions count --save-certificate` wrote"
    )
    network_argument(parser)


def run(options):
    """Run ``regions verify``."""
    network = read_network(options)
    found = verify_certificate(options.certificate, network)
    return Answer(
        report.verification_data(found, network),
        report.verification_text(found, network),
        0 if found.proved_at_least == found.proved_at_most else PARTIAL,
    )
