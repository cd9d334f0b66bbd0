"""Zones at the size of a county are answered through the spatial index."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text
from tests.support.builders import a_definition, a_well_table

from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.zone import Zone
from yingji_map.services.find_within import widened
from yingji_map.store.features import write_features
from yingji_map.store.layers import apply_layer
from yingji_map.store.zones import find_inside

pytestmark = pytest.mark.db

FIELDS = [
    {"name": "code", "type": "text", "title": {"zh": "编号", "en": "Code"}},
    {"name": "name", "type": "text", "title": {"zh": "名称", "en": "Name"}},
    {
        "name": "depth_m",
        "type": "number",
        "title": {"zh": "井深", "en": "Depth"},
        "additive": True,
    },
]
WELL = a_definition(fields=FIELDS)
RING = shapely.Point(106.3, 32.3).buffer(0.05, quad_segs=2_400)  # 9,600 corners


@pytest.fixture
def wells(tx: Connection) -> LayerDefinition:
    """Write 5,000 wells over half a degree."""
    rng = np.random.default_rng(1)
    table = a_well_table({f"w{number:04d}": 1.0 for number in range(5_000)})
    places = shapely.points(rng.uniform((106, 32), (106.5, 32.5), (5_000, 2)))
    apply_layer(tx, WELL)
    write_features(tx, WELL, replace(table, geometry=places))
    tx.execute(text("ANALYZE layer.well"))
    return WELL


@pytest.mark.parametrize(
    "zone",
    [
        Zone(shape=RING, outline=RING),
        widened(shapely.Point(106.3, 32.3), 5_000),
        widened(RING, 300),
    ],
    ids=["zone of 9,600 corners", "radius", "buffer of 9,600 corners"],
)
def test_a_zone_is_answered_through_the_index(
    tx: Connection, wells: LayerDefinition, zone: Zone
) -> None:
    before = _index_scans(tx)

    found = find_inside(tx, wells, zone, 100)

    assert _index_scans(tx) > before
    assert 100 < found.count < 500
    assert found.sums == {"depth_m": float(found.count)}
    assert len(found.places) == 100


def _index_scans(tx: Connection) -> int:
    statement = text("SELECT pg_stat_get_xact_numscans('layer.ix_well_geom_known'::regclass)")
    return int(tx.scalar(statement) or 0)
