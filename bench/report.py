"""Time and memory of a whole report on CDNOW, and the size of its largest page."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
    print("Report on CDNOW: 23,570 customers, 69,659 rows, eleven schemes, 1,000 resamples")
    print(f"  time         {seconds:6.0f} s")
    print(f"  peak memory  {peak:6.0f} MB (largest process)")
    print(f"  largest page {size:6.2f} MB ({page.name}), limit 3 MB")


if __name__ == "__main__":
    main()
