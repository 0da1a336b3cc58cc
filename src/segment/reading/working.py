"""Folders to work in: held while a process needs them, and cleared away after one that was killed.

The system releases a lock however a process ends; numbers of processes are the same in every
container, and names of folders must not hang on them.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
import time
import uuid
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

PREFIX = "segment-run-"  # of folders in that of the system for temporary files
AN_HOUR, A_DAY = 60 * 60, 24 * 60 * 60


@contextmanager
def temporary() -> Iterator[Path]:
    """Give a folder that only its owner can read; it is removed after the block."""
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{PREFIX}*"):
        _clear(left, AN_HOUR)
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name,
        _held(Path(name)),
    ):
        yield Path(name)


def lasting(owner: object) -> Path:
    """Give a folder such as ``temporary`` does that goes with an object; a fork leaves it alone."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    handle = _lock(folder)[0] if fcntl else None
    weakref.finalize(owner, _remove, folder, handle, os.getpid())
    return folder


def _remove(folder: Path, handle: int | None, process: int) -> None:
    if os.getpid() == process:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a new folder beside a target, and clear away what others left; then remove it."""
    start = f".{target.name}.partial-"
    with ExitStack() as stack:
        with alone(target.parent):
            for left in target.parent.glob(f"{glob.escape(start)}*"):
                _clear(left)
            partial = target.parent / f"{start}{uuid.uuid4().hex}"
            partial.mkdir()
            stack.callback(shutil.rmtree, partial, ignore_errors=True)
            stack.enter_context(_held(partial))
        yield partial


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder if there is none; what was made goes again if nothing was put into it."""
    above = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for place in above:
            with suppress(OSError):  # it holds something
                place.rmdir()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process works on the names in a folder."""
    with _held(folder, wait=True):
        yield


@contextmanager
def private() -> Iterator[None]:
    """Let only the owner read what is written in the block."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _clear(left: Path, age: float = 0) -> None:
    """Remove a folder of a process that has ended, if it has that age in seconds."""
    with suppress(OSError):
        old = time.time() - left.stat().st_mtime
        with _held(left) as free:
            if free and old > (age if fcntl else A_DAY):
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _held(folder: Path, wait: bool = False) -> Iterator[bool]:
    """Hold a folder until the process ends; give whether nobody else holds it.

    Nobody is known to where folders have no locks, as on Windows.
    """
    if fcntl is None:
        yield True
        return
    handle, free = _lock(folder, wait)
    try:
        yield free
    finally:
        os.close(handle)


def _lock(folder: Path, wait: bool = False) -> tuple[int, bool]:
    """Return a handle that holds a folder until it is closed, and whether nobody else holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return handle, False
    return handle, True
