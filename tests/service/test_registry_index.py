"""The index: exact, and the same while others add, remove and ask."""

import threading
import time

import numpy as np
import pytest

from provenance_service.registry.fingerprint import BITS, View
from provenance_service.registry.index import THRESHOLD, FingerprintIndex, Match

DRAWS = np.random.default_rng(11)


def code() -> bytes:
    return DRAWS.bytes(BITS // 8)


def changed(of: bytes, bits: int) -> bytes:
    places = DRAWS.choice(BITS, bits, replace=False)
    mask = sum(1 << int(place) for place in places)
    return (int.from_bytes(of) ^ mask).to_bytes(BITS // 8)


def picture() -> list[View]:
    return [View("whole", code()), View("mirrored", code())]


def test_a_copy_is_led_to_the_picture_and_to_the_view_that_it_looks_like() -> None:
    index, pictures = FingerprintIndex(), {key: picture() for key in range(50)}
    index.add_all(pictures.items())
    asked = [View("whole", code()), View("without-bars", changed(pictures[17][1].code, 9))]
    assert index.nearest(asked) == [Match(17, 9, BITS, "without-bars", "mirrored")]


def test_nothing_beyond_the_threshold_is_a_match() -> None:
    index, views = FingerprintIndex(), picture()
    index.add(1, views)
    assert index.nearest([View("whole", changed(views[0].code, THRESHOLD))])[0].distance == THRESHOLD
    assert index.nearest([View("whole", changed(views[0].code, THRESHOLD + 1))]) == []


def test_the_nearest_comes_first_and_each_picture_once() -> None:
    index, views = FingerprintIndex(), picture()
    for key, bits in ((1, 12), (2, 3), (3, 30), (4, 7)):
        index.add(key, [View(f"view-{at}", changed(views[0].code, bits)) for at in range(20)])
    found = index.nearest(views, limit=3)
    assert [(match.key, match.distance) for match in found] == [(2, 3), (4, 7), (1, 12)]


def test_an_empty_index_and_an_empty_question_have_no_match() -> None:
    index = FingerprintIndex()
    assert index.nearest(picture()) == []
    index.add(1, picture())
    assert index.nearest([]) == []


def test_a_removed_picture_is_not_found_and_the_others_are() -> None:
    index, pictures = FingerprintIndex(), {key: picture() for key in range(9)}
    for key, views in pictures.items():
        index.add(key, views)
    index.remove(4)
    index.remove(4)
    assert len(index) == 16
    assert index.nearest(pictures[4]) == []
    assert all(index.nearest(pictures[key])[0].key == key for key in pictures if key != 4)
    index.add(4, pictures[4])
    assert index.nearest(pictures[4])[0].key == 4


def test_the_search_finds_what_comparing_every_code_finds() -> None:
    index, centre = FingerprintIndex(), code()
    codes = [changed(centre, int(bits)) for bits in DRAWS.integers(0, 90, 3000)]
    index.add_all((key, [View("whole", each)]) for key, each in enumerate(codes))
    distances = [(int.from_bytes(each) ^ int.from_bytes(centre)).bit_count() for each in codes]
    within = sorted((bits, key) for key, bits in enumerate(distances) if bits <= THRESHOLD)
    found = index.nearest([View("whole", centre)], limit=3000)
    assert [(match.distance, match.key) for match in found] == within


def test_large_keys_of_a_database_come_back_as_they_were() -> None:
    index, views = FingerprintIndex(), picture()
    index.add(2**53 + 1, views)
    assert index.nearest(views)[0].key == 2**53 + 1


def test_a_hundred_thousand_codes_are_added_in_a_second_or_two() -> None:
    index, shared = FingerprintIndex(), [View(f"view-{at}", code()) for at in range(20)]
    started = time.process_time()
    index.add_all((key, shared) for key in range(5_000))
    assert time.process_time() - started < 5
    assert len(index) == 100_000
    assert index.size < 10_000_000


@pytest.mark.parametrize("seconds", [1.0])
def test_asking_while_others_add_and_remove_never_gives_a_wrong_answer(seconds: float) -> None:
    index, steady = FingerprintIndex(), {key: picture() for key in range(100)}
    index.add_all(steady.items())
    stop, wrong = threading.Event(), list[str]()

    def churn(key: int) -> None:
        while not stop.is_set():
            index.add(key, picture())
            index.remove(key)

    def ask() -> None:
        while not stop.is_set():
            for key, views in steady.items():
                found = index.nearest(views)
                if [match.key for match in found] != [key] or found[0].distance:
                    wrong.append(f"{key}: {found}")

    threads = [threading.Thread(target=churn, args=(1_000 + at,)) for at in range(2)]
    threads += [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(index) == 200
