"""Where the PostgreSQL programs with PostGIS are on this machine."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.errors import ClusterUnavailable

MIN_MAJOR = 15
INSTALL = "sudo apt-get install postgresql postgresql-postgis"
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/opt/PostgreSQL/*/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """Programs of one PostgreSQL major version."""

    bin_dir: Path
    major: int
    has_postgis: bool


def known_places() -> list[Path]:
    """Return the folders of this machine that may hold PostgreSQL programs."""
    found = [path for pattern in _PLACES for path in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("initdb")
    return [*found, Path(on_path).resolve().parent] if on_path else found


def find_binaries(places: Iterable[Path], *, major: int | None = None) -> Binaries:
    """Return the newest usable programs, or those of `major` when a data folder needs them.

    Raises
    ------
    ClusterUnavailable
        No PostgreSQL, too old, without PostGIS, or not of the wanted major version.
    """
    installed = sorted(
        (binaries for place in places if (binaries := _inspect(place))),
        key=lambda binaries: (binaries.has_postgis, binaries.major),
    )
    if not installed:
        zh, en = (
            "这台机器上没有 PostgreSQL 服务程序",
            "There is no PostgreSQL server on this machine",
        )
        raise ClusterUnavailable(reason_zh=zh, reason_en=en, fix=INSTALL)
    if major is not None:
        installed = [binaries for binaries in installed if binaries.major == major]
        if not installed:
            raise ClusterUnavailable(
                reason_zh=f"数据由 PostgreSQL {major} 写成，本机没有这个版本；数据没有动过",
                reason_en=f"The data was written by PostgreSQL {major}, which is not installed here; the data is untouched",
                fix=f"sudo apt-get install postgresql-{major} postgresql-{major}-postgis-3",
            )
    best = installed[-1]
    if best.major < MIN_MAJOR:
        zh = f"只有 PostgreSQL {best.major}，需要 {MIN_MAJOR} 以上"
        en = f"Only PostgreSQL {best.major} is here, {MIN_MAJOR} or newer is needed"
        raise ClusterUnavailable(reason_zh=zh, reason_en=en, fix=INSTALL)
    if not best.has_postgis:
        raise ClusterUnavailable(
            reason_zh=f"PostgreSQL {best.major} 没有装 PostGIS 扩展",
            reason_en=f"PostgreSQL {best.major} lacks the PostGIS extension",
            fix=f"sudo apt-get install postgresql-{best.major}-postgis-3",
        )
    return best


def _inspect(bin_dir: Path) -> Binaries | None:
    if not all((bin_dir / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
        return None
    version = _output(bin_dir / "postgres", "--version")
    match = re.search(r"(\d+)(\.\d+)*", version)
    if match is None:
        return None
    share = Path(_output(bin_dir / "pg_config", "--sharedir") or bin_dir.parent / "share")
    extensions = share / "extension"
    has_postgis = all(
        (extensions / f"{name}.control").exists() for name in ("postgis", "btree_gist")
    )
    return Binaries(bin_dir=bin_dir, major=int(match[1]), has_postgis=has_postgis)


def _output(program: Path, argument: str) -> str:
    if not program.exists():
        return ""
    done = subprocess.run([program, argument], capture_output=True, text=True, check=False)
    return done.stdout.strip()
