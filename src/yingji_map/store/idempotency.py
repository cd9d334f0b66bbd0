"""Keys that make a write happen once, however often it is sent."""

from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from yingji_map.store.tables import idempotency_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """An Idempotency-Key, the hash of the content it came with, and what that led to."""

    key: str
    body_hash: str
    result_id: str


def claim_key(tx: Connection, operation: str, use: KeyUse) -> KeyUse:
    """Record that a key led to a result, unless it did so before.

    Returns
    -------
    KeyUse
        What the key stands for: the given use when the key was free.
    """
    values = {
        "operation": operation,
        "idempotency_key": use.key,
        "body_hash": use.body_hash,
        "result_id": use.result_id,
    }
    tx.execute(upsert(idempotency_keys).values(**values).on_conflict_do_nothing())
    return find_key(tx, operation, use.key) or use


def find_key(tx: Connection, operation: str, key: str) -> KeyUse | None:
    """Return what a key stood for before, else None."""
    table = idempotency_keys
    row = tx.execute(
        select(table.c.body_hash, table.c.result_id).where(
            table.c.operation == operation, table.c.idempotency_key == key
        )
    ).first()
    return None if row is None else KeyUse(key=key, body_hash=row[0], result_id=row[1])
