"""What a question picks of a layer, whole: for files that leave the store."""

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, and_, func, literal, select

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.query import FeatureQuery
from yingji_map.store.collections import matching
from yingji_map.store.features import read_where
from yingji_map.store.layer_tables import layer_table


def count_extract(
    tx: Connection, definition: LayerDefinition, query: FeatureQuery, zone: BaseGeometry | None
) -> int:
    """Return how many features a question picks inside a zone."""
    table = layer_table(definition)
    condition = _condition(definition, query, zone)
    return int(tx.scalar(select(func.count()).select_from(table).where(condition)) or 0)


def read_extract(
    tx: Connection,
    definition: LayerDefinition,
    query: FeatureQuery,
    zone: BaseGeometry | None,
    columns: Sequence[str],
) -> FeatureTable:
    """Return the features a question picks, whatever its page, sorted by key.

    Parameters
    ----------
    zone
        In EPSG:4490; features that touch it are picked whole, not clipped. None is everywhere.
    """
    return read_where(tx, definition, _condition(definition, query, zone), columns)


def _condition(
    definition: LayerDefinition, query: FeatureQuery, zone: BaseGeometry | None
) -> ColumnElement[bool]:
    table = layer_table(definition)
    picked = matching(table, query, table.c[definition.key or ""])
    if zone is None:
        return picked
    shape = func.ST_GeomFromWKB(literal(shapely.to_wkb(zone)), STORAGE_SRID)
    return and_(picked, func.ST_Intersects(table.c.geom, shape))
