"""`pg_dump` and `pg_restore`, found on this machine and run on streams."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import make_url

from yingji_map.domain.errors import BackupFailed, ToolMissing
from yingji_map.store.cluster_binaries import known_places

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpPrograms:
    """The two programs, of one PostgreSQL major version."""

    bin_dir: Path
    major: int


def find_dump_programs(major: int, places: Sequence[Path] | None = None) -> DumpPrograms:
    """Return the oldest programs that can read a server of `major`.

    Raises
    ------
    ToolMissing
        There are none; `pg_dump` refuses servers newer than itself.
    """
    on_path = shutil.which("pg_dump")
    known = known_places() if places is None else list(places)
    if places is None and on_path:
        known.append(Path(on_path).parent)
    found = [programs for place in known if (programs := _inspect(place))]
    usable = [programs for programs in found if programs.major >= major]
    if not usable:
        raise ToolMissing(
            tool=f"pg_dump {major}", fix=f"sudo apt-get install postgresql-client-{major}"
        )
    return min(usable, key=lambda programs: programs.major)


@contextmanager
def dumped(programs: DumpPrograms, url: str, snapshot: str) -> Iterator[IO[bytes]]:
    """Lend the stream of a dump of one snapshot, in the custom format.

    Raises
    ------
    BackupFailed
        `pg_dump` did not come to its end, after the stream was read.
    """
    command: list[str | Path] = [
        programs.bin_dir / "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        f"--dbname={_address(url)}",
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_environment(url),
        )
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            code = process.wait()
        if code:
            raise _failed(command[0], code, said)


def load_dump(programs: DumpPrograms, url: str, source: IO[bytes]) -> None:
    """Restore a dump into an empty database.

    Raises
    ------
    BackupFailed
        `pg_restore` did not come to its end; the database is half filled.
    """
    command: list[str | Path] = [
        programs.bin_dir / "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--exit-on-error",
        f"--dbname={_address(url)}",
    ]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment(url),
        )
        assert process.stdin is not None  # noqa: S101 - asked for above
        try:
            shutil.copyfileobj(source, process.stdin, _CHUNK)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it ended early; its own words say why
        except BaseException:
            process.kill()
            process.wait()
            raise
        code = process.wait()
        if code:
            raise _failed(command[0], code, said)


def _failed(path: str | Path, code: int, said: IO[bytes]) -> BackupFailed:
    program = Path(path).name
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    fault = next((line for line in lines if "error:" in line), lines[-1] if lines else "")
    reason = fault.split("error:")[-1].strip() or f"exit code {code}"
    return BackupFailed(reason_zh=f"{program}：{reason}", reason_en=f"{program}: {reason}")


def _inspect(bin_dir: Path) -> DumpPrograms | None:
    if not all((bin_dir / name).exists() for name in ("pg_dump", "pg_restore")):
        return None
    done = subprocess.run(
        [bin_dir / "pg_dump", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"\) (\d+)", done.stdout)
    return None if match is None else DumpPrograms(bin_dir=bin_dir, major=int(match[1]))


def _address(url: str) -> str:
    """Return the libpq address without the password, which others could see among the processes."""
    return make_url(url).set(drivername="postgresql", password=None).render_as_string()


def _environment(url: str) -> dict[str, str]:
    password = make_url(url).password
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    return {**os.environ, "LC_ALL": "C", "PGTZ": "UTC", **secret}
