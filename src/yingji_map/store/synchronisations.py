"""What was taken from other bureaus' collections, and which features are theirs."""

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, insert, select

from yingji_map.domain.federation import Delivery, Synchronisation
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.layer_tables import layer_table
from yingji_map.store.tables import synchronisations


def save_synchronisation(tx: Connection, layer_id: str, delivery: Delivery, import_id: int) -> None:
    """Record that an import took what a source handed over."""
    tx.execute(
        insert(synchronisations).values(
            import_id=import_id,
            layer_id=layer_id,
            source_id=delivery.source.id,
            collection=delivery.source.collection,
            source_version=delivery.source_version,
            is_whole=delivery.is_whole,
        )
    )


def find_synchronisations(
    tx: Connection, layer_id: str | None = None, limit: int = 100
) -> list[Synchronisation]:
    """Return what was synchronised, newest first."""
    statement = select(synchronisations).order_by(synchronisations.c.import_id.desc()).limit(limit)
    if layer_id is not None:
        statement = statement.where(synchronisations.c.layer_id == layer_id)
    return [_synchronisation(row) for row in tx.execute(statement).mappings()]


def find_last_synchronisation(
    tx: Connection, layer_id: str, source_id: str
) -> Synchronisation | None:
    """Return the newest synchronisation of a layer from a source."""
    statement = (
        select(synchronisations)
        .where(synchronisations.c.layer_id == layer_id, synchronisations.c.source_id == source_id)
        .order_by(synchronisations.c.import_id.desc())
        .limit(1)
    )
    row = tx.execute(statement).mappings().first()
    return None if row is None else _synchronisation(row)


def keys_of_source(tx: Connection, definition: LayerDefinition, source_id: str) -> frozenset[str]:
    """Return the keys of standing features that came from a source and were not edited here since."""
    return _keys(tx, _standing(definition).where(_came_from(definition, source_id)))


def keys_of_others(tx: Connection, definition: LayerDefinition, source_id: str) -> frozenset[str]:
    """Return the keys of standing features that did not come from this source."""
    return _keys(tx, _standing(definition).where(_came_from(definition, source_id).is_not(True)))


def _standing(definition: LayerDefinition) -> Select[tuple[str]]:
    table = layer_table(definition)
    return select(table.c[definition.key or ""]).where(
        and_(func.upper_inf(table.c.known_during), func.upper_inf(table.c.valid_during))
    )


def _came_from(definition: LayerDefinition, source_id: str) -> ColumnElement[bool]:
    table = layer_table(definition)
    theirs = select(synchronisations.c.import_id).where(
        synchronisations.c.layer_id == definition.id, synchronisations.c.source_id == source_id
    )
    return table.c.import_id.in_(theirs)


def _keys(tx: Connection, statement: Select[tuple[str]]) -> frozenset[str]:
    return frozenset(tx.scalars(statement))


def _synchronisation(row: RowMapping) -> Synchronisation:
    return Synchronisation(
        layer_id=row["layer_id"],
        source_id=row["source_id"],
        collection=row["collection"],
        source_version=row["source_version"],
        is_whole=row["is_whole"],
        import_id=row["import_id"],
        synchronised_at=row["synchronised_at"],
    )
