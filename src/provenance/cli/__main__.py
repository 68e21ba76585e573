"""`python -m provenance.cli`."""

from . import main

main()
