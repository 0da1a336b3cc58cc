"""Commands killed at random moments: what was there stays whole, and the next run works.

Run ``python bench/kills.py`` (100 kills of the small report, of ``tiers`` and of ``assign``), or
with ``--kills 6 --seed 2``. Every kill is SIGKILL to the whole group of processes, or to the
command alone, whose workers must end by themselves.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SEGMENT = [sys.executable, "-m", "segment.cli"]
COMMANDS = {
    "report": ["report", "shop.yaml", "-o", "out", "--only", "abc", "--force"],
    "tiers": ["tiers", "shop.yaml", "-o", "out/tiers", "--scheme", "ABC 80/95"],
    "assign": ["assign", "shop.yaml", "-o", "out/lot.csv", "--scheme", "ABC 80/95", "--force"],
}
FEWER = {
    "methods": {"ABC 80/95": {"method": "abc"}},
    "backtest": {"replicates": 100, "origins": 1},
}
LINGER = 40  # seconds in which workers of a killed command end


def example(folder: Path) -> None:
    """Write the small shop with one scheme."""
    study = yaml.safe_load((ROOT / "data" / "shop.yaml").read_text(encoding="utf-8")) | FEWER
    (folder / "shop.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    (folder / "shop.csv").write_bytes((ROOT / "data" / "shop.csv").read_bytes())


def state(folder: Path) -> dict[str, str]:
    """Return the hashes of all files in a folder, hidden ones too."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def shown(files: dict[str, str]) -> dict[str, str]:
    """Return what is no folder to work in."""
    return {name: text for name, text in files.items() if ".partial-" not in name}


def running(mark: str) -> list[str]:
    """Return the processes that have a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (
                mark.encode() in (process / "environ").read_bytes()
                and (process / "cmdline").read_bytes()
            ):
                found.append(process.name)
        except OSError:
            continue
    return found


def start(command: str, folder: Path, mark: str = "") -> subprocess.Popen:
    """Start a command in a group of its own, its temporary files in a folder."""
    surroundings = os.environ | {"TMPDIR": str(folder / "tmp"), "SEGMENT_MARK": mark}
    return subprocess.Popen(
        [*SEGMENT, *COMMANDS[command]],
        cwd=folder,
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(kills: int, seed: int, commands: list[str]) -> list[str]:
    """Return what went wrong in so many kills."""
    wrong, dice = [], random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="segment-kills-") as name:
        folder = Path(name)
        for place in ("tmp", "out"):
            (folder / place).mkdir()
        example(folder)
        took = {}
        for command in commands:
            began = time.monotonic()
            done = start(command, folder)
            said = done.communicate()[1].decode()
            if done.returncode:
                return [f"{command} does not work: {said}"]
            took[command] = time.monotonic() - began
        for number in range(kills):
            command = dice.choice(commands)
            before, mark = state(folder / "out"), f"kill-{os.getpid()}-{number}"
            process = start(command, folder, mark)
            time.sleep(dice.random() * took[command])
            if dice.random() < 0.5:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.communicate()
            after, ended = state(folder / "out"), process.returncode == 0
            if not ended and shown(before) != shown(after):
                changed = {k for k in {*before, *after} if before.get(k) != after.get(k)}
                wrong.append(f"{number}, {command}: {sorted(changed)[:5]} changed")
            until = time.monotonic() + LINGER
            while (left := running(mark)) and time.monotonic() < until:
                time.sleep(0.2)
            if left:
                wrong.append(f"{number}, {command}: {len(left)} processes go on")
                for process_id in left:
                    os.kill(int(process_id), signal.SIGKILL)
        for left in (folder / "tmp").iterdir():  # as if the next run came later
            os.utime(left, (0, 0))
        for command in commands:
            done = start(command, folder)
            said = done.communicate()[1].decode()
            if done.returncode:
                wrong.append(f"{command} does not work after that: {said[-300:]}")
        if partial := sorted({k for k in state(folder / "out") if ".partial-" in k}):
            wrong.append(f"left over: {partial[:3]}")
        if left := sorted(path.name for path in (folder / "tmp").iterdir()):
            wrong.append(f"left over in the temporary folder: {left[:3]}")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=COMMANDS)
    asked = parser.parse_args()
    chosen = [asked.command] if asked.command else [*COMMANDS]
    problems = run(asked.kills, asked.seed, chosen)
    print("\n".join([*problems, f"{len(problems)} things went wrong in {asked.kills} kills"]))
    raise SystemExit(bool(problems))
