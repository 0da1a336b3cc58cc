"""Work beside other work, in forks of this process: they share its memory and its imports.

A fork has none of the threads of its origin, whose locks stay closed: where a method of the
user's own may have threads of OpenMP, nothing is forked (``evidence.refit.are_ours``).
"""

from __future__ import annotations

import ctypes
import multiprocessing
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from joblib import cpu_count

from segment.errors import sentence

Result = TypeVar("Result")
SET_PARENT_DEATH_SIGNAL = 1  # of prctl


def start_method() -> str:
    """Return how this platform starts processes: "spawn" on Windows and macOS."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_start_method(allow_none=True) or methods[0]


def beside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin work in a fork; return what waits for its result.

    Where the platform does not fork or has one processor, and where the fork comes to no end, the
    work is done when the result is asked for.
    """
    return work if cpu_count() < 2 else _forked(work)


def apart(work: Callable[[], Result]) -> Result:
    """Return the result of work in a fork, whose memory ends with it, where the platform forks."""
    return _forked(work)()


def _forked(work: Callable[[], Result]) -> Callable[[], Result]:
    if start_method() == "spawn":
        return work
    context = multiprocessing.get_context("fork")
    answer, tell = context.Pipe(duplex=False)
    fork = context.Process(target=_tell, args=(work, tell), daemon=True)
    fork.start()
    tell.close()

    def result() -> Result:
        try:
            done, refused = answer.recv()
        except EOFError:
            return work()
        finally:
            fork.join()
        if refused is not None:
            raise refused
        return done

    return result


def _tell(work: Callable[[], Any], tell: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    end_with_parent()
    with suppress(Exception):  # a fault: done again by the origin, which shows where it is
        try:
            answer = work(), None
        except Exception as error:
            if not sentence(error):
                raise
            answer = None, error
        tell.send(answer)


def end_with_parent() -> None:
    """Let the system end this process when its parent ends, however that does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def each(work: Callable[[Any], Result], items: Sequence[Any]) -> list[Result]:
    """Return what work makes of each item; a fork takes items beside this process.

    The last are taken first: whoever lists what there is to do names what is plain first, and
    what takes longest should not be begun when all else is done.
    """
    left = multiprocessing.Value("i", len(items))

    def some() -> dict[int, Result]:
        done = {}
        while True:
            with left.get_lock():
                left.value = place = left.value - 1
            if place < 0:
                return done
            done[place] = work(items[place])

    other = beside(some) if len(items) > 1 else dict
    done = some() | other()
    return [done[i] if i in done else work(item) for i, item in enumerate(items)]
