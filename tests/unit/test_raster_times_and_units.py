"""Times and units of grids, as files spell them."""

from datetime import UTC, datetime

import pytest

from yingji_map.domain.raster_unit import find_unit_change
from yingji_map.ingest.raster_time import BEIJING, cf_time, parse_zone, time_in_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RW_20221018-0050", datetime(2022, 10, 18, 0, 50, tzinfo=BEIJING)),
        ("rain_20260701", datetime(2026, 7, 1, tzinfo=BEIJING)),
        ("CMPA_2026070108", datetime(2026, 7, 1, 8, tzinfo=BEIJING)),
        ("p_20260701T083000", datetime(2026, 7, 1, 8, 30, tzinfo=BEIJING)),
        ("2026-07-01_08-00", datetime(2026, 7, 1, 8, tzinfo=BEIJING)),
        ("雨量2026年07月01日08时", datetime(2026, 7, 1, 8, tzinfo=BEIJING)),
        ("p_2026070108Z", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("p_20260701T0800+0800", datetime(2026, 7, 1, 8, tzinfo=BEIJING)),
        ("Z_SURF_20260630120000_P_20260701080000", datetime(2026, 7, 1, 8, tzinfo=BEIJING)),
        ("dem_90m", None),
        ("code_510821202607019", None),
        ("20261301", None),
        ("20260231", None),
    ],
)
def test_times_in_names(name: str, expected: datetime | None) -> None:
    assert time_in_name(name, BEIJING) == expected


def test_a_time_in_a_name_needs_a_zone() -> None:
    assert time_in_name("rain_20260701", None) is None
    assert time_in_name("rain_20260701Z", None) == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "units", "expected"),
    [
        (6, "hours since 2026-07-01", datetime(2026, 7, 1, 6, tzinfo=UTC)),
        (0.25, "days since 2026-07-01 00:00:00", datetime(2026, 7, 1, 6, tzinfo=UTC)),
        (90, "minutes since 2026-7-1 0:0:0.0", datetime(2026, 7, 1, 1, 30, tzinfo=UTC)),
        (1, "hours since 2026-07-01T08:00:00Z", datetime(2026, 7, 1, 9, tzinfo=UTC)),
        (1, "hours since 2026-07-01 08:00 +8", datetime(2026, 7, 1, 1, tzinfo=UTC)),
        (1100000, "hours since 1900-01-01 00:00:0.0", datetime(2025, 6, 27, 8, tzinfo=UTC)),
        (1, "months since 2026-07-01", None),
        (1, "day as %Y%m%d.%f", None),
        (1, "", None),
        (1e12, "days since 2026-07-01", None),
    ],
)
def test_times_of_cf(value: float, units: str, expected: datetime | None) -> None:
    assert cf_time(value, units, None, None) == expected


def test_zones_are_read_or_refused() -> None:
    assert parse_zone("+08:00") == parse_zone("Asia/Shanghai") == BEIJING
    assert parse_zone("utc") == UTC
    assert parse_zone("+99") is None
    assert parse_zone("local") is None


@pytest.mark.parametrize(
    ("stated", "wanted", "value", "expected"),
    [
        ("mm", "mm", 7.5, 7.5),
        ("kg m-2", "mm", 7.5, 7.5),
        ("m", "mm", 0.0075, 7.5),
        ("0.1 mm", "mm", 75, 7.5),
        ("0.1mm", "mm", 75, 7.5),
        ("cm", "m", 150, 1.5),
        ("K", "°C", 273.15, 0),
        ("degC", "°C", 12, 12),
        ("0.1 K", "°C", 2731.5, 0),
        ("%", "1", 45, 0.45),
        ("hours", "d", 36, 1.5),
    ],
)
def test_units_become_those_of_the_layer(
    stated: str, wanted: str, value: float, expected: float
) -> None:
    change = find_unit_change(stated, wanted)

    assert change
    assert value * change.factor + change.offset == pytest.approx(expected)


@pytest.mark.parametrize(
    ("stated", "wanted"), [("dBZ", "mm"), ("K", "mm"), ("mm", "°C"), ("5", "m")]
)
def test_units_that_nobody_can_convert(stated: str, wanted: str) -> None:
    assert find_unit_change(stated, wanted) is None
