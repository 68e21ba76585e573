"""The page of the registry's rates: copies led back, false matches, and speed, with intervals."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
from scipy.stats import beta

from provenance_service.registry.fingerprint import BITS
from provenance_service.registry.index import THRESHOLD

from .edits import EDITS
from .measurement import machine
from .registry_rates import GOAL, GOALS, THRESHOLDS, RegistryRates


def upper_bound(events: int, of: int) -> float:
    """The exact upper bound, at 95 %, of a rate of which so many events were seen (Clopper and Pearson, one-sided)."""
    return float(beta.ppf(0.95, events + 1, of - events)) if events < of else 1.0


def interval(events: int, of: int) -> tuple[float, float]:
    """The exact two-sided interval at 95 % (Clopper and Pearson)."""
    low = float(beta.ppf(0.025, events, of - events + 1)) if events else 0.0
    return low, float(beta.ppf(0.975, events + 1, of - events)) if events < of else 1.0


def page_of(rates: RegistryRates, seconds: float) -> str:
    """The rates as a page of Markdown."""
    refused = sum(rates.refused.values())
    lines = [
        "# The registry: copies led back, and false matches", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, {seconds:.0f} s.", "",
        '`make bench-registry FILES="FOLDER ..."`', "",
        f"{len(rates.pictures)} pictures of {len({picture.source for picture in rates.pictures})} sources are "
        f"registered, with {rates.views:.1f} views each. {refused} more have no fingerprint: "
        + (", ".join(f"{count} {key}" for key, count in sorted(rates.refused.items())) or "none") + ".", "",
        *_copies_section(rates), *_false_section(rates), *_speed_section(rates),
    ]  # fmt: skip
    return "\n".join(lines)


def _back(rates: RegistryRates, name: str, threshold: int, *, calibration: bool) -> tuple[int, int]:
    """How many copies were led back, of how many."""
    of = [(distance, right) for half, distance, right in rates.distances[name] if half is calibration]
    return sum(right and distance <= threshold for distance, right in of), len(of)


def _copies_section(rates: RegistryRates) -> list[str]:
    lines = [
        "## Copies led back, by edit", "",
        f"Led back: the nearest registered picture, within {THRESHOLD} of {BITS} bits, is the original (or the same "
        "picture from another source). Copies are made from the picture at 1024 pixels. The last columns are the "
        "distances to the original that half of the copies, and 99 in 100, keep within.", "",
        "| edit | led back | 95 % interval | half | 99 % |", "| --- | ---: | --- | ---: | ---: |",
    ]  # fmt: skip
    names = [*GOALS, *(name for name in rates.distances if name not in GOALS)]
    for name in names:
        hits, of = _back(rates, name, THRESHOLD, calibration=False)
        if of == 0:
            continue
        low, high = interval(hits, of)
        distances = [distance for half, distance, _ in rates.distances[name] if not half]
        goal = ""
        if name in GOALS:
            goal = " (goal 99 %: reached)" if hits / of >= GOAL else " (goal 99 %: **not reached**)"
        lines.append(
            f"| {name}{goal} | {hits} of {of}, {hits / of:.2%} | {low:.2%} to {high:.2%} "
            f"| {np.median(distances):.0f} | {np.quantile(distances, 0.99):.0f} |"
        )
    lines += [
        "", "### The threshold", "",
        "Chosen on the calibration half, which is not in the table above: the share led back there, the worst of the "
        "edits with a goal, of all edits of the suites, and the pictures that were falsely led to one of another "
        "source (of both halves).", "",
        "| threshold | worst with a goal | worst of the suites' | false matches, pictures and sixths |",
        "| ---: | --- | --- | ---: |",
    ]  # fmt: skip
    for threshold in THRESHOLDS:
        shares = {
            name: hits / of
            for name in rates.distances
            if (counts := _back(rates, name, threshold, calibration=True))[1]
            for hits, of in [counts]
        }
        if not shares:
            continue
        worst = min((shares[name], name) for name in GOALS)
        suites = min((shares[name], name) for name in EDITS)
        false = sum(count for distance, count in rates.tail.items() if distance <= threshold)
        lines.append(f"| {threshold} | {worst[0]:.2%} {worst[1]} | {suites[0]:.2%} {suites[1]} | {false} |")
    return [*lines, ""]


def _false_section(rates: RegistryRates) -> list[str]:
    false = Counter(part for part, _, group, _, _ in rates.matches if group == "a false match")
    asked = sum(rates.asked.values())
    seen = sum(false.values())
    lines = [
        "## False matches", "",
        f"Asked about: {rates.asked['picture']} pictures as they are and {rates.asked['sixth']} sixths of them, each "
        f"against the {len(rates.pictures) - 1} others: {asked * (len(rates.pictures) - 1):,} pairs of pictures. "
        f"Falsely led to a picture of another source: {false['picture']} pictures and {false['sixth']} sixths, "
        f"{seen} of {asked}. With 95 % certainty the rate is below {upper_bound(seen, asked) * 10_000:.2f} in 10,000 "
        f"(exact bound; from whole pictures alone below "
        f"{upper_bound(false['picture'], rates.asked['picture']) * 10_000:.2f}). "
        "Sixths of one picture are not independent of each other.", "",
        "Distance of the nearest picture of another source, and how many were asked that have one there:", "",
        "| bits | " + " | ".join(f"{at - 3} to {at}" for at in range(36, 73, 4)) + " |",
        "| --- | " + " | ".join("---:" for _ in range(36, 73, 4)) + " |",
        f"| asked | {' | '.join(str(sum(rates.tail[at - bit] for bit in range(4))) for at in range(36, 73, 4))} |", "",
        "What else matched within the threshold, and is not counted above:", "",
        "| what it is | asked | sources |", "| --- | ---: | --- |",
    ]  # fmt: skip
    for group in ("the same picture", "a look-alike"):
        for part in ("picture", "sixth"):
            of = [
                tuple(sorted({source, matched_source}))
                for kind, _, name, source, matched_source in rates.matches
                if (kind, name) == (part, group)
            ]
            named = ", ".join(f"{' and '.join(pair)} {count}" for pair, count in Counter(of).most_common(8))
            lines.append(f"| {group} ({part}s) | {len(of)} | {named} |")
    return [*lines, ""]


def _speed_section(rates: RegistryRates) -> list[str]:
    return [
        "## Speed and size", "",
        f"- A fingerprint to register: {rates.seconds[0] * 1000:.0f} ms; to ask: {rates.seconds[1] * 1000:.0f} ms "
        "(medians over all files, decoding included, while other processes ran).",
        f"- {rates.registered:,} pictures registered: {rates.size / 2**20:.0f} MiB in memory, built in "
        f"{rates.building:.1f} s; a look-up takes {rates.query[0] * 1000:.0f} ms (median; 95 % within "
        f"{rates.query[1] * 1000:.0f} ms).", "",
    ]  # fmt: skip
