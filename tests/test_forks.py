"""Work in forks: in order, done again where a fork fails, and over when its origin is."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from segment import forks
from segment.errors import StudyError


@pytest.fixture(params=["fork", "spawn"])
def method(request):
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(None, force=True)


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(forks, "cpu_count", lambda: 2)


def test_results_come_in_order_from_two_processes(method):
    def work(item):
        time.sleep(0.02)
        return item**2, os.getpid()

    squares, processes = zip(*forks.each(work, range(12)), strict=True)
    assert squares == tuple(i**2 for i in range(12))
    assert len({*processes}) == (2 if method == "fork" else 1)
    assert forks.each(work, []) == []


def test_what_is_named_last_is_begun_first(monkeypatch):
    monkeypatch.setattr(forks, "cpu_count", lambda: 1)
    begun = []
    found = forks.each(lambda item: begun.append(item) or item, ["plain", "long"])
    assert found == ["plain", "long"]
    assert begun == ["long", "plain"]


def test_what_a_fork_does_not_end_is_done_by_its_origin():
    origin = os.getpid()

    def work(item):
        if os.getpid() != origin:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.1)  # so that the fork takes its share
        return item

    assert forks.each(work, range(4)) == [0, 1, 2, 3]
    assert forks.beside(lambda: work("done"))() == "done"


def test_a_refusal_in_a_fork_is_raised_by_its_origin(method, capfd):
    done = multiprocessing.get_context("fork").Value("i", 0)

    def work():
        done.value += 1
        raise StudyError("no such column")

    for run in (lambda: forks.beside(work)(), lambda: forks.apart(work)):
        with pytest.raises(StudyError, match="no such column"):
            run()
    assert capfd.readouterr() == ("", "") and done.value == 2


def test_a_fault_in_a_fork_is_met_again_by_its_origin(capfd):
    origin = os.getpid()
    done = multiprocessing.get_context("fork").Value("i", 0)

    def work():
        done.value += 1
        raise ValueError(str(os.getpid() == origin))

    with pytest.raises(ValueError, match="True"):
        forks.apart(work)
    assert capfd.readouterr() == ("", "") and done.value == 2


def test_work_apart_is_done_in_a_process_of_its_own():
    assert forks.apart(os.getpid) != os.getpid()


ORPHAN = """\
import os, time
from segment import forks

forks.cpu_count = lambda: 2
forks.beside(lambda: (print(os.getpid(), flush=True), time.sleep(120)))()
"""


def test_a_fork_ends_when_its_origin_is_killed():
    run = [sys.executable, "-c", ORPHAN]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as origin:
        assert int(origin.stdout.readline()) != origin.pid
        origin.kill()
        killed = time.monotonic()
        assert origin.stdout.read() == ""  # its end closes when the fork is no more
    assert time.monotonic() - killed < 100  # it would sleep longer
