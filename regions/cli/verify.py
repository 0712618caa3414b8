"""``regions verify``."""

from ..certify import verify_certificate
from .verb import (
    PARTIAL,
    Answer,
    answered,
    file_name,
    question_arguments,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions verify``."""
    parser.add_argument(
        "certificate",
        metavar="CERTIFICATE",
        type=file_name,
        help="what `regions count --save-certificate` wrote",
    )
    question_arguments(parser, required=False)


def run(options):
    """Run ``regions verify``."""
    network = read_network(options)
    domain = read_domain(options, network)
    return answered(
        lambda: verify_certificate(options.certificate, network, domain=domain),
        lambda found: Answer(
            found.record(),
            found.summary(),
            0 if found.proved_at_least == found.proved_at_most else PARTIAL,
        ),
        "nothing is proved before the last line of the certificate; run it again",
    )
