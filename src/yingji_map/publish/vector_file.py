"""Features of a layer as a file that any GIS opens: GeoJSON or GeoPackage."""

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.raw import write as write_with_gdal

from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition

_GEOMETRY_TYPES = {
    GeometryType.POINT: "Point",
    GeometryType.LINE: "MultiLineString",
    GeometryType.POLYGON: "MultiPolygon",
}
_UTC_OFFSET = 100  # GDAL's number for UTC; a quarter of an hour is one more


def write_vector_file(
    path: Path, definition: LayerDefinition, table: FeatureTable, fields: tuple[str, ...]
) -> None:
    """Write features with the chosen fields; the file appears whole or not at all.

    Parameters
    ----------
    path
        Ends in `.geojson` or `.gpkg`, which picks the format; an existing file is replaced.

    Raises
    ------
    InvalidParameter
        The ending is another one.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InvalidParameter(
            parameter="file",
            value=path.name,
            reason_zh=f"只写 {' '.join(_WRITERS)}",
            reason_en=f"files are written as {' '.join(_WRITERS)}",
        )
    chosen = tuple(field for field in definition.fields if field.name in fields)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        writer(draft, definition, table, chosen)
        draft.replace(path)


def _write_geojson(
    path: Path,
    _definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
) -> None:
    # Coordinates as they are stored, to the last digit: read again, they are the same content.
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type": "FeatureCollection", "features": [')
        for row, key in enumerate(table.keys):
            feature = {
                "type": "Feature",
                "id": key,
                "properties": {f.name: _plain(table.columns[f.name][row]) for f in fields},
                "geometry": shapely.geometry.mapping(table.geometry[row]),
            }
            stream.write(("," if row else "") + "\n")
            json.dump(feature, stream, ensure_ascii=False)
        stream.write("\n]}\n")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _write_geopackage(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
) -> None:
    assert definition.geometry is not None  # noqa: S101 - the definition's validator guarantees it
    columns = [_column(table.columns[field.name], field.type) for field in fields]
    moments = {f.name for f in fields if f.type is FieldType.TIMESTAMP}
    write_with_gdal(  # type: ignore[no-untyped-call]  # pyogrio has no types
        path,
        shapely.to_wkb(table.geometry),
        [values for values, _ in columns],
        np.array([field.name for field in fields], dtype=object),
        field_mask=[mask for _, mask in columns],
        layer=definition.id,
        driver="GPKG",
        geometry_type=_GEOMETRY_TYPES[definition.geometry],
        crs=f"EPSG:{STORAGE_SRID}",
        gdal_tz_offsets={name: np.full(len(table), _UTC_OFFSET) for name in moments},
    )


def _column(
    values: npt.NDArray[Any], kind: FieldType
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    """Return a column as GDAL wants it, with a mask of what is missing."""
    if kind is FieldType.TEXT:
        return values, None
    missing = np.array([value is None for value in values], dtype=bool)
    dtype, filler = _DTYPES[kind]
    filled = [filler if value is None else _naive(value) for value in values]
    return np.array(filled, dtype=dtype), missing


def _naive(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


_DTYPES: dict[FieldType, tuple[str, object]] = {
    FieldType.INTEGER: ("int64", 0),
    FieldType.NUMBER: ("float64", 0.0),
    FieldType.BOOLEAN: ("bool", False),
    FieldType.DATE: ("datetime64[D]", "1970-01-01"),
    FieldType.TIMESTAMP: ("datetime64[ms]", "1970-01-01"),
}
_WRITERS: dict[
    str,
    Callable[[Path, LayerDefinition, FeatureTable, tuple[FieldDefinition, ...]], None],
] = {".geojson": _write_geojson, ".gpkg": _write_geopackage}
