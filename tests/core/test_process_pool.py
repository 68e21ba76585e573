"""The pool of worker processes: what a task does to its process costs that task, and no other."""

import os
import pickle
import signal
from functools import partial
from pathlib import Path

import pytest

from provenance.process_pool import ProcessPool, ProcessStoppedError, TaskFailedError

from ..patience import PATIENCE, eventually
from .pool_tasks import (
    answer_with_what_cannot_travel,
    count,
    counter,
    end_by_itself,
    refuse,
    refuse_oddly,
    sleep,
    use_all_memory,
    write_and_start_a_program,
)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of a pool look for modules where this one does."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def lives(process_id: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False


def test_a_process_is_prepared_once_and_used_again():
    with ProcessPool(1, counter) as pool:
        first, second = pool.submit(count).result(PATIENCE), pool.submit(count).result(PATIENCE)
    assert first[0] == second[0] != os.getpid()
    assert (first[1], second[1]) == (1, 2)


def test_a_process_makes_room_after_so_many_tasks():
    with ProcessPool(1, counter, max_tasks=2) as pool:
        answers = [pool.submit(count).result(PATIENCE) for _ in range(5)]
    assert [number for _, number in answers] == [1, 2, 1, 2, 1]
    assert len({process for process, _ in answers}) == 3


def test_a_task_that_does_not_end_is_ended_and_the_next_one_gets_a_new_process():
    with ProcessPool(1, counter) as pool:
        process, _ = pool.submit(count).result(PATIENCE)
        with pytest.raises(ProcessStoppedError) as stopped:
            pool.submit(sleep, time_limit=0.1).result(PATIENCE)
        assert 0.1 <= stopped.value.seconds < PATIENCE
        assert (stopped.value.exit_code, stopped.value.process_id) == (None, process)
        assert not lives(process)
        assert pool.submit(count).result(PATIENCE)[1] == 1


def test_starting_a_process_does_not_count_as_time_of_the_task():
    with ProcessPool(1, counter) as pool:
        assert pool.submit(count, time_limit=0.2).result(PATIENCE)[1] == 1


@pytest.mark.parametrize(("task", "code"), [(end_by_itself, 7), (use_all_memory, 1)])
def test_a_process_that_ends_costs_its_task_alone(task, code, capfd):
    with ProcessPool(2, counter) as pool:
        others = [pool.submit(count) for _ in range(4)]
        fallen = pool.submit(task)
        others += [pool.submit(count) for _ in range(4)]
        with pytest.raises(ProcessStoppedError) as stopped:
            fallen.result(PATIENCE)
        assert stopped.value.exit_code == code
        assert all(each.result(PATIENCE) for each in others)
    assert "Traceback" not in capfd.readouterr().err


def test_one_that_ended_between_two_tasks_is_replaced_unseen():
    with ProcessPool(1, counter) as pool:
        process, _ = pool.submit(count).result(PATIENCE)
        os.kill(process, signal.SIGKILL)
        eventually(lambda: not lives(process))
        assert pool.submit(count).result(PATIENCE)[1] == 1


def test_the_error_of_a_task_comes_back_and_its_process_goes_on():
    with ProcessPool(1, counter) as pool:
        process, _ = pool.submit(count).result(PATIENCE)
        with pytest.raises(ValueError, match="no"):
            pool.submit(refuse).result(PATIENCE)
        with pytest.raises(TaskFailedError, match="OddError: first"):
            pool.submit(refuse_oddly).result(PATIENCE)
        with pytest.raises(TypeError, match="pickle"):
            pool.submit(answer_with_what_cannot_travel).result(PATIENCE)
        assert pool.submit(count).result(PATIENCE) == (process, 2)


def test_a_task_that_cannot_travel_is_an_error_of_its_own():
    with ProcessPool(1, counter) as pool:
        with pytest.raises((AttributeError, pickle.PicklingError)):
            pool.submit(lambda _: None).result(PATIENCE)
        assert pool.submit(count).result(PATIENCE)[1] == 1


def test_a_process_that_cannot_be_prepared_says_why():
    with ProcessPool(1, partial(refuse, None)) as pool:
        with pytest.raises(ValueError, match="no"):
            pool.submit(count).result(PATIENCE)
        with pytest.raises(ValueError, match="no"):
            pool.start()
    with (
        ProcessPool(1, partial(sleep, None), start_limit=0.1) as pool,
        pytest.raises(ProcessStoppedError),
    ):
        pool.submit(count).result(PATIENCE)


def test_a_task_that_is_cancelled_gives_its_place_to_the_next():
    with ProcessPool(1, counter) as pool:
        running, waiting = pool.submit(sleep), pool.submit(sleep)
        eventually(running.running)
        assert waiting.cancel()
        assert not running.cancel()
        with pytest.raises(ProcessStoppedError):
            running.result(PATIENCE)
        assert pool.submit(count).result(PATIENCE)[1] == 1


def test_a_task_that_is_done_is_not_cancelled():
    with ProcessPool(1, counter) as pool:
        done = pool.submit(count)
        process, _ = done.result(PATIENCE)
        assert not done.cancel()
        assert pool.submit(count).result(PATIENCE) == (process, 2)


def test_an_error_of_the_caller_ends_all_tasks():
    with pytest.raises(KeyError), ProcessPool(1, counter) as pool:
        running, waiting = pool.submit(sleep), pool.submit(sleep)
        eventually(running.running)
        raise KeyError
    assert isinstance(running.exception(PATIENCE), ProcessStoppedError)
    assert waiting.cancelled()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks for processes in /proc")
def test_a_process_that_is_ended_leaves_no_file_and_no_program(tmp_path):
    note = tmp_path / "note"
    with ProcessPool(1, counter, temporary_prefix="provenance-test-") as pool:
        running = pool.submit(partial(write_and_start_a_program, note))
        eventually(note.exists)
        file, folder, program = note.read_text().split()
        assert Path(file).exists() and Path(folder).exists() and lives(int(program))
        assert Path(file).name.startswith("provenance-test-")
        running.cancel()
        with pytest.raises(ProcessStoppedError):
            running.result(PATIENCE)
        assert not Path(file).exists() and not Path(folder).exists()
        eventually(lambda: not lives(int(program)))
