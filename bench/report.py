"""Time and memory of a whole report on CDNOW, and the size of its largest page.

Beside it the time that papermill takes for as many empty notebooks, two at a time.
"""

import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run the report into a temporary folder and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "segment.cli", "report", "data/cdnow.yaml", "-o", folder],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
        seconds = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        page = max(Path(folder).rglob("*.html"), key=lambda path: path.stat().st_size)
        size = page.stat().st_size / 1e6
        notebooks = [*Path(folder).rglob("*.ipynb")]
        floor = empty(notebooks)
    print("Report on CDNOW: 23,570 customers, 69,659 rows, eleven schemes, 1,000 resamples")
    print(f"  time         {seconds:6.0f} s, {seconds / floor:.1f} times that of empty notebooks")
    print(f"  empty ones   {floor:6.0f} s for {len(notebooks)}")
    print(f"  peak memory  {peak:6.0f} MB (largest process)")
    print(f"  largest page {size:6.2f} MB ({page.name}), limit 3 MB")


def empty(notebooks: list[Path]) -> float:
    """Return the seconds that papermill takes for empty notebooks in these places."""
    for file in notebooks:
        nbformat.write(nbformat.v4.new_notebook(), file)
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(execute, notebooks))
    return time.monotonic() - began


def execute(notebook: Path) -> None:
    """Run a notebook as papermill does it for everybody."""
    command = [sys.executable, "-m", "papermill", "--kernel", "python3", notebook, notebook]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
