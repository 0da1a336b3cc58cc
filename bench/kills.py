"""Commands killed at random moments: what was there stays whole, and the next run works.

Run ``python bench/kills.py`` (100 kills of the small report, of ``tiers`` and of ``assign``), or
with ``--kills 6 --seed 2``. Every kill is SIGKILL to the whole group of processes, or to the
command alone, whose workers must end by themselves. ``--container`` gives every command the
process id 1 of a namespace of its own, as in a container (needs ``unshare`` and its rights).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import yaml

from segment.publish import kept
from segment.reading.files import fingerprint

ROOT = Path(__file__).parents[1]
# Two ways each, so that files of two runs are told apart.
TIERS = ["tiers", "shop.yaml", "-o", "out/tiers", "--scheme"]
ASSIGN = ["assign", "shop.yaml", "-o", "out/lot.csv", "--scheme", "ABC 80/95", "--force", "--seed"]
COMMANDS = {
    "report": [["report", "shop.yaml", "-o", "out", "--only", "abc", "--force"]],
    "tiers": [[*TIERS, "ABC 80/95"], [*TIERS, "Revenue tiers 5/20/50"]],
    "assign": [[*ASSIGN, "1"], [*ASSIGN, "2"]],
}
FEWER = {
    "methods": {"ABC 80/95": {"method": "abc"}},
    "backtest": {"replicates": 100, "origins": 1},
}
LINGER = 40  # seconds in which workers of a killed command end
# Commands are forks of one process that has the package imported: half of their time is imports.
# It reads a line of JSON for each, and says its process id and then its exit code.
SERVER = """\
import atexit, json, os, sys, traceback
from segment import cli
from segment.publish import evaluation, files, report, units
for line in sys.stdin:
    job = json.loads(line)
    command = os.fork()
    if not command:
        os.setsid()
        os.chdir(job["folder"])
        os.environ.update(job["surroundings"])
        for stream, file in enumerate((os.devnull, job["out"], job["errors"])):
            os.dup2(os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        sys.argv, code = ["segment", *job["arguments"]], 1
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException:
            traceback.print_exc()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(code)
    print(command, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]), flush=True)
"""
CONTAINER = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


class Commands:
    """Runs commands one after the other in a folder, in forks or each in a container."""

    def __init__(self, folder: Path, container: bool):
        self.folder, self.container, self.errors = folder, container, folder / "errors"
        self.surroundings = os.environ | {"TMPDIR": str(folder / "tmp")}
        self.last = 0  # process id of the last command
        if not container:
            self.server = self._popen([sys.executable, "-c", SERVER])

    def _popen(self, command: list[str], mark: str = "", **streams: object) -> subprocess.Popen:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} | streams
        given = self.surroundings | {"SEGMENT_MARK": mark}
        settings = {"cwd": self.folder, "env": given, "start_new_session": True, "text": True}
        return subprocess.Popen(command, **settings, **pipes)

    def run(
        self, words: list[str], mark: str = "none", kill_after: float = 0, group: bool = False
    ) -> int:
        """Run a command to its end, or kill it after a time; return its exit code."""
        if self.container:
            inside = [*CONTAINER, sys.executable, "-m", "segment", *words]
            with self.errors.open("w") as errors:
                process = self._popen(inside, mark, stdout=subprocess.DEVNULL, stderr=errors)
            if kill_after:
                time.sleep(kill_after)
                os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
            return process.wait()
        job = {"folder": str(self.folder), "surroundings": {"SEGMENT_MARK": mark}}
        job |= {"arguments": words, "out": os.devnull, "errors": str(self.errors)}
        print(json.dumps(job), file=self.server.stdin, flush=True)
        self.last = int(self.server.stdout.readline())
        if kill_after:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it has ended
                (os.killpg if group else os.kill)(self.last, signal.SIGKILL)
        return int(self.server.stdout.readline())

    def end(self) -> None:
        """End the process that commands are forked from."""
        if not self.container:
            self.server.communicate()

    def why(self) -> str:
        """Return what the last command said in the end."""
        return self.errors.read_text(errors="replace")[-300:]


def example(folder: Path) -> None:
    """Write the small shop with one scheme."""
    study = yaml.safe_load((ROOT / "data" / "shop.yaml").read_text(encoding="utf-8")) | FEWER
    (folder / "shop.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    shutil.copy(ROOT / "data" / "shop.csv", folder)


def state(folder: Path, pattern: str) -> dict[str, str]:
    """Return the hashes of files in a folder, hidden ones too."""
    files = (file for file in folder.glob(pattern) if file.is_file())
    return {file.relative_to(folder).as_posix(): fingerprint([file]) for file in files}


LOTS, LISTS = "lot.*", "tiers/*"


def broken(out: Path, ends: list[dict[str, str]]) -> list[str]:
    """Return what is not as a run that came to its end left it."""
    wrong = [part for part in (LOTS, LISTS) if state(out, part) not in ends]
    report = out / "shop-abc"
    if report.exists() and not (kept.is_whole(report) and not kept.of_others(report)):
        wrong.append("the report")
    return wrong


def running(mark: str, session: int) -> list[int]:
    """Return the processes that have a mark in their environment, or are of a session.

    Session 0 is none: it is what the system says of any process of another container.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            marked = mark.encode() in (process / "environ").read_bytes()
            if marked or (session and os.getsid(int(process.name)) == session):
                found += [int(process.name)] if (process / "cmdline").read_bytes() else []
    return found


def run(kills: int, seed: int, commands: list[str], container: bool = False) -> list[str]:
    """Return what went wrong in so many kills."""
    wrong, dice = [], random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="segment-kills-") as name:
        folder = Path(name)
        out, temporary = folder / "out", folder / "tmp"
        out.mkdir()
        temporary.mkdir()
        example(folder)
        runs = Commands(folder, container)
        took, ends = {}, [{}]
        for command in commands:
            for words in COMMANDS[command]:
                began = time.monotonic()
                if runs.run(words):
                    return [f"{command} does not work: {runs.why()}"]
                took[command] = time.monotonic() - began
                ends += [state(out, part) for part in (LOTS, LISTS)]
        for number in range(kills):
            command, mark = dice.choice(commands), f"kill-{os.getpid()}-{number}"
            moment = dice.random() * took[command]
            runs.run(dice.choice(COMMANDS[command]), mark, moment, group=dice.random() < 0.5)
            wrong += [f"{number}, {command}: {what} is broken" for what in broken(out, ends)]
            until = time.monotonic() + LINGER
            while (left := running(mark, runs.last)) and time.monotonic() < until:
                time.sleep(0.2)
            if left:
                words = Path(f"/proc/{left[0]}/cmdline").read_text().replace("\0", " ")
                wrong.append(f"{number}, {command}: {len(left)} go on, the first is {words[-80:]}")
                for process_id in left:
                    os.kill(process_id, signal.SIGKILL)
        for left in temporary.iterdir():  # as if the next run came later
            os.utime(left, (0, 0))
        for command in commands:
            if runs.run(COMMANDS[command][0]):
                wrong.append(f"{command} does not work after that: {runs.why()}")
        partial = sorted(path.name for path in out.rglob(".*") if path.name != kept.WRITTEN)
        left = sorted(path.name for path in temporary.iterdir())
        wrong += [f"left over: {names[:3]}" for names in (partial, left) if names]
        runs.end()
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=COMMANDS)
    parser.add_argument("--container", action="store_true")
    asked = parser.parse_args()
    chosen = [asked.command] if asked.command else [*COMMANDS]
    problems = run(asked.kills, asked.seed, chosen, asked.container)
    print("\n".join([*problems, f"{len(problems)} things went wrong in {asked.kills} kills"]))
    raise SystemExit(bool(problems))
