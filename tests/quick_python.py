"""A Python that starts at once: a copy of a process that has imported this package and what it stands on.

Importing takes most of the time of a test that starts a process. Here one process imports, and a program of a few lines
that takes the place of the interpreter asks it for a copy: arguments, environment, folder, input and output, signals
and the exit status are those of the caller. What is imported differs from a fresh interpreter, so tests of imports, of
standard input and of processes that are killed take ``sys.executable``.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

IMPORTED = (
    *("pecrs.train", "pecrs.evaluate", "pecrs.inference.recommender", "pecrs.server.app", "pecrs.cli.app"),
    *(f"transformers.models.{family}.modeling_{family}" for family in ("gpt2", "llama", "qwen3", "bert")),
    *("accelerate", "torch.distributed.elastic.multiprocessing", "torch.distributed.tensor", "gguf"),
)
_CLIENT = """\
#!{python} -IS
import json, os, signal, socket, sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    told = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(server, [len(told).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(told)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: server.sendall(bytes([number])))
    code = int.from_bytes(server.recv(4, socket.MSG_WAITALL), "big", signed=True)
if code < 0:
    if -code in (signal.SIGINT, signal.SIGTERM):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@contextlib.contextmanager
def quick_interpreter() -> Iterator[Path]:
    """Start the process that imports; give the program to call in the place of ``sys.executable``."""
    with tempfile.TemporaryDirectory(prefix="pecrs-") as made:
        client, address = Path(made) / "python", str(Path(made) / "socket")
        client.write_text(_CLIENT.format(python=sys.executable, address=address))
        client.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(16)
            command = [sys.executable, __file__, str(listener.fileno()), str(client)]
            variables = os.environ | {"OMP_NUM_THREADS": "1"}
            server = subprocess.Popen(
                command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()], env=variables, start_new_session=True
            )
        with server:  # the end of its standard input ends it
            yield client


Asked = tuple[list[str], dict[str, str], str]
"""Arguments, environment and folder."""


def copy_for_each_caller(listener: socket.socket) -> Asked:
    """Return in a new process what a caller asked for; the old one goes on until its standard input ends."""
    running: dict[socket.socket, int] = {}
    while True:
        ready, _, _ = select.select([0, listener, *running], [], [], 0.02 if running else None)
        if 0 in ready:
            for process in running.values():
                os.kill(process, signal.SIGKILL)
            os._exit(0)
        for caller in running.keys() & {*ready}:
            told = caller.recv(1)
            os.kill(running[caller], told[0] if told else signal.SIGKILL)
        report_ended(running)
        if listener in ready:
            caller, _ = listener.accept()
            process, asked = copied(caller)
            if process == 0:
                for opened in (listener, *running):
                    opened.close()
                return asked
            running[caller] = process


def report_ended(running: dict[socket.socket, int]) -> None:
    """Tell callers how their processes ended."""
    for caller, process in list(running.items()):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            with contextlib.suppress(OSError), caller:
                caller.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
            del running[caller]


def copied(caller: socket.socket) -> tuple[int, Asked]:
    """Fork, with the caller's streams in the new process; return its number, 0 in itself, and what was asked for."""
    size, streams, _, _ = socket.recv_fds(caller, 8, 3)
    arguments, variables, folder = json.loads(caller.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    process = os.fork()
    if process == 0:
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
        caller.close()
    for stream in streams:
        os.close(stream)
    return process, (arguments, variables, folder)


def become(client: str, arguments: Sequence[str], variables: dict[str, str], folder: str) -> None:
    """Run a program as a fresh interpreter would: ``-c CODE``, ``-m MODULE`` or a file."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.executable = client
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    kind, *rest = [argument for argument in arguments if argument != "-u"]
    places = [place for place in variables.get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.path[0] = {"-c": "", "-m": folder}.get(kind, str(Path(kind).resolve().parent))
    sys.path[1:1] = places
    if kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        module = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), module.__dict__)
    elif kind == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [kind, *rest]
        runpy.run_path(kind, run_name="__main__")


def end(error: BaseException | None) -> None:
    """End as an interpreter does, but without clearing away all that was imported: that takes seconds."""
    code = 0
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if error.code is not None and not isinstance(error.code, int):
            sys.stderr.write(f"{error.code}\n")
    elif error is not None:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    asked = copy_for_each_caller(socket.socket(fileno=int(sys.argv[1])))
    try:
        become(sys.argv[2], *asked)
    except BaseException as error:
        end(error)
    end(None)
