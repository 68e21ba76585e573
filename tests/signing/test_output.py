"""Safe writing: at any moment the old file or the complete new one, and nothing where something is wrong."""

import errno
import fcntl
import multiprocessing
import os
import random
import stat
import subprocess
import sys
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import pytest

import provenance
from provenance_signing import Credential, Signer
from provenance_signing.errors import FormatError, OutputError
from provenance_signing.output import draft

from ..core.signing import picture, plain_picture
from ..patience import PATIENCE
from ..sweeps import tries


@pytest.fixture
def generated(credential: Credential) -> Signer:
    return Signer(credential, profile="ai-generated")


def sign_without_end(credential: Path, sources: list[Path], target: Path, count: "Synchronized[int]") -> None:
    signer = Signer(Credential.load(credential), profile="ai-generated", thumbnail=False)
    while True:
        for source in sources:
            signer.sign(source, target, model="M")
            count.value += 1


@pytest.mark.slow
@tries(8, 100)
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_complete_new_one(
    tries: int, development, tmp_path: Path, authority_root: bytes
) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["provenance_signing", "provenance.sources.c2pa.reading"])
    red, blue, target = tmp_path / "red.jpg", tmp_path / "blue.jpg", tmp_path / "out" / "signed.jpg"
    red.write_bytes(plain_picture("red"))
    blue.write_bytes(picture())
    target.parent.mkdir()
    target.write_bytes(b"the old file")
    verifier = provenance.Verifier(trust=authority_root, second_engine=False, sources=["c2pa"])
    count: Synchronized[int] = context.Value("i", 0)
    whole = set[str]()
    for _ in range(tries):
        before, old = count.value, target.read_bytes()
        child = context.Process(
            target=sign_without_end, args=(development().credential, [red, blue], target, count), daemon=True
        )
        child.start()
        while count.value == before and target.read_bytes() == old:
            assert child.is_alive()
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.4))
        child.kill()
        child.join()
        assert child.exitcode == -9
        report = verifier.verify(target)
        assert report.credentials.integrity.state == "intact"
        whole.add(report.asset.sha256)
        assert {path.name for path in target.parent.iterdir() if not path.name.startswith(".provenance-")} == {
            "signed.jpg"
        }
    assert len(whole) == tries
    # What a kill leaves is removed by the next signing.
    Signer(Credential.load(development().credential), profile="ai-generated").sign(red, target, model="M")
    assert [path.name for path in target.parent.iterdir()] == ["signed.jpg"]
    assert red.read_bytes() == plain_picture("red")


def test_a_draft_that_somebody_is_writing_is_not_removed(tmp_path: Path) -> None:
    with draft(tmp_path / "one.jpg") as first:
        first.stream.write(b"one")
        with draft(tmp_path / "two.jpg") as second:
            second.stream.write(b"two")
            second.publish()
        first.publish()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.jpg", "two.jpg"]


def test_the_source_is_never_changed_unless_asked(generated: Signer, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(picture())
    generated.sign(source, tmp_path / "b.jpg", model="M")
    assert source.read_bytes() == picture()
    with pytest.raises(OutputError, match="is the source"):
        generated.sign(source, source, model="M")
    assert source.read_bytes() == picture()
    signed = generated.sign(source, in_place=True, model="M")
    assert signed.path == source
    assert provenance.verify(source).credentials.integrity.state == "intact"


def test_in_place_follows_a_link_to_the_file_behind_it(generated: Signer, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    real, link = tmp_path / "store/a.jpg", tmp_path / "a.jpg"
    real.write_bytes(picture())
    link.symlink_to(real)
    generated.sign(link, in_place=True, model="M")
    assert link.is_symlink()
    assert provenance.verify(real).credentials.integrity.state == "intact"


def test_the_output_has_the_source_s_permissions(generated: Signer, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(picture())
    source.chmod(0o640)
    generated.sign(source, tmp_path / "b.jpg", model="M")
    assert stat.S_IMODE((tmp_path / "b.jpg").stat().st_mode) == 0o640


def test_what_cannot_be_signed_leaves_the_old_output(generated: Signer, tmp_path: Path) -> None:
    target = tmp_path / "out.jpg"
    target.write_bytes(b"the old file")
    with pytest.raises(FormatError):
        generated.sign(b"\xff\xd8\xff", target, model="M")
    assert target.read_bytes() == b"the old file"
    assert [path.name for path in tmp_path.iterdir()] == ["out.jpg"]


def test_a_folder_that_is_not_there_or_a_folder_as_target_is_said(generated: Signer, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no such folder"):
        generated.sign(picture(), tmp_path / "none/a.jpg", model="M")
    with pytest.raises(OutputError, match="is a folder"):
        generated.sign(picture(), tmp_path, model="M")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(generated: Signer, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"):
        generated.sign(picture(), tmp_path / "a.jpg", model="M")


def test_a_file_system_that_is_read_only_is_said(generated: Signer) -> None:
    target = Path("/sys/provenance-test.jpg")  # on Linux nobody creates files there, not even root
    if not target.parent.is_dir():
        pytest.skip("there is no /sys here")
    with pytest.raises(OutputError, match="read-only|no permission"):
        generated.sign(picture(), target, model="M")


FULL = """
import resource, signal, sys
from pathlib import Path
from provenance_signing import Credential, Signer
from provenance_signing.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
signer = Signer(Credential.load(sys.argv[1]), profile="ai-generated")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    signer.sign(Path(sys.argv[2]), Path(sys.argv[3]), model="M")
except OutputError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 4096, 20_000])
def test_a_disk_that_fills_up_while_writing_leaves_the_old_file(room: int, development, tmp_path: Path) -> None:
    """A limit to the size of files makes `write` fail in the middle, as a full disk does."""
    source, target = tmp_path / "a.jpg", tmp_path / "out.jpg"
    source.write_bytes(picture())
    target.write_bytes(b"the old file")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(development().credential), str(source), str(target), str(room)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "out.jpg: cannot be written" in done.stdout, done.stderr
    assert target.read_bytes() == b"the old file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "out.jpg"]


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no space left on the disk"), draft(tmp_path / "a.jpg"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_open_files_do_not_grow_with_the_number_of_signings(generated: Signer, tmp_path: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are counted in /proc")
    generated.sign(picture(), tmp_path / "a.jpg", model="M")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        generated.sign(picture(), tmp_path / "a.jpg", model="M")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def make_drafts(folder: Path) -> int:
    for number in range(1_500):
        with draft(folder / f"{number}.bin") as made:
            made.stream.write(b"x")
            made.publish()
    return number


@pytest.mark.slow
def test_signings_into_one_folder_do_not_take_each_others_drafts_for_abandoned(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(make_drafts, [tmp_path] * 3) == [1_499] * 3


def test_a_draft_that_was_taken_for_abandoned_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, removed = fcntl.flock, []

    def too_late(file, how: int) -> None:
        if not removed:
            removed.extend(tmp_path.iterdir())
            removed[0].unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", too_late)
    with draft(tmp_path / "a.bin") as made:
        made.stream.write(b"x")
        made.publish()
    assert len(removed) == 1
    assert (tmp_path / "a.bin").read_bytes() == b"x"
