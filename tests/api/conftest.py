"""The whole service over HTTP, on a real database with a small county in it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from starlette.testclient import TestClient

from yingji_map.bootstrap import Application, build
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition
from yingji_map.http.app import create_app
from yingji_map.store.features import WriteOptions, write_features
from yingji_map.web.pages import router as pages

ROOT = Path(__file__).parents[2]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TOWN = shapely.MultiPolygon([shapely.box(106.2, 32.2, 106.4, 32.3)])


@pytest.fixture(scope="module")
def application(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """Build the application with 25 shelters, 40 settlements, two townships and a road."""
    data_dir = tmp_path_factory.mktemp("data")
    application = build(url=database_url, layers_dir=ROOT / "layers", data_dir=data_dir)
    application.apply_layers.run()
    for layer_id, rows in a_small_county().items():
        put(application, layer_id, rows, valid_from=LONG_AGO)
    yield application
    application.close()


@pytest.fixture(scope="module")
def client(application: Application) -> Iterator[TestClient]:
    """Speak to the service as a client on this machine."""
    with TestClient(create_app(application, pages=[pages])) as client:
        yield client


Row = tuple[BaseGeometry, Mapping[str, object]]


def put(
    application: Application,
    layer_id: str,
    rows: Mapping[str, Row],
    *,
    valid_from: datetime | None = None,
    is_replacing: bool = False,
) -> None:
    """Write features by key; fields that a row leaves out are empty."""
    definition = application.catalogue[layer_id]
    options = WriteOptions(valid_from=valid_from, is_replacing=is_replacing)
    with application.store.transaction() as tx:
        write_features(tx, definition, a_table(definition, rows), options)


def a_table(definition: LayerDefinition, rows: Mapping[str, Row]) -> FeatureTable:
    """Return rows as a table of the layer."""
    keys = sorted(rows)
    geometry = np.empty(len(keys), dtype=object)
    geometry[:] = [rows[key][0] for key in keys]
    columns = {}
    for field in definition.fields:
        values = np.empty(len(keys), dtype=object)
        values[:] = [
            key if field.name == definition.key else rows[key][1].get(field.name) for key in keys
        ]
        columns[field.name] = values
    return FeatureTable(
        layer_id=definition.id,
        keys=tuple(keys),
        row_ids=np.zeros(len(keys), dtype=np.int64),
        geometry=geometry,
        columns=columns,
    )


def a_small_county() -> dict[str, dict[str, Row]]:
    rng = np.random.default_rng(510821)
    return {
        "shelter": {
            f"BH{number:03d}": (
                shapely.Point(106.20 + 0.01 * number, 32.20 + 0.004 * number),
                {
                    "name": f"避难场所{number}",
                    "shelter_class": "紧急" if number % 2 else "长期",
                    "capacity_persons": 100 + number,
                    "is_standardised": number % 3 == 0,
                    "area_m2": None if number == 3 else 50.5 * number,
                    "contact_phone": "秘密13900000000",
                },
            )
            for number in range(25)
        },
        "settlement": {
            f"510821{number:03d}": (
                shapely.Point(*rng.uniform((106.0, 32.0), (106.6, 32.5)).round(6)),
                {
                    "name": f"第{number}村",
                    "population_persons": int(rng.integers(50, 3000)),
                    "households": None if number == 5 else int(rng.integers(20, 900)),
                    "township_code": "510821100",
                },
            )
            for number in range(40)
        },
        "township": {
            "510821100": (
                TOWN,
                {"name": "东河镇", "county_code": "510821", "population_persons": 9000},
            ),
            "510821101": (
                shapely.MultiPolygon([shapely.box(106.4, 32.2, 106.5, 32.3)]),
                {"name": "嘉川镇", "county_code": "510821", "population_persons": 7000},
            ),
        },
        "road": {
            "G5": (
                shapely.MultiLineString([[(106.1, 32.25), (106.5, 32.26)]]),
                {"name": "京昆高速", "road_class": "国道", "speed_km_h": 100.0},
            )
        },
    }
