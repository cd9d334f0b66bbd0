"""Locks between processes that vanish with their holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class FileLock:
    """An advisory lock on a file: shared by many or held by one; a dead process holds none."""

    path: Path
    _handle: int = field(default=-1, init=False)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lock alone, waiting for it."""
        self._open()
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            yield
        finally:
            self.release()

    def take_shared(self) -> None:
        """Hold the lock together with others, waiting while one holds it alone."""
        self._open()
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def become_exclusive(self) -> bool:
        """Try to hold alone what was shared; False when others share it (then it is let go)."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self) -> None:
        self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
