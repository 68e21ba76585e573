"""What the service costs above `verify()`, and whether it holds under load. `make bench-service`.

`wrk` sends one JPEG of 130 KB over and over with 8 clients, on this machine; `Verifier.verify` is called in a loop on
the same file in the same round. Both sides have the same sources and engines, and write the report as JSON. Wall-clock
figures depend on what else runs on the machine; the CPU time per file does so less, and is given beside them.
"""

import asyncio
import io
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
import httpx
from PIL import Image

from provenance import Verifier
from provenance_service.access.scope import Scope
from provenance_service.settings import Settings
from provenance_service.tasks.verify import VerifyTask
from provenance_service.tasks.worker import PingTask, WorkerContext, WorkerTask
from provenance_service.workers import Workers
from provenance_signing import Credential, sign
from provenance_signing.keys.development import create

from .local_service import Served, new_key, serving
from .measurement import machine

_SCRIPT: Final = Path(__file__).with_name("service_load.lua")
_CLIENTS: Final = 8
_MIB: Final = 1 << 20

# A quarter of a megapixel with noise: 130 KB, as the pictures of a web page have.
_SIDES: Final = (640, 480)


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Of the service and of verify() in alternation.")
@click.option("--seconds", default=8, show_default=True, help="For which each round lasts.")
@click.option("--requests", default=20_000, show_default=True, help="Over which memory is watched.")
@click.option("--database", metavar="URL", help="A PostgreSQL database of no other use, for two service processes.")
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def main(rounds: int, seconds: int, requests: int, database: str | None, write: Path | None) -> None:
    """Measure, and write a page."""
    if shutil.which("wrk") is None:
        raise click.ClickException("wrk is not installed; on Debian: apt install wrk")
    loops = find_spec("uvloop") is not None and find_spec("httptools") is not None
    command = f"`make bench-service{' DATABASE=postgresql://...' if database else ''}`"
    lines = [
        "# The service under load", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, uvicorn {'with' if loops else 'without'} uvloop and httptools. "
        f"{command}.", "",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = _files(folder)
        for part in (
            _speed(folder, files, rounds, seconds),
            _isolation(files["signed"]),
            _uploads(folder),
            _memory(folder, files["signed"], requests),
            *([_two(folder, files["signed"], database, seconds)] if database else []),
        ):
            lines_of_part = list(part)
            print("\n".join(lines_of_part), flush=True)
            lines += [*lines_of_part, ""]
    if write is not None:
        (write / f"service-load-{datetime.now(UTC):%Y-%m-%d}.md").write_text("\n".join(lines), "utf-8")


def _files(folder: Path) -> dict[str, Path]:
    """A picture of 130 KB, with a manifest and without."""
    noise = Image.effect_noise(_SIDES, 60).convert("RGB")
    buffer, quality = io.BytesIO(), 40
    while buffer.tell() < 130_000 and quality < 96:
        buffer, quality = io.BytesIO(), quality + 1
        noise.save(buffer, "JPEG", quality=quality)
    plain, signed = folder / "plain.jpg", folder / "signed.jpg"
    plain.write_bytes(buffer.getvalue())
    credential = Credential.load(create(folder / "credential").credential)
    sign(plain, signed, credential=credential, profile="ai-generated", model="Example Model", thumbnail=False)
    return {"signed": signed, "plain": plain}


def _wrk(url: str, file: Path, seconds: float, *, clients: int = _CLIENTS, key: str | None = None) -> dict[str, Any]:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_SCRIPT)]
    environment = {**os.environ, "FILE": str(file), **({"KEY": key} if key else {})}
    printed = subprocess.run(
        [*command, f"{url}/v1/verify"], capture_output=True, text=True, check=True, env=environment
    ).stdout
    figures: dict[str, Any] = json.loads(printed.partition("FIGURES ")[2])
    return figures


def _speed(folder: Path, files: dict[str, Path], rounds: int, seconds: int) -> Iterator[str]:
    cores = os.cpu_count() or 1
    yield f"`POST /v1/verify`, {_CLIENTS} clients, {cores} workers, {rounds} rounds of {seconds} s, medians."
    yield ""
    yield (
        "| file and engines | requests a second and core | verify() a second | slower per core (goal 1.3) | CPU of a "
        "request to CPU of verify() | p50, ms | p95 | p99 | errors |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, one_engine in (("signed", False), ("signed", True), ("plain", True)):
        file, verifier = files[kind], Verifier(second_engine=not one_engine)
        rows = []
        with serving(folder / f"speed-{kind}-{one_engine}", *(["--one-engine"] if one_engine else [])) as served:
            _wrk(served.url, file, 4)
            for _ in range(rounds):
                rate, cpu = _loop(verifier, file, seconds / 2)
                before = served.cpu()
                answer = _wrk(served.url, file, seconds)
                spent = (served.cpu() - before) / answer["requests"]
                here = answer["requests"] / answer["seconds"] / cores
                rows.append((here, rate, rate / here, spent / cpu, *(answer[rank] for rank in ("p50", "p95", "p99")),
                             answer["failed"] + answer["refused"]))  # fmt: skip
        here, rate, slower, cpu, p50, p95, p99, _ = (statistics.median(column) for column in zip(*rows, strict=True))
        row_name = f"{kind}, {file.stat().st_size // 1000} KB, {'one engine' if one_engine else 'both engines'}"
        row_name += "" if kind == "signed" else ", detectors asked on both sides"
        errors = sum(row[-1] for row in rows)
        yield f"| {row_name} | {here:.1f} | {rate:.1f} | {slower:.2f} | {cpu:.2f} | {p50:.0f} | {p95:.0f} | {p99:.0f} | {errors} |"  # noqa: E501


def _loop(verifier: Verifier, file: Path, seconds: float) -> tuple[float, float]:
    """Files a second in one process, and the CPU seconds of each."""
    verifier.verify(file)
    count, started, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - started < seconds:
        verifier.verify(file, name="photo.jpg", language="en").model_dump_json()
        count += 1
    return count / (time.perf_counter() - started), (time.process_time() - used) / count


def _isolation(file: Path) -> Iterator[str]:
    settings = Settings(workers=1)
    context = WorkerContext(settings)
    tasks: dict[str, WorkerTask] = {"nothing": PingTask(), "a file to verify": VerifyTask(file, "photo.jpg", "en")}
    times: dict[tuple[str, str], list[float]] = {}

    async def measure() -> None:
        workers = Workers(settings)
        await workers.start()
        for number in range(210):
            for name, task in tasks.items():
                started = time.perf_counter()
                task.run(context)
                direct = time.perf_counter()
                await workers.run(task)
                if number >= 10:
                    times.setdefault((name, "direct"), []).append((direct - started) * 1e3)
                    times.setdefault((name, "worker"), []).append((time.perf_counter() - direct) * 1e3)
        await workers.stop()

    asyncio.run(measure())
    yield "What isolation costs: a task in a worker process and in the same process, 200 times in alternation, medians."
    yield ""
    yield "| task | same process, ms | worker, ms | difference (goal 2) |"
    yield "| --- | ---: | ---: | ---: |"
    for name in tasks:
        direct, worker = (statistics.median(times[name, where]) for where in ("direct", "worker"))
        yield f"| {name} | {direct:.2f} | {worker:.2f} | {worker - direct:.2f} |"


def _uploads(folder: Path) -> Iterator[str]:
    content = bytes(10 * _MIB)
    with serving(folder / "uploads") as served:

        def send(_: int = 0) -> int:
            return httpx.post(f"{served.url}/v1/verify", files={"file": ("a.bin", content)}, timeout=120).status_code

        send()
        before = served.memory()["server"]
        with _peak(lambda: served.memory()["server"]) as seen, ThreadPoolExecutor(_CLIENTS) as pool:
            statuses = list(pool.map(send, range(_CLIENTS * 5)))
    growth = (max(seen) - before) / _CLIENTS
    yield (
        f"{_CLIENTS * 5} uploads of 10 MiB, {_CLIENTS} at a time: {statuses.count(200)} answered; the server's memory "
        f"grew by {growth:.1f} MiB for each at the same time (goal 20), from {before:.0f} to {max(seen):.0f} MiB."
    )


@contextmanager
def _peak(measure: Callable[[], float]) -> Iterator[list[float]]:
    """What was measured every 10 ms while in here."""
    seen, over = [measure()], threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            seen.append(measure())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _memory(folder: Path, file: Path, requests: int) -> Iterator[str]:
    done, errors = 0, 0
    rows: list[tuple[int, dict[str, float]]] = []
    with serving(folder / "memory", "--one-engine") as served:
        while done < requests:
            answer = _wrk(served.url, file, 5)
            done += answer["requests"]
            errors += answer["failed"] + answer["refused"]
            if done // (requests // 10) > len(rows):
                rows += [(done, served.memory())] * (done // (requests // 10) - len(rows))
    yield f"Memory over {done} requests with one engine, {errors} errors."
    yield ""
    yield "| requests | server, MiB | workers, MiB |"
    yield "| ---: | ---: | ---: |"
    yield from (f"| {count} | {memory['server']:.1f} | {memory['workers']:.1f} |" for count, memory in rows)


def _two(folder: Path, file: Path, database: str, seconds: int) -> Iterator[str]:
    """Two service processes with one database and one folder of files."""
    key = new_key(folder / "two", Scope.VERIFY, database=database)
    limited = new_key(folder / "two", Scope.VERIFY, database=database, quota="1000/hour")
    with (
        serving(folder / "two", "--one-engine", database=database) as first,
        serving(folder / "two", "--one-engine", database=database) as second,
        httpx.Client(timeout=60, headers={"Authorization": f"Bearer {key}"}) as client,
    ):
        both = [first, second]
        _on_both(both, file, 4, key)
        answers = _on_both(both, file, seconds, key)
        rate = sum(answer["requests"] / answer["seconds"] for answer in answers)
        yield (
            f"Two service processes with PostgreSQL, {_CLIENTS} clients with a key against both: {rate:.1f} requests a "
            f"second together, p50 {max(answer['p50'] for answer in answers):.0f} ms, p99 "
            f"{max(answer['p99'] for answer in answers):.0f} ms, errors "
            f"{sum(answer['failed'] + answer['refused'] for answer in answers)}."
        )
        sent = client.post(f"{first.url}/v1/verify", params={"keep": "1"}, files={"file": ("a.jpg", file.read_bytes())})
        status_code = client.get(second.url + sent.headers["Provenance-Report"]).status_code
        yield f"A report that one kept was asked of the other: {status_code}."
        taken = asked = 0
        while asked - taken < 100:
            answers = _on_both(both, file, 5, limited)
            asked += sum(answer["requests"] for answer in answers)
            taken += sum(answer["requests"] - answer["refused"] for answer in answers)
        yield (
            f"A quota of 1000/hour, {_CLIENTS} clients against both: {taken} of {asked} requests were taken, "
            f"{taken / 10 - 100:+.1f} % (goal 5 %)."
        )
        files = [("file", (f"{number}.jpg", file.read_bytes())) for number in range(200)]
        started = time.monotonic()
        job = client.post(f"{first.url}/v1/jobs", files=files).json()["id"]
        while (status := client.get(f"{second.url}/v1/jobs/{job}").json())["state"] == "running":
            time.sleep(0.2)
        results = client.get(f"{second.url}/v1/jobs/{job}/results", params={"limit": 200}).json()["items"]
        reports = {result["report"] for result in results}
        yield (
            f"A job of 200 files, sent to one and watched at the other: {status['done']} done, "
            f"{status['failed']} failed, {len(reports)} reports, {time.monotonic() - started:.0f} s."
        )


def _on_both(services: list[Served], file: Path, seconds: int, key: str) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(len(services)) as pool:
        asked = [
            pool.submit(_wrk, service.url, file, seconds, clients=_CLIENTS // len(services), key=key)
            for service in services
        ]
        return [future.result() for future in asked]


if __name__ == "__main__":
    main()
