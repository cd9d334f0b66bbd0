"""Processes of the embedded server: under which user they run, and whether one is alive."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.errors import ClusterUnavailable

_CANDIDATES = ("postgres", "yingji", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """The operating-system user that owns the server; PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """True when programs must switch user to act as this one."""
        return self.uid != os.geteuid()


def server_user() -> ServerUser:
    """Return this user, or an unprivileged one when this is root."""
    names = _CANDIDATES if os.geteuid() == 0 else (pwd.getpwuid(os.geteuid()).pw_name,)
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ClusterUnavailable(
        reason_zh="以 root 运行，但没有可用的普通用户来跑数据库",
        reason_en="Running as root, but there is no ordinary user for the database",
        fix="adduser --system --group postgres",
    )


def run_as(
    user: ServerUser, command: Sequence[str | Path], cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as `user`, outside this terminal's Ctrl-C; output is returned."""
    switched = {"user": user.uid, "group": user.gid, "extra_groups": []} if user.is_other else {}
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(cwd)}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # user arguments by mapping
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        **switched,
    )


def recorded_pid(data: Path) -> int | None:
    """Return the process number in `postmaster.pid`, None when there is no such file."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_server_of(pid: int, data: Path) -> bool:
    """Tell whether `pid` is alive and is a PostgreSQL server (not whoever got its number later)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, of another user
    command = _command_of(pid)
    return "postgres" in command and str(data) in command


def _command_of(pid: int) -> str:
    recorded = Path(f"/proc/{pid}/cmdline")
    if recorded.exists():
        return recorded.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    done = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout


def last_fault(log: Path) -> str:
    """Return the last fatal line of a server log, else its last line."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "no log"
    faults = [
        line.split("FATAL:")[-1].strip() for line in lines if "FATAL:" in line or "PANIC:" in line
    ]
    return faults[-1] if faults else (lines[-1] if lines else "empty log")
