"""GeoParquet 1.1, geometry as WKB."""

import json
from pathlib import Path

import pyarrow.lib as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from yingji_map.domain.download import FileForm
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition

_GEOMETRY = "geometry"
_TYPES = {
    FieldType.TEXT: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}
_GEOMETRY_TYPES = {
    GeometryType.POINT: "Point",
    GeometryType.LINE: "MultiLineString",
    GeometryType.POLYGON: "MultiPolygon",
}


def write_geoparquet(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    form: FileForm,
) -> None:
    """Write a GeoParquet file whose columns have their types even where they are empty."""
    assert definition.geometry is not None  # noqa: S101 - the definition's validator guarantees it
    columns = {
        field.name: pa.array(list(table.columns[field.name]), _TYPES[field.type])
        for field in fields
    }
    columns[_GEOMETRY] = pa.array(list(shapely.to_wkb(table.geometry)), pa.binary())
    about: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": [_GEOMETRY_TYPES[definition.geometry]],
        "crs": CRS.from_epsg(form.srid).to_json_dict(),
    }
    if len(table):
        about["bbox"] = [float(edge) for edge in shapely.total_bounds(table.geometry)]
    geo = {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: about}}
    whole = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(whole, path, compression="zstd")  # type: ignore[no-untyped-call]  # pyarrow has no types
