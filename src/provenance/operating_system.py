"""What differs between operating systems: locks on files, limits of a process, and how processes are ended.

Where a system has no such thing, nothing is locked or limited, and verifying and signing work all the same.
"""

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

try:
    import fcntl
except ImportError:  # Windows
    _has_locks = False
else:
    _has_locks = True

# Whether a lock that is not to be had means that another process has it.
HAS_LOCKS: Final = _has_locks

# Windows moves no file that is open.
MOVES_OPEN_FILES: Final = os.name == "posix"

# In a folder of many users a name could stand for anything: a link is not followed, a pipe not waited for.
OPEN_FOR_READING: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def lock(file: IO[bytes] | IO[str] | int, *, wait: bool = False) -> bool:
    """Locks an open file until it is closed; whether this process has it now. Raises `OSError` where that fails."""
    if not HAS_LOCKS:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync_folder(folder: "os.PathLike[str]") -> None:
    """The names in a folder on the disk. Some file systems cannot; then they are there all the same."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def set_mode(descriptor: int, mode: int) -> None:
    """The permissions of an open file."""
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)


def ignore_interrupts() -> None:
    """Ctrl-C in a terminal reaches all processes of a command: the first one ends the others itself."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def exit_when_stopped() -> None:
    """Ctrl-C, and the signal by which a service manager stops a process, end it without a traceback."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))


def lead_group() -> None:
    """What this process starts from now on is ended together with it."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpgid(0, 0)


def kill_group(process: "BaseProcess") -> None:
    """Has a process end at once, with the programs that it started where it leads them."""
    import signal

    with contextlib.suppress(OSError, AttributeError):
        if (pid := process.pid) is not None and os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
    process.kill()


def end_group(process: "BaseProcess") -> None:
    """The same, and waits until the process has ended."""
    kill_group(process)
    process.join()


def limit(*, memory: int, file_size: int) -> None:
    """Limits this process: its memory, and each file that it writes, in bytes."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))


def processor_seconds() -> float:
    """The processor's time that this process and those that it started have used. Raises `ImportError`."""
    import resource

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def peak_memory() -> int:
    """The most memory that this process, or one that it started, has held, in bytes. Raises `ImportError`."""
    import resource

    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most if sys.platform == "darwin" else most * 1024
