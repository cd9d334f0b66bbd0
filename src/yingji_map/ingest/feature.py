"""One feature as a client sends it → a row that its layer judges like any row of a file."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.crs import STORAGE_SRID, ServedCrs
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import Finding
from yingji_map.ingest.geojson import geometries_of
from yingji_map.ingest.source import SourceTable, objects

_BODY = "body"
SENT_AS = "OGC API - Features"


def read_document(body: bytes, *, is_patch: bool = False) -> dict[str, Any]:
    """Return the GeoJSON Feature of a request, or (patch) the parts of one.

    Raises
    ------
    InvalidParameter
        It is no JSON, or JSON of something else.
    """
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise _refused(zh="不是合法的 UTF-8 JSON", en="is no valid UTF-8 JSON") from error
    kind = document.get("type") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not (kind == "Feature" or (is_patch and kind is None)):
        raise _refused(zh="应是 GeoJSON 的 Feature", en="must be a GeoJSON Feature")
    for name in ("properties", "geometry"):
        if not isinstance(document.get(name), dict | None):
            raise _refused(zh=f"{name} 应是对象", en=f"{name} must be an object")
    return document


def check_names(document: Mapping[str, Any], definition: LayerDefinition) -> None:
    """Refuse properties that the layer does not have; a misspelt one would vanish in silence.

    Raises
    ------
    InvalidParameter
        Names the first of them.
    """
    known = [field.name for field in definition.fields]
    for name in document.get("properties") or {}:
        if name not in known:
            public = "、".join(field.name for field in definition.public_fields)
            raise InvalidParameter(
                parameter="properties",
                value=name[:80],
                reason_zh=f"没有这个字段；可用：{public}",
                reason_en=f"no such property; known: {public}",
            )


def sent_row(
    values: Mapping[str, object], document: Mapping[str, Any], crs: ServedCrs
) -> SourceTable:
    """Return a row with the geometry of a document.

    Parameters
    ----------
    values
        A value for every field of the layer.
    crs
        System of the coordinates, in the axis order of its definition.
    """
    geometry, faults = geometries_of([dict(document)])
    shapes = objects(geometry)
    if crs.is_north_first:
        shapes = objects(list(shapely.transform(shapes, lambda pairs: pairs[:, ::-1])))
    return _row(values, shapes, f"EPSG:{crs.srid}", tuple(faults))


def stored_row(values: Mapping[str, object], shape: BaseGeometry) -> SourceTable:
    """Return a row with a geometry as it is stored."""
    return _row(values, objects([shape]), f"EPSG:{STORAGE_SRID}")


def _row(
    values: Mapping[str, object],
    shapes: npt.NDArray[np.object_],
    crs: str,
    faults: tuple[Finding, ...] = (),
) -> SourceTable:
    return SourceTable(
        file=SENT_AS,
        encoding="utf-8",
        crs=crs,
        columns={name: objects([_plain(value)]) for name, value in values.items()},
        geometry=shapes,
        rows=np.array([1], dtype=np.int64),
        faults=faults,
    )


def _plain(value: object) -> object:
    """Return a JSON value as a file's cell: what is nested becomes text, as in an import."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def _refused(*, zh: str, en: str) -> InvalidParameter:
    return InvalidParameter(parameter=_BODY, value="…", reason_zh=zh, reason_en=en)
