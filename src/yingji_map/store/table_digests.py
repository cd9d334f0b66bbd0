"""One number over all rows of a table, the same wherever the table is restored."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Connection,
    Numeric,
    Text,
    cast,
    column,
    func,
    inspect,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import BIT

_FOREIGN = ("information_schema", "public")  # public holds the extensions' tables


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDigest:
    """How many rows a table has, and the sum of their hashes (order does not matter)."""

    rows: int
    digest: str


def digest_tables(tx: Connection) -> dict[str, TableDigest]:
    """Digest every table of the program, in one snapshot, by `schema.table`.

    Generated columns are left out: they are computed again on restore, by another PROJ perhaps.
    """
    return {f"{schema}.{name}": _digest(tx, schema, name) for schema, name in find_tables(tx)}


def find_tables(tx: Connection) -> list[tuple[str, str]]:
    """Return schema and name of every table of the program."""
    inspector = inspect(tx)
    schemas = [
        schema
        for schema in inspector.get_schema_names()
        if schema not in _FOREIGN and not schema.startswith("pg_")
    ]
    return [
        (schema, name)
        for schema in sorted(schemas)
        for name in sorted(inspector.get_table_names(schema=schema))
    ]


def _digest(tx: Connection, schema: str, name: str) -> TableDigest:
    stored: list[ColumnClause[Any]] = [
        column(each["name"])
        for each in inspect(tx).get_columns(name, schema=schema)
        if "computed" not in each
    ]
    source = table(name, *stored, schema=schema)
    row_hash = func.left(func.md5(cast(func.row(*source.columns), Text)), 16)
    number = cast(cast(cast(literal("x").concat(row_hash), BIT(64)), BigInteger), Numeric)
    counted = tx.execute(
        select(func.count(), func.coalesce(func.sum(number), 0)).select_from(source)
    ).one()
    return TableDigest(rows=counted[0], digest=str(int(counted[1])))
