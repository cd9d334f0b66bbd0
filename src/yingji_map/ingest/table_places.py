"""Where the rows of a table lie: columns of degrees, of metres, or of WKT."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.quality import Finding, Note, Repair
from yingji_map.ingest.angles import has_minutes, parse_degrees
from yingji_map.ingest.source import ReadOptions, SourceTable, closed_ring, objects

_LON_NAMES = (
    "lon",
    "lng",
    "long",
    "longitude",
    "经度",
    "經度",
    "経度",
    "东经",
    "经度坐标",
    "jd",
    "x",
)
_LAT_NAMES = ("lat", "latitude", "纬度", "緯度", "北纬", "纬度坐标", "wd", "y")
_PLANE_NAMES = (
    ("x坐标", "y坐标"),
    ("x_coord", "y_coord"),
    ("横坐标", "纵坐标"),
    ("东坐标", "北坐标"),
    ("easting", "northing"),
    ("point_x", "point_y"),
)
_WKT_NAMES = ("wkt", "geometry", "geom", "the_geom", "几何", "图形")
_DEFAULT_CRS = "EPSG:4490"
_MAX_DEGREES = 360
# Northings of China in metres; eastings (500 km false, a zone number of two digits in front or
# not) never come near. Source: GB/T 22021-2008 for the zones, 18°N to 53.6°N for the span.
_NORTHINGS_M = (1_500_000, 6_100_000)
_EASTINGS_M = ((100_000, 900_000), (13_000_000, 46_000_000))
_FAR_NORTH, _CHINA_LATITUDES = 60, (3, 54)

Row = tuple[int, list[Any]]  # number of the row, its cells


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns say the place; with `wkt_at` the other two are unused."""

    east_at: int = -1
    north_at: int = -1
    wkt_at: int = -1

    @property
    def all(self) -> set[int]:
        return {self.east_at, self.north_at, self.wkt_at}


@dataclass(frozen=True, slots=True)
class _Places:
    """Geometry of every row, and what was noticed on the way."""

    geometry: npt.NDArray[np.object_]
    is_degrees: bool
    notes: tuple[Note, ...]
    faults: tuple[Finding, ...]
    repairs: tuple[Repair, ...] = ()


def says_places(heading: Sequence[str]) -> bool:
    """Return whether a heading has columns that say where its rows lie."""
    return _columns(heading) is not None


def refuse_without_places(heading: Sequence[str], file: str) -> None:
    """Refuse a heading that does not say where its rows lie.

    Raises
    ------
    UnreadableFile
        Names the columns that would.
    """
    if not says_places(heading):
        raise UnreadableFile(
            file=file,
            reason_zh="表里没有经度、纬度两列（如 lon、lat 或 经度、纬度），也没有 WKT 列",
            reason_en="no columns for longitude and latitude (such as lon, lat), and none of WKT",
        )


def placed_table(  # noqa: PLR0913 - the parts of one value, keyword-only but three
    file: str,
    rows: tuple[list[str], list[Row]],
    options: ReadOptions,
    *,
    encoding: str,
    notes: tuple[Note, ...],
    faults: Sequence[Finding],
) -> SourceTable:
    """Return rows of cells as a table whose places come from its own columns.

    Metres without a stated system leave `crs` empty: which one it is, nobody may guess.
    """
    heading, body = rows
    at = _columns(heading)
    assert at is not None  # noqa: S101 - refused before
    places = (
        _from_wkt(body, at.wkt_at, options) if at.wkt_at >= 0 else _from_columns(heading, body, at)
    )
    columns = {
        name: objects([_value(cells[place]) for _, cells in body])
        for place, name in enumerate(heading)
        if place not in at.all and name
    }
    crs = options.crs or (_DEFAULT_CRS if places.is_degrees else "")
    read_as = () if options.crs or not places.is_degrees else (_degrees_note(heading, at),)
    return SourceTable(
        file=file,
        encoding=encoding,
        crs=crs,
        columns=columns,
        geometry=places.geometry,
        rows=np.array([number for number, _ in body], dtype=np.int64),
        notes=(*notes, *read_as, *places.notes),
        faults=(*faults, *places.faults),
        repairs=places.repairs,
    )


def _value(cell: Any) -> Any:  # noqa: ANN401 - text, or what a spreadsheet holds
    return None if isinstance(cell, str) and not cell else cell


def _columns(heading: Sequence[str]) -> _Columns | None:
    names = [re.sub(r"[(（\[].*", "", name).strip().casefold() for name in heading]

    def first(wanted: Sequence[str]) -> int:
        return next((names.index(name) for name in wanted if name in names), -1)

    wkt_at = first(_WKT_NAMES)
    if wkt_at >= 0:
        return _Columns(wkt_at=wkt_at)
    for east, north in ((_LON_NAMES, _LAT_NAMES), *(((e,), (n,)) for e, n in _PLANE_NAMES)):
        pair = first(east), first(north)
        if min(pair) >= 0:
            return _Columns(*pair)
    return None


def _from_wkt(body: list[Row], at: int, options: ReadOptions) -> _Places:
    shapes: list[object] = []
    faults: list[Finding] = []
    repairs: list[Repair] = []
    for number, cells in body:
        text = str(cells[at] or "").strip()
        try:
            with np.errstate(invalid="ignore"):  # NaN in a text is refused by row afterwards
                shapes.append(shapely.from_wkt(text) if text else None)
        except (shapely.errors.ShapelyError, NotImplementedError) as error:  # curves are the latter
            closed = _closed(text) if options.is_repairing else None
            shapes.append(closed)
            if closed is None:
                faults.append(_broken_wkt(number, text, error))
            else:
                repairs.append(closed_ring(number))
    geometry = objects(shapes)
    extent = np.abs(shapely.total_bounds(geometry)) if len(geometry) else np.zeros(4)
    is_degrees = not bool((extent > _MAX_DEGREES).any())
    return _Places(geometry, is_degrees, (), tuple(faults), tuple(repairs))


def _closed(text: str) -> object:
    try:
        return shapely.from_wkt(text, on_invalid="fix")
    except NotImplementedError:
        return None


def _broken_wkt(number: int, text: str, error: Exception) -> Finding:
    reason = str(error).splitlines()[0]
    return Finding(
        rule="geometry",
        row=number,
        value=text[:60],
        reason_zh=f"WKT 写法有误（{reason}）",
        reason_en=f"broken WKT ({reason})",
    )


def _from_columns(heading: list[str], body: list[Row], at: _Columns) -> _Places:
    pairs = np.full((len(body), 2), np.nan)
    faults: list[Finding] = []
    for row, (number, cells) in enumerate(body):
        east, north = _degrees(cells[at.east_at]), _degrees(cells[at.north_at])
        if east is None or north is None:
            faults.append(_unreadable(number, cells[at.east_at], cells[at.north_at]))
        else:
            pairs[row] = east, north
    known = ~np.isnan(pairs[:, 0])
    # The middle value: single rows may be wrong by any factor, they are judged one by one later.
    middle = np.median(pairs[known], axis=0) if known.any() else np.zeros(2)
    is_degrees = bool((np.abs(middle) <= _MAX_DEGREES).all())
    notes = _angle_notes(body, at)
    if not is_degrees and _is_northing(middle[0]) and _is_easting(middle[1]):
        pairs = pairs[:, ::-1]
        notes.append(_turned_note(heading, at))
    if is_degrees and _looks_swapped(middle):
        faults += [_swapped(body[row][0], pairs[row]) for row in np.flatnonzero(known)]
    points = objects([None] * len(body))
    points[known] = shapely.points(pairs[known])
    return _Places(points, is_degrees, tuple(notes), tuple(faults))


def _degrees(cell: Any) -> float | None:  # noqa: ANN401 - text, or what a spreadsheet holds
    if isinstance(cell, str):
        return parse_degrees(cell)
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return float(cell) if is_number and np.isfinite(cell) else None


def _is_northing(value: float) -> bool:
    return _NORTHINGS_M[0] <= value <= _NORTHINGS_M[1]


def _is_easting(value: float) -> bool:
    return any(low <= value <= high for low, high in _EASTINGS_M)


def _looks_swapped(middle: npt.NDArray[np.float64]) -> bool:
    # Above 90 each row is refused by itself; Xinjiang and Tibet lie west of 90°E, and nothing of
    # ours lies at 80°N.
    east, north = middle
    south_most, north_most = _CHINA_LATITUDES
    return bool(south_most <= east <= north_most and north > _FAR_NORTH)


def _swapped(number: int, pair: npt.NDArray[np.float64]) -> Finding:
    return Finding(
        rule="coordinates",
        row=number,
        value=f"{pair[0]:g} / {pair[1]:g}",
        reason_zh=f"经度 {pair[0]:g}、纬度 {pair[1]:g}，经纬度像是写反了",
        reason_en=f"longitude {pair[0]:g} and latitude {pair[1]:g} look swapped",
    )


def _unreadable(number: int, east: object, north: object) -> Finding:
    return Finding(
        rule="coordinates",
        row=number,
        value=f"{east or ''} / {north or ''}",
        reason_zh="经纬度缺失或不是数",
        reason_en="longitude or latitude missing or no number",
    )


def _angle_notes(body: list[Row], at: _Columns) -> list[Note]:
    count = sum(
        any(isinstance(c, str) and has_minutes(c) for c in (cells[at.east_at], cells[at.north_at]))
        for _, cells in body
    )
    if not count:
        return []
    return [
        Note(
            zh=f"{count} 行的经纬度写成度分秒，已换算成度",
            en=f"{count} rows have degrees, minutes and seconds; turned into degrees",
        )
    ]


def _turned_note(heading: list[str], at: _Columns) -> Note:
    east, north = heading[at.east_at], heading[at.north_at]
    return Note(
        zh=f"“{east}”列是北坐标、“{north}”列是东坐标（测绘写法 X 向北），已按此读取",
        en=f"“{east}” holds northings and “{north}” eastings (surveyors' X is north); read so",
    )


def _degrees_note(heading: list[str], at: _Columns) -> Note:
    if at.wkt_at >= 0:
        name = heading[at.wkt_at]
        return Note(
            zh=f"图形取自“{name}”列（WKT），按 CGCS2000 经纬度读取",
            en=f"geometry from column “{name}” (WKT), read as CGCS2000 degrees",
        )
    east, north = heading[at.east_at], heading[at.north_at]
    return Note(
        zh=f"经纬度取自“{east}”“{north}”列，按 CGCS2000 读取",
        en=f"coordinates from columns “{east}”, “{north}”, read as CGCS2000",
    )
