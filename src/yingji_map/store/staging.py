"""Incoming features as a temporary table, filled through COPY."""

import shapely
from sqlalchemy import Column, Connection, MetaData, Table, Text

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.features import FeatureTable, content_hashes
from yingji_map.domain.layer import LayerDefinition
from yingji_map.store.layer_tables import layer_table


def stage_features(tx: Connection, definition: LayerDefinition, incoming: FeatureTable) -> Table:
    """Copy features into a temporary table with the layer's columns; the caller drops it."""
    table = layer_table(definition)
    names = [field.name for field in definition.fields]
    stage = Table(
        f"stage_{definition.id}",
        MetaData(),
        *(Column(name, table.c[name].type, primary_key=name == definition.key) for name in names),
        Column("geom", table.c.geom.type),
        Column("content_hash", Text),
        prefixes=["TEMPORARY"],
    )
    stage.create(tx)
    shapes = shapely.to_wkb(
        shapely.set_srid(incoming.geometry, STORAGE_SRID), hex=True, include_srid=True
    )
    values = [incoming.columns[name] for name in names]
    columns = ", ".join(f'"{name}"' for name in (*names, "geom", "content_hash"))
    cursor = tx.connection.cursor()
    with cursor.copy(f'COPY "{stage.name}" ({columns}) FROM STDIN') as copy:
        for row in zip(*values, shapes, content_hashes(incoming), strict=True):
            copy.write_row(row)
    return stage
