"""What is wrong with data that does not fit a model, for people."""

from pydantic import ValidationError


def problems_of(error: ValidationError) -> str:
    """What a validation found, in one line: where, and what is wrong there."""
    problems = []
    for problem in error.errors(include_url=False):
        place = ".".join(map(str, problem["loc"]))
        words = problem["msg"].removeprefix("Value error, ")
        problems.append(f"{place}: {words}" if place else words)
    return "; ".join(problems)
