"""The metric zone of a place."""

import pytest
from pyproj import CRS

from yingji_map.domain.crs import metric_srid, transformer


@pytest.mark.parametrize(
    ("lon", "meridian"),
    [(106.4, "105E"), (106.6, "108E"), (75, "75E"), (134.9, "135E"), (60, "75E")],
)
def test_the_zone_is_the_one_whose_meridian_is_nearest(lon: float, meridian: str) -> None:
    assert CRS.from_epsg(metric_srid(lon)).name.endswith(f"CM {meridian}")


def test_metres_come_out_east_first() -> None:
    east, north = transformer(4490, metric_srid(106.29)).transform(106.29, 32.23)

    assert 600_000 < east < 640_000
    assert 3_560_000 < north < 3_570_000
