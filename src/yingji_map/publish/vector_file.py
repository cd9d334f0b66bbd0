"""Features of a layer as a file: which format is written by whom."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import STORAGE_SRID, transformer
from yingji_map.domain.download import FileForm, FileFormat
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, LayerDefinition
from yingji_map.publish.gdal_file import write_flatgeobuf, write_geopackage
from yingji_map.publish.geoparquet_file import write_geoparquet
from yingji_map.publish.kml_file import write_kml
from yingji_map.publish.shapefile_zip import write_shapefile_zip
from yingji_map.publish.table_file import write_csv
from yingji_map.publish.workbook_file import write_workbook

_BY_SUFFIX = {form.suffix: form for form in FileFormat}
FILE_SUFFIXES = " ".join(_BY_SUFFIX)


def format_of(path: Path) -> FileFormat:
    """Return the format that a file's ending picks; `.zip` is a Shapefile.

    Raises
    ------
    InvalidParameter
        The ending is another one.
    """
    found = _BY_SUFFIX.get(path.suffix.lower())
    if found is None:
        raise InvalidParameter(
            parameter="file",
            value=path.name,
            reason_zh=f"只写 {FILE_SUFFIXES}",
            reason_en=f"files are written as {FILE_SUFFIXES}",
        )
    return found


def write_vector_file(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[str, ...],
    form: FileForm | None = None,
) -> None:
    """Write features with the chosen fields; the file appears whole or not at all.

    Parameters
    ----------
    path
        An existing file is replaced.
    form
        None is what the ending picks, in CGCS2000 degrees and UTF-8.

    Raises
    ------
    InvalidParameter
        The ending is unknown, or the format cannot hold what is in the table.
    """
    chosen = tuple(field for field in definition.fields if field.name in fields)
    meant = FileForm(format=format_of(path)) if form is None else form
    placed = replace(table, geometry=_in_system(table, meant.srid))
    with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        _WRITERS[meant.format](draft, definition, placed, chosen, meant)
        draft.replace(path)


def _in_system(table: FeatureTable, srid: int) -> npt.NDArray[np.object_]:
    if srid == STORAGE_SRID:
        return table.geometry
    way = transformer(STORAGE_SRID, srid)

    def moved(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(way.transform(places[:, 0], places[:, 1]))

    return shapely.transform(table.geometry, moved)


def _write_geojson(
    path: Path,
    _definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    _form: FileForm,
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


_Writer = Callable[
    [Path, LayerDefinition, FeatureTable, tuple[FieldDefinition, ...], FileForm], None
]
_WRITERS: dict[FileFormat, _Writer] = {
    FileFormat.GEOJSON: _write_geojson,
    FileFormat.GPKG: write_geopackage,
    FileFormat.FGB: write_flatgeobuf,
    FileFormat.SHP: write_shapefile_zip,
    FileFormat.PARQUET: write_geoparquet,
    FileFormat.KML: write_kml,
    FileFormat.CSV: write_csv,
    FileFormat.XLSX: write_workbook,
}
