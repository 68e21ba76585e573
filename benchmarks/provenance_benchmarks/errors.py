"""What can go wrong in a benchmark.

ProvenanceError
└── BenchmarkError
    ├── SuiteError           a suite that cannot be read, or whose files are missing or changed
    ├── ContenderError       no such contender, or one that cannot be asked
    ├── RunError             a run that cannot go on: another one in its folder, no space
    └── ResultError          a result file that is not what it says
"""

from provenance.errors import ProvenanceError


class BenchmarkError(ProvenanceError):
    """The root of this package's errors."""


class SuiteError(BenchmarkError):
    """A suite cannot be read, or its files are missing or not those that it names."""


class ContenderError(BenchmarkError):
    """There is no such contender, or it cannot be asked."""


class RunError(BenchmarkError):
    """A run cannot start or go on."""


class ResultError(BenchmarkError):
    """A result file is not what it says."""
