"""Execute notebooks in kernels that are forks of one process, which has everything imported.

``python -m segment.publish.forked`` reads one job, a line of JSON: what ``execute`` takes, and
``notebooks`` (paths). It writes a line for each event: ["start", name],
["done", name] or ["failed", name, why]; nothing where the process of a notebook breaks down.

A kernel that is started afresh spends most of its time on imports. Here they are done once, and
the run is read once; a fork sees both. A fork has none of the threads of its origin, whose locks
stay closed: so the process that forks imports and reads, and computes nothing, starts no ZeroMQ
and opens no database. OpenBLAS and Arrow, which have threads by then, start anew in a fork.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from segment.forks import end_with_parent

if __name__ == "__main__":
    end_with_parent()  # before what takes long to import
    gc.set_threshold(100_000, 50, 50)  # as ``cli`` does

# As a kernel does that imports matplotlib itself.
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

import nbformat
import numpy as np
from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from segment import language, pages
from segment.publish.execute import FAILED, execute, why
from segment.run import store

# Seconds in which a fork has long answered; one that hangs is started afresh the ordinary way.
PATIENCE = 60
# What notebooks use besides the package, or a kernel as it starts. Not the inline backend of
# matplotlib: it finds its kernel when it is imported.
USED = (
    "seaborn",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "pandas.io.formats.style",
    "ipykernel.debugger",
    "nbconvert.filters",
)
# Characters of an error, so that a line goes through a pipe in one piece.
LONGEST = 900
# Notebooks at once: each waits for a third of its time. Each copies what it looks at, so that of
# more customers than this there is one at a time, beside the files that the report writes.
AT_ONCE, MANY_CUSTOMERS = 3, 100_000


class Fork:
    """A fork of this process that does its work and ends; what Popen has for jupyter_client."""

    stdin = stdout = stderr = returncode = None

    def __init__(self, work: Callable[[], None]) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            end_with_parent()
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)

    def poll(self, options: int = os.WNOHANG) -> int | None:
        """Return the exit code; None while it runs."""
        if self.returncode is None:
            process, status = os.waitpid(self.pid, options)
            self.returncode = os.waitstatus_to_exitcode(status) if process else None
        return self.returncode

    def wait(self) -> int | None:
        """Wait for the end, and return the exit code."""
        return self.poll(0)

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


class Provisioner(LocalProvisioner):
    """Starts a kernel as a fork, in the process group of the report: one signal ends all."""

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> dict[str, Any]:
        """Start the kernel; the command's own options begin at the connection file."""
        self.process = Fork(lambda: _be_kernel(cmd[cmd.index("-f") :]))
        self.pid = self.process.pid
        return self.connection_info


class Manager(AsyncKernelManager):
    """Manages a kernel that is a fork."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.provisioner = Provisioner(parent=self, kernel_spec=self.kernel_spec)


def _be_kernel(options: list[str]) -> None:
    np.random.seed()  # noqa: NPY002 (else all kernels draw the same)
    asyncio.set_event_loop(asyncio.new_event_loop())  # the other one runs where it was forked
    kernel = IPKernelApp.instance(parent_handle=os.getppid())
    kernel.initialize(options)
    kernel.start()


def serve(job: dict[str, Any], at_once: int, tell: Callable[..., None]) -> None:
    """Execute the notebooks of a job, some at a time."""
    waiting, running = [*job["notebooks"]], set()
    while waiting or running:
        while waiting and len(running) < at_once:
            notebook = Path(waiting.pop(0))
            tell("start", notebook.stem)
            running.add(_fork(notebook, job, tell).pid)
        running.remove(os.wait()[0])


def _fork(notebook: Path, job: dict[str, Any], tell: Callable[..., None]) -> Fork:
    def work() -> None:
        try:
            execute(notebook, job, start_timeout=PATIENCE, kernel_manager_class=Manager)
        except FAILED as error:
            tell("failed", notebook.stem, why(error)[-LONGEST:])
        else:
            tell("done", notebook.stem)

    return Fork(work)


def warm_up() -> None:
    """Do what each notebook would do again: import what it imports."""
    ours = [f"{pages.__name__}.{module.name}" for module in pkgutil.iter_modules(pages.__path__)]
    for name in (*USED, *ours):
        importlib.import_module(name)
    nbformat.validate(nbformat.v4.new_notebook())  # whose schema is compiled once in a process


def main() -> None:
    """Do the job that comes; none if the report ends before."""
    channel = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def tell(*event: str) -> None:
        os.write(channel, json.dumps(event, ensure_ascii=False).encode() + b"\n")

    warm_up()
    job = json.loads(sys.stdin.readline() or "null")
    if job:
        language.use(job["language"])
        language._(job["folder"])  # reads the catalogue
        at_once = AT_ONCE
        if folder := job["parameters"].get("run"):
            run = store.keep_ready(Path(job["folder"]) / folder, job["parameters"]["study"])
            at_once = AT_ONCE if len(run.customers) <= MANY_CUSTOMERS else 1
        gc.freeze()  # else collecting in a fork copies what it shares
        serve(job, at_once, tell)


if __name__ == "__main__":
    main()
