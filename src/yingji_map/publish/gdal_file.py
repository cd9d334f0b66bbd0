"""GeoPackage and FlatGeobuf, written by GDAL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.raw import write as write_with_gdal

from yingji_map.domain.download import FileForm
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition

GEOMETRY_TYPES = {
    GeometryType.POINT: "Point",
    GeometryType.LINE: "MultiLineString",
    GeometryType.POLYGON: "MultiPolygon",
}
_UTC_OFFSET = 100  # GDAL's number for UTC; a quarter of an hour is one more
_DTYPES: dict[FieldType, tuple[str, object]] = {
    FieldType.INTEGER: ("int64", 0),
    FieldType.NUMBER: ("float64", 0.0),
    FieldType.BOOLEAN: ("bool", False),
    FieldType.DATE: ("datetime64[D]", "1970-01-01"),
    FieldType.TIMESTAMP: ("datetime64[ms]", "1970-01-01"),
}


def write_geopackage(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    form: FileForm,
) -> None:
    """Write a layer into a GeoPackage; a file that is there already keeps its other layers."""
    version = {"VERSION": "1.2"}  # newer ones make GDAL 3.6, which QGIS 3.22 has, warn each time
    how = {"driver": "GPKG", "dataset_options": version, "layer": definition.id}
    options = {"IDENTIFIER": definition.title.zh, "DESCRIPTION": definition.description.zh}
    _write(path, definition, table, fields, form, {**how, "layer_options": options})


def write_flatgeobuf(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    form: FileForm,
) -> None:
    """Write a FlatGeobuf with its spatial index, which an empty file cannot have."""
    index = {"SPATIAL_INDEX": "YES" if len(table) else "NO"}
    how = {"driver": "FlatGeobuf", "layer": definition.id, "layer_options": index}
    _write(path, definition, table, fields, form, how)


def column_of(
    values: npt.NDArray[Any], kind: FieldType
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    """Return a column as GDAL wants it, with a mask of what is missing."""
    if kind is FieldType.TEXT:
        return values, None
    missing = np.array([value is None for value in values], dtype=bool)
    dtype, filler = _DTYPES[kind]
    filled = [filler if value is None else _naive(value) for value in values]
    return np.array(filled, dtype=dtype), missing


def _write(  # noqa: PLR0913, PLR0917 - a writer's parameters and GDAL's own
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: Sequence[FieldDefinition],
    form: FileForm,
    how: dict[str, Any],
) -> None:
    assert definition.geometry is not None  # noqa: S101 - the definition's validator guarantees it
    columns = [column_of(table.columns[field.name], field.type) for field in fields]
    moments = {f.name for f in fields if f.type is FieldType.TIMESTAMP}
    write_with_gdal(  # type: ignore[no-untyped-call]  # pyogrio has no types
        path,
        shapely.to_wkb(table.geometry),
        [values for values, _ in columns],
        np.array([field.name for field in fields], dtype=object),
        field_mask=[mask for _, mask in columns],
        geometry_type=GEOMETRY_TYPES[definition.geometry],
        crs=f"EPSG:{form.srid}",
        gdal_tz_offsets={name: np.full(len(table), _UTC_OFFSET) for name in moments},
        **how,
    )


def _naive(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
