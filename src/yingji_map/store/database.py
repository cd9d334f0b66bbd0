"""One database handle: pooled connections, transactions, notifications."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError

from yingji_map.domain.errors import StoreFull, StoreUnavailable

_DISK_FULL = "53100"
_CONNECTION_ENDED = ("08", "57P")  # Source: PostgreSQL error classes: lost, or server going down
Transaction = Connection  # for services, which pass one on and never speak SQL themselves


@dataclass(frozen=True, slots=True)
class Store:
    """The database; `tx` in every store function is a connection that this hands out."""

    engine: Engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a writing transaction: committed at the end, rolled back on any error.

        Raises
        ------
        StoreUnavailable
            The database does not answer.
        """
        with _translated(), self.engine.begin() as tx:
            yield tx

    @contextmanager
    def rehearsal(self) -> Iterator[Connection]:
        """Open a writing transaction that is always taken back: what would happen, without it."""
        with _translated(), self.engine.connect() as tx:
            yield tx
            tx.rollback()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction with one consistent view of all tables."""
        with _translated(), self.engine.connect() as tx:
            tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield tx

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def open_store(url: str, *, pool_size: int = 8) -> Store:
    """Return a store on `url` (`postgresql+psycopg://…`); nothing is connected yet."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"application_name": "yingji", "connect_timeout": 10},
    )
    event.listen(engine, "connect", _prepare_session)
    return Store(engine)


def _prepare_session(dbapi_connection: object, _record: object) -> None:
    # JIT costs more than it gives on these short statements; times are always shown in UTC.
    cursor = dbapi_connection.cursor()  # type: ignore[attr-defined]  # DBAPI has no typed base
    cursor.execute("SET jit = off")
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.close()
    dbapi_connection.commit()  # type: ignore[attr-defined]  # DBAPI has no typed base


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:  # COPY speaks to the driver itself
        raise _named(error) from error
    except (OperationalError, InterfaceError) as error:
        if error.connection_invalidated or "connect" in str(error.orig).lower():
            raise StoreUnavailable(reason=_first_line(error.orig)) from error
        if isinstance(error.orig, psycopg.OperationalError):
            raise _named(error.orig, error) from error
        raise


def _named(error: psycopg.OperationalError, told: Exception | None = None) -> Exception:
    """Return the refusal that an error of the driver means; itself (or `told`) when none."""
    state = error.sqlstate
    if state == _DISK_FULL:
        return StoreFull(reason=_first_line(error))
    if state is None or state.startswith(_CONNECTION_ENDED):
        return StoreUnavailable(reason=_first_line(error))
    return told or error


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or ["unknown"])[0] if error else "unknown"
