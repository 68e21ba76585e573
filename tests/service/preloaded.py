"""Processes of the command `provenance`, forked from one that has imported the service.

Importing takes two seconds of work, and the tests start the service some 150 times. What runs is the command itself, in a
process, an environment and a folder of its own; `test_command.py` starts it as a user does, from nothing.
"""

import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from typing import IO


class Process:
    """A command that runs, with what the tests use of `subprocess.Popen`."""

    def __init__(self, pid: int, stdout: IO[str], ended: int) -> None:
        self.pid, self.stdout, self.returncode = pid, stdout, None
        self._ended = ended  # readable once it ended, and then holds its exit code
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
                self.returncode = int(os.read(self._ended, 16))
                os.close(self._ended)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.poll() is None and not select.select([self._ended], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("provenance", timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class _Parent:
    """The process that is forked for each command; a test process has one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PARENT, str(theirs.fileno())], pass_fds=[theirs.fileno()]
            )
        atexit.register(self._stop)

    def start(self, arguments: list[str], environment: dict[str, str]) -> Process:
        out, their_out = os.pipe()
        ended, their_ended = os.pipe()
        request = json.dumps({"arguments": arguments, "environment": environment}).encode()
        with self._lock:
            # Standard error is that of the moment: a test may have put a file of its own in its place.
            socket.send_fds(self._requests, [len(request).to_bytes(4, "big")], [their_out, 2, their_ended])
            self._requests.sendall(request)
            pid = int.from_bytes(self._requests.recv(4), "big")
        os.close(their_out)
        os.close(their_ended)
        return Process(pid, os.fdopen(out, encoding="utf-8"), ended)

    def _stop(self) -> None:
        self._requests.close()
        self._process.wait()


_PARENT = """
import gc, json, os, secrets, select, signal, socket, sys, tempfile

import provenance.cli
import provenance_service.app, provenance_service.cli.serve, provenance_signing
from provenance_service import temporary_files, workers
import uvicorn

def main():
    requests, running = socket.socket(fileno=int(sys.argv[1])), {}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who interrupts the tests has this end with them
    gc.collect()
    gc.freeze()
    while True:
        for ready in select.select([requests, *running], [], [])[0]:
            if ready is not requests:  # one that ended
                pid, ended = running.pop(ready)
                os.write(ended, b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                os.close(ready)
                os.close(ended)
                continue
            size, files, _, _ = socket.recv_fds(requests, 4, 3)
            if not size:  # the tests are over
                for pid, _ in running.values():
                    os.kill(pid, signal.SIGKILL)
                return None
            out, err, ended = files
            request = json.loads(requests.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
            if not (pid := os.fork()):
                os.dup2(out, 1)
                os.dup2(err, 2)
                for each in (out, err, ended, requests.detach(), *running, *(ended for _, ended in running.values())):
                    os.close(each)
                os.environ.clear()
                os.environ.update(request["environment"])
                tempfile.tempdir = None
                # Each service names its temporary files by a number that it drew when it was imported.
                temporary_files.PREFIX = workers.PREFIX = f"provenance-{secrets.token_hex(8)}-"
                signal.signal(signal.SIGINT, signal.default_int_handler)
                return request["arguments"]
            running[os.pidfd_open(pid)] = pid, ended
            os.close(out)
            os.close(err)
            requests.sendall(pid.to_bytes(4, "big"))

arguments = main()
if arguments is not None:
    sys.argv = ["provenance", *arguments]
    provenance.cli.main()
"""

_parent: _Parent | None = None
_making = threading.Lock()


def start(arguments: list[str], environment: dict[str, str]) -> Process:
    """Starts `provenance` with these arguments; what it prints is read from `stdout`."""
    global _parent
    with _making:
        _parent = _parent or _Parent()
    return _parent.start(arguments, environment)
