"""CSV tables with longitude and latitude columns → point rows."""

import csv
import io
import re
import unicodedata
from pathlib import Path

import numpy as np
import shapely

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.quality import Finding, Note
from yingji_map.ingest.numbers import parse_number
from yingji_map.ingest.source import ReadOptions, SourceTable, objects, refuse_repeated_columns
from yingji_map.ingest.text_encoding import decode_text

_LON_NAMES = ("lon", "lng", "long", "longitude", "经度", "东经", "经度坐标", "jd", "x")
_LAT_NAMES = ("lat", "latitude", "纬度", "北纬", "纬度坐标", "wd", "y")
_DELIMITERS = (",", "\t", ";")
_DMS = re.compile(
    r"(?P<deg>\d{1,3})\s*[°º度]\s*(?:(?P<min>\d{1,2})\s*['′’分]\s*)?(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|秒)\s*)?"
)
_DECORATION = re.compile(r"^(东经|北纬|[EN])?\s*(.*?)\s*(°|度)?\s*([EN])?$", re.IGNORECASE)
_DEFAULT_CRS = "EPSG:4490"
_SIXTY = 60.0

Row = tuple[int, list[str]]


def read_table(path: Path, options: ReadOptions) -> SourceTable:
    """Read a CSV file; rows are numbered from the first one below the heading.

    Raises
    ------
    UnreadableFile
        It is empty, no text, or lacks columns for longitude and latitude.
    """
    text, encoding, note = decode_text(path.read_bytes(), path.name, options.encoding)
    heading, body, faults = _rows(text, path.name)
    lon_at, lat_at = _coordinate_columns(heading, path.name)
    points, point_faults = _points(body, lon_at, lat_at)
    columns = {
        name: objects([cells[at] or None for _, cells in body])
        for at, name in enumerate(heading)
        if at not in (lon_at, lat_at) and name
    }
    degrees = Note(
        zh=f"经纬度取自“{heading[lon_at]}”“{heading[lat_at]}”列，按 CGCS2000 读取",
        en=f"coordinates from columns “{heading[lon_at]}”, “{heading[lat_at]}”, read as CGCS2000",
    )
    return SourceTable(
        file=path.name,
        encoding=encoding,
        crs=options.crs or _DEFAULT_CRS,
        columns=columns,
        geometry=points,
        rows=np.array([number for number, _ in body], dtype=np.int64),
        notes=tuple(n for n in (note, None if options.crs else degrees) if n is not None),
        faults=(*faults, *point_faults),
    )


def parse_degrees(text: str) -> float | None:
    """Return degrees from `106.29`, `东经106.29`, `106°17′24″` or None when it is none of them."""
    # Matched as written: NFKC would turn the sign of seconds into two signs of minutes.
    angle = _DMS.fullmatch(re.sub(r"^(东经|北纬|[EN])|[EN]$", "", text.strip()).strip())
    if angle and (angle["min"] or angle["sec"]):
        minutes, seconds = float(angle["min"] or 0), float(angle["sec"] or 0)
        if minutes > _SIXTY or seconds > _SIXTY:
            return None
        return float(angle["deg"]) + minutes / 60 + seconds / 3600
    inner = _DECORATION.match(unicodedata.normalize("NFKC", text).strip())
    return parse_number(inner[2]) if inner else None


def _rows(text: str, file: str) -> tuple[list[str], list[Row], list[Finding]]:
    delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(
            file=file, reason_zh=f"不是完好的 CSV（{error}）", reason_en=f"broken CSV ({error})"
        ) from error
    if not records or not any(cell.strip() for cell in records[0]):
        raise UnreadableFile(file=file, reason_zh="没有表头", reason_en="it has no heading")
    heading = [name.strip() for name in records[0]]
    refuse_repeated_columns(heading, file)
    body: list[Row] = []
    faults: list[Finding] = []
    for number, record in enumerate(records[1:], start=1):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if any(cells[len(heading) :]) or len(cells) < len(heading):
            faults.append(_ragged(number, len(cells), len(heading)))
        body.append((number, (cells + [""] * len(heading))[: len(heading)]))
    return heading, body, faults


def _ragged(number: int, found: int, expected: int) -> Finding:
    return Finding(
        rule="columns",
        row=number,
        reason_zh=f"有 {found} 格，表头有 {expected} 格",
        reason_en=f"{found} cells where the heading has {expected}",
    )


def _coordinate_columns(heading: list[str], file: str) -> tuple[int, int]:
    names = [re.sub(r"[(（\[].*", "", name).strip().casefold() for name in heading]
    found = [
        next((names.index(name) for name in wanted if name in names), None)
        for wanted in (_LON_NAMES, _LAT_NAMES)
    ]
    if found[0] is None or found[1] is None:
        raise UnreadableFile(
            file=file,
            reason_zh="表里没有经度、纬度两列（如 lon、lat 或 经度、纬度）",
            reason_en="no columns for longitude and latitude (such as lon, lat)",
        )
    return found[0], found[1]


def _points(
    body: list[Row], lon_at: int, lat_at: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.object_]], list[Finding]]:
    faults: list[Finding] = []
    points: list[object] = []
    for number, cells in body:
        lon, lat = parse_degrees(cells[lon_at]), parse_degrees(cells[lat_at])
        if lon is None or lat is None:
            faults.append(
                Finding(
                    rule="coordinates",
                    row=number,
                    value=f"{cells[lon_at]} / {cells[lat_at]}",
                    reason_zh="经纬度缺失或不是数",
                    reason_en="longitude or latitude missing or no number",
                )
            )
            points.append(None)
        else:
            points.append(shapely.Point(lon, lat))
    return objects(points), faults
