"""PostgreSQL and MariaDB for tests: on 127.0.0.1, each in a folder of its own, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "Geheim-7"
# Waits until its input ends, then ends the server that runs in a folder, and removes that.
END = """read -r _
for file in "$0"/data/*.pid; do [ -f "$file" ] && kill -QUIT $(head -n 1 "$file") && sleep 1; done
rm -rf "$0"
"""
BESIDE = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))


def program(name: str, package: str) -> str:
    """Return where a program is; the test is skipped where its package is not installed."""
    found = shutil.which(
        name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, BESIDE[-1:])])
    )
    if not found:
        pytest.skip(f"{name} is not installed (Debian's {package})")
    return found


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def _folder(user: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="segment-server-", dir="/tmp"))
    if os.getuid() == 0:
        shutil.chown(folder, user)
    folder.chmod(0o755)
    watch = ["sh", "-c", END, folder]
    with subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True):
        yield folder  # then, or when the tests are cut off, the pipe is closed


@contextmanager
def postgres() -> Iterator[str]:
    """Run PostgreSQL; yield the url of its database ``shop``, whose owner has ``PASSWORD``."""
    psycopg = pytest.importorskip("psycopg")
    initdb, control = (program(name, "postgresql") for name in ("initdb", "pg_ctl"))
    # The server refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    with _folder("postgres") as folder:
        data, port, word = folder / "data", _free_port(), folder / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)

        def run(*command: str) -> None:
            # Not captured: the server would hold the pipe open.
            with open(folder.with_suffix(".log"), "w") as log:
                subprocess.run([*as_user, *command], check=True, stdout=log, stderr=log, cwd="/")
            folder.with_suffix(".log").unlink()

        how = f"-D {data} -U owner -A scram-sha-256 --pwfile {word} -E UTF8 --no-locale --no-sync"
        run(initdb, *how.split())
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off"
        run(control, "-D", f"{data}", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            url = f"postgresql://owner@127.0.0.1:{port}"
            with psycopg.connect(f"{url}/postgres", password=PASSWORD, autocommit=True) as con:
                con.execute("CREATE DATABASE shop")
            yield f"{url}/shop"
        finally:
            run(control, "-D", f"{data}", "-m", "immediate", "-w", "stop")


@contextmanager
def mariadb() -> Iterator[str]:
    """Run MariaDB; yield the url of its database ``shop``, whose owner has ``PASSWORD``."""
    pymysql = pytest.importorskip("pymysql")
    install, server = (program(n, "mariadb-server") for n in ("mariadb-install-db", "mariadbd"))
    as_user = ["--user=mysql"] if os.getuid() == 0 else []
    with _folder("mysql") as folder:
        data, port, path = f"--datadir={folder}/data", _free_port(), f"{folder}/socket"
        alike = ["--no-defaults", *as_user, data]
        subprocess.run(
            [install, *alike, "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True,
        )  # fmt: skip
        with open(folder / "log", "w") as log:
            running = subprocess.Popen(
                [server, *alike, "--bind-address=127.0.0.1", f"--port={port}", f"--socket={path}"],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    con = pymysql.connect(unix_socket=path, user="root")
                    break
                except pymysql.err.OperationalError:
                    assert time.monotonic() < until, (folder / "log").read_text()
                    time.sleep(0.2)
            with con, con.cursor() as cursor:
                cursor.execute("CREATE DATABASE shop CHARACTER SET utf8mb4")
                for host in ("localhost", "127.0.0.1"):
                    cursor.execute(f"CREATE USER owner@'{host}' IDENTIFIED BY '{PASSWORD}'")
                    cursor.execute(f"GRANT ALL ON *.* TO owner@'{host}' WITH GRANT OPTION")
            yield f"mysql://owner@127.0.0.1:{port}/shop"
        finally:
            running.terminate()
            running.wait(60)
