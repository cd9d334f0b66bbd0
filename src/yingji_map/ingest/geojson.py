"""GeoJSON text → rows, each value with the type it was written in.

GDAL guesses one type a column (a code that looks like a date becomes one), closes open rings and
reads NaN; here the text is the truth and every fault has the number of its feature.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely
from shapely.geometry import shape

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.quality import Finding, Note, Repair
from yingji_map.ingest.source import ReadOptions, SourceTable, closed_ring, objects
from yingji_map.ingest.text_encoding import decode_text

_DEFAULT_CRS = "EPSG:4490"
_RECORD_SEPARATOR = "\x1e"
# What shapely raises for coordinates that are none, by what is wrong with them.
_UNSHAPELY = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError,
)  # fmt: skip


def read_geojson(path: Path, options: ReadOptions) -> SourceTable:
    """Read a FeatureCollection or a single Feature.

    Raises
    ------
    UnreadableFile
        It is no JSON, or JSON of something else.
    """
    text, encoding, note = decode_text(path.read_bytes(), path.name, options.encoding)
    document = _parse(text, path.name)
    return _table(path, options, document, encoding=encoding, note=note)


def read_geojson_lines(path: Path, options: ReadOptions) -> SourceTable:
    """Read a GeoJSON text sequence: one Feature a line, or each after a record separator.

    References
    ----------
    RFC 8142, GeoJSON Text Sequences.

    Raises
    ------
    UnreadableFile
        A record is no JSON, or JSON of something else.
    """
    text, encoding, note = decode_text(path.read_bytes(), path.name, options.encoding)
    records = text.split(_RECORD_SEPARATOR) if _RECORD_SEPARATOR in text else text.splitlines()
    features = [_parse(record, path.name) for record in records if record.strip()]
    document = {"type": "FeatureCollection", "features": features}
    return _table(path, options, document, encoding=encoding, note=note)


def _table(
    path: Path,
    options: ReadOptions,
    document: Any,  # noqa: ANN401 - JSON may be anything
    *,
    encoding: str,
    note: Note | None,
) -> SourceTable:
    features = _features(document, path.name)
    crs, crs_note = _stated_crs(document)
    repairs: list[Repair] = _close_rings(features) if options.is_repairing else []
    geometry, faults = geometries_of(features)
    return SourceTable(
        file=path.name,
        encoding=encoding,
        crs=options.crs or crs,
        columns=_columns(features),
        geometry=objects(geometry),
        rows=np.arange(1, len(features) + 1, dtype=np.int64),
        notes=tuple(n for n in (note, None if options.crs else crs_note) if n is not None),
        faults=tuple(faults),
        repairs=tuple(repairs),
    )


def _parse(text: str, file: str) -> Any:  # noqa: ANN401 - JSON may be anything
    def refuse(constant: str) -> NoReturn:
        raise UnreadableFile(
            file=file,
            reason_zh=f"含有 JSON 不允许的 {constant}",
            reason_en=f"contains {constant}, which JSON does not allow",
        )

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        where = (error.lineno, error.colno)
        raise UnreadableFile(
            file=file,
            reason_zh=f"JSON 不完整或写法有误（第 {where[0]} 行第 {where[1]} 列）",
            reason_en=f"broken or incomplete JSON (line {where[0]}, column {where[1]})",
        ) from error
    except (RecursionError, ValueError) as error:
        raise UnreadableFile(
            file=file,
            reason_zh="JSON 嵌套过深或数字过长",
            reason_en="JSON nested too deep or a number too long",
        ) from error


def _features(document: Any, file: str) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON may be anything
    kind = document.get("type") if isinstance(document, dict) else None
    features = [document] if kind == "Feature" else None
    if kind == "FeatureCollection":
        features = document.get("features")
    if isinstance(features, list):
        for row, feature in enumerate(features, start=1):
            if not _is_feature(feature):
                raise UnreadableFile(
                    file=file,
                    reason_zh=f"第 {row} 个不是 GeoJSON 的 Feature",
                    reason_en=f"number {row} is not a GeoJSON Feature",
                )
        return features
    raise UnreadableFile(
        file=file,
        reason_zh="不是 GeoJSON 的 FeatureCollection",
        reason_en="not a GeoJSON FeatureCollection",
    )


def _is_feature(feature: Any) -> bool:  # noqa: ANN401 - JSON may be anything
    return (
        isinstance(feature, dict)
        and feature.get("type") == "Feature"
        and isinstance(feature.get("properties"), dict | None)
        and isinstance(feature.get("geometry"), dict | None)
    )


def _stated_crs(document: dict[str, Any]) -> tuple[str, Note | None]:
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and name:
        return name, None
    return _DEFAULT_CRS, Note(
        zh="文件没有写坐标系，按 GeoJSON 规定作经纬度读取（CGCS2000 与 WGS 84 相差厘米级）",
        en="no coordinate system stated; read as degrees, as GeoJSON defines (CGCS2000 and WGS 84 agree to centimetres)",
    )


def _columns(features: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [feature.get("properties") or {} for feature in features]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: objects([_plain(row.get(name)) for row in rows]) for name in names}


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON may be anything
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def geometries_of(features: list[dict[str, Any]]) -> tuple[list[object], list[Finding]]:
    """Return the geometry of each feature (None where there is none), and what is wrong with them."""
    geometries: list[object] = []
    faults: list[Finding] = []
    for row, feature in enumerate(features, start=1):
        body = feature.get("geometry")
        geometry = None
        if body is not None:
            try:
                _refuse_open_rings(body)
                geometry = shape(body)
            except _UNSHAPELY as error:
                faults.append(_broken(row, error))
            except shapely.errors.ShapelyError as error:
                faults.append(_broken(row, error))
        geometries.append(geometry)
    return geometries, faults


def _broken(row: int, error: Exception) -> Finding:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Finding(
        rule="geometry",
        row=row,
        reason_zh=f"图形写法有误（{reason}）",
        reason_en=f"broken geometry ({reason})",
    )


def _refuse_open_rings(body: dict[str, Any]) -> None:
    if any(ring and ring[0] != ring[-1] for ring in _rings(body)):
        message = "ring not closed"
        raise ValueError(message)


def _rings(body: dict[str, Any]) -> Iterator[Any]:
    polygons = {"Polygon": [body.get("coordinates")], "MultiPolygon": body.get("coordinates")}
    for polygon in polygons.get(body.get("type", "")) or []:
        yield from polygon or []


def _close_rings(features: list[dict[str, Any]]) -> list[Repair]:
    repairs: list[Repair] = []
    for row, feature in enumerate(features, start=1):
        try:
            rings = list(_rings(feature.get("geometry") or {}))
        except TypeError:
            continue  # no rings but something else, which is refused by name afterwards
        is_open = [r for r in rings if isinstance(r, list) and r and r[0] != r[-1]]
        for ring in is_open:
            ring.append(ring[0])
        if is_open:
            repairs.append(closed_ring(row))
    return repairs
