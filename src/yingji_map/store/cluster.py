"""The embedded PostGIS: a private cluster in the data folder, shared by the programs that need it."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from yingji_map.domain.errors import ClusterUnavailable
from yingji_map.store.cluster_binaries import Binaries, find_binaries, known_places
from yingji_map.store.cluster_locks import FileLock
from yingji_map.store.cluster_process import (
    ServerUser,
    is_server_of,
    last_fault,
    recorded_pid,
    run_as,
    server_user,
)

DATABASE = "yingji"
_MIN_FREE_BYTES = 300 * 1024**2
_MAX_SOCKET_PATH = 100  # Source: sun_path holds 107 bytes; ".s.PGSQL.5432" takes the rest
_SETTINGS = """
# Written by yingji at initdb: a private server for one machine.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 256MB
maintenance_work_mem = 128MB
work_mem = 16MB
effective_cache_size = 2GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""

Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """What `yingji db status` tells."""

    is_created: bool
    is_running: bool
    pid: int | None
    major: int | None
    data: Path
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One data folder and everything needed to run a server on it.

    Attributes
    ----------
    home
        Folder that holds the server's data, log and locks.
    extra_settings
        Lines added to `postgresql.conf` at creation (tests switch fsync off).
    """

    home: Path
    places: tuple[Path, ...] = field(default_factory=lambda: tuple(known_places()))
    extra_settings: str = ""
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    progress: Progress = lambda _zh, _en: None

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.home / "data"

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database."""
        return f"postgresql+psycopg://{DATABASE}@/{DATABASE}?host={self._socket_dir()}"

    def status(self) -> ClusterStatus:
        """Look, without changing anything."""
        pid = recorded_pid(self.data)
        is_running = pid is not None and is_server_of(pid, self.data)
        return ClusterStatus(
            is_created=(self.data / "PG_VERSION").exists(),
            is_running=is_running,
            pid=pid if is_running else None,
            major=self._major(),
            data=self.data,
            url=self.url,
        )

    @contextmanager
    def running(self) -> Iterator[str]:
        """Use the server; yields its address.

        The first user starts it, the last one stops it, unless `start` asked for it to stay.

        Raises
        ------
        ClusterUnavailable
            It cannot run; the error names the reason and the command that mends it.
        """
        self._prepare_home()
        users = FileLock(self.home / "users.lock")
        with FileLock(self.home / "start.lock").exclusive():
            users.take_shared()
            try:
                if not self.status().is_running:
                    self._start()
                    (self.home / "stop_when_unused").touch()
                self._ensure_database()
            except BaseException:
                users.release()
                raise
        try:
            yield self.url
        finally:
            with FileLock(self.home / "start.lock").exclusive():
                is_last = users.become_exclusive()
                if is_last and (self.home / "stop_when_unused").exists():
                    self._stop()
                users.release()

    def start(self) -> None:
        """Start the server and let it stay when its users are gone."""
        self._prepare_home()
        with FileLock(self.home / "start.lock").exclusive():
            if not self.status().is_running:
                self._start()
            (self.home / "stop_when_unused").unlink(missing_ok=True)
            self._ensure_database()

    def stop(self) -> bool:
        """Stop the server, disconnecting its users; False when it was not running."""
        if not self.status().is_running:
            return False
        with FileLock(self.home / "start.lock").exclusive():
            self._stop()
        return True

    def _prepare_home(self) -> None:
        user = server_user()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            if user.is_other:
                os.chown(self.home, user.uid, user.gid)
            self.home.chmod(0o700)
        except PermissionError as error:
            raise ClusterUnavailable(
                reason_zh=f"没有权限使用数据文件夹 {self.home}",
                reason_en=f"The data folder {self.home} may not be used by this user",
                fix="YINGJI_DATA_DIR=<自己的文件夹 / a folder of yours> yingji up",
            ) from error
        if user.is_other and run_as(user, ["test", "-x", self.home], Path("/")).returncode:
            raise ClusterUnavailable(
                reason_zh=f"数据库以用户 {user.name} 运行，进不了 {self.home}（上级文件夹不放行）",
                reason_en=f"The database runs as {user.name}, who cannot enter {self.home} (a parent folder forbids it)",
                fix="YINGJI_DATA_DIR=/var/lib/yingji yingji up",
            )
        if self.free_bytes(self.home) < _MIN_FREE_BYTES:
            free_mb = self.free_bytes(self.home) // 1024**2
            raise ClusterUnavailable(
                reason_zh=f"磁盘只剩 {free_mb} MB，数据库至少要 300 MB",
                reason_en=f"Only {free_mb} MB are free, the database needs at least 300 MB",
                fix=f"df -h {self.home}",
            )

    def _start(self) -> None:
        user = server_user()
        binaries = find_binaries(self.places, major=self._major())
        if not (self.data / "PG_VERSION").exists():
            self._create(binaries, user)
        self._forget_reused_pid()
        self.progress("启动内置 PostGIS", "Starting the embedded PostGIS")
        socket_dir = self._socket_dir(create_for=user)
        log = self.home / "server.log"
        options = f"-k {socket_dir}"
        done = run_as(
            user,
            [
                binaries.bin_dir / "pg_ctl",
                "start",
                "-w",
                "-t",
                "60",
                "-D",
                self.data,
                "-l",
                log,
                "-o",
                options,
            ],
            self.home,
        )
        if done.returncode:
            raise ClusterUnavailable(
                reason_zh=f"内置数据库启动失败：{last_fault(log)}",
                reason_en=f"The embedded database did not start: {last_fault(log)}",
                fix=f"tail {log}; yingji doctor",
            )

    def _create(self, binaries: Binaries, user: ServerUser) -> None:
        self.progress("建立内置 PostGIS", "Creating the embedded PostGIS")
        # Created beside and renamed: a killed initdb leaves no half-made data folder.
        making = self.home / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        done = run_as(
            user,
            [
                binaries.bin_dir / "initdb",
                "-D",
                making,
                "-U",
                DATABASE,
                "-A",
                "peer",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            self.home,
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["initdb"])[-1]
            shutil.rmtree(making, ignore_errors=True)
            zh, en = f"initdb 失败：{reason}", f"initdb failed: {reason}"
            raise ClusterUnavailable(reason_zh=zh, reason_en=en, fix=f"df -h {self.home}")
        with (making / "postgresql.conf").open("a") as conf:
            conf.write(_SETTINGS + self.extra_settings)
        (making / "pg_hba.conf").write_text("local all all peer map=yingji\n")
        names = {user.name, _own_name()}
        identities = "".join(f"yingji {name} {DATABASE}\n" for name in sorted(names))
        (making / "pg_ident.conf").write_text(identities)
        making.rename(self.data)

    def _stop(self) -> None:
        binaries = find_binaries(self.places, major=self._major())
        command: list[str | Path] = [
            binaries.bin_dir / "pg_ctl",
            "stop",
            "-w",
            "-m",
            "fast",
            "-D",
            self.data,
        ]
        run_as(server_user(), command, self.home)
        (self.home / "stop_when_unused").unlink(missing_ok=True)

    def _ensure_database(self) -> None:
        address = f"host={self._socket_dir()} user={DATABASE} dbname=postgres connect_timeout=10"
        with psycopg.connect(address, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _forget_reused_pid(self) -> None:
        """Remove a pid file whose number now belongs to another program; PostgreSQL would believe it."""
        pid = recorded_pid(self.data)
        if pid is not None and not is_server_of(pid, self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _major(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text().strip())
        except (FileNotFoundError, PermissionError):
            return None

    def _socket_dir(self, create_for: ServerUser | None = None) -> Path:
        """Return the folder of the socket, a short one elsewhere when the home's path is too long."""
        path = self.home / "socket"
        if len(str(path)) > _MAX_SOCKET_PATH:
            short = f"yingji-{os.getuid()}-{abs(hash_of(self.home))}"
            path = Path(tempfile.gettempdir()) / short
        if create_for is not None:
            path.mkdir(mode=0o700, exist_ok=True)
            os.chown(path, create_for.uid, create_for.gid)
            path.chmod(0o700)
        return path


def hash_of(path: Path) -> int:
    """Return a number that follows from the path alone, the same in every process."""
    return int.from_bytes(str(path).encode(), "big") % 1_000_000_007


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name
