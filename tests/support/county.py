"""A tiny county on the real layers: two townships side by side, villages, shelters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.store.database import Store
from yingji_map.store.features import write_features
from yingji_map.store.layers import apply_layer

CATALOGUE = read_catalogue(Path(__file__).parents[2] / "layers")
COUNTY = shapely.box(106.0, 32.0, 106.6, 32.4)
WEST, EAST = shapely.box(106.0, 32.0, 106.3, 32.4), shapely.box(106.3, 32.0, 106.6, 32.4)
NOW = datetime(2026, 7, 13, 13, 0, tzinfo=UTC)  # 21:00 in Beijing


def a_layer_table(
    layer_id: str, shapes: Sequence[BaseGeometry], rows: Sequence[Mapping[str, object]]
) -> FeatureTable:
    """Return rows of a real layer; what a row does not say is empty."""
    definition = CATALOGUE[layer_id]
    order = sorted(range(len(rows)), key=lambda i: str(rows[i]["code"]))
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = [shapes[i] for i in order]
    columns = {}
    for field in definition.fields:
        values = np.empty(len(rows), dtype=object)
        values[:] = [rows[i].get(field.name) for i in order]
        columns[field.name] = values
    return FeatureTable(
        layer_id=layer_id,
        keys=tuple(str(rows[i]["code"]) for i in order),
        row_ids=np.zeros(len(rows), dtype=np.int64),
        geometry=geometry,
        columns=columns,
    )


def settle_county(
    store: Store,
    villages: Mapping[str, tuple[float, float, int, int | None]],
    shelters: Mapping[str, tuple[float, float, int]] | None = None,
) -> dict[str, LayerDefinition]:
    """Store the county with the given villages (lon, lat, people, households) and shelters."""
    with store.transaction() as tx:
        for layer_id in ("county", "township", "settlement", "shelter"):
            apply_layer(tx, CATALOGUE[layer_id])
        for table in (
            a_layer_table(
                "county", [shapely.MultiPolygon([COUNTY])], [{"code": "510821", "name": "旺苍县"}]
            ),
            a_layer_table(
                "township",
                [shapely.MultiPolygon([WEST]), shapely.MultiPolygon([EAST])],
                [
                    {"code": "510821101", "name": "东河镇", "county_code": "510821"},
                    {"code": "510821102", "name": "嘉川镇", "county_code": "510821"},
                ],
            ),
            a_layer_table(
                "settlement",
                [shapely.Point(lon, lat) for lon, lat, _, _ in villages.values()],
                [
                    {"code": code, "name": f"{code}村", "population_persons": p, "households": h}
                    for code, (_, _, p, h) in villages.items()
                ],
            ),
            a_layer_table(
                "shelter",
                [shapely.Point(lon, lat) for lon, lat, _ in (shelters or {}).values()],
                [
                    {"code": code, "name": f"{code}学校", "capacity_persons": capacity}
                    for code, (_, _, capacity) in (shelters or {}).items()
                ],
            ),
        ):
            write_features(tx, CATALOGUE[table.layer_id], table)
    return CATALOGUE
