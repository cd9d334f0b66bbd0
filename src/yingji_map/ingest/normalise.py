"""Rows of a file → rows of a layer: our fields, our types, our coordinate system."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from pyproj.exceptions import CRSError, ProjError

from yingji_map.domain.china_datum import Datum
from yingji_map.domain.crs import storage_transformer
from yingji_map.domain.errors import CrsNotConvertible, InvalidParameter
from yingji_map.domain.layer import FieldDefinition, FieldType, GeometryType, LayerDefinition
from yingji_map.domain.quality import Finding, Note, Repair
from yingji_map.ingest.column_names import match_columns
from yingji_map.ingest.coordinate_systems import Box, bulk_bounds, misplaced, unknown_crs, unshifted
from yingji_map.ingest.source import SourceTable, objects
from yingji_map.ingest.values import Misfit, convert

_SHOWN_VALUE = 60
_MULTIPOINT = int(shapely.GeometryType.MULTIPOINT)
_MULTI: dict[GeometryType, tuple[int, Any]] = {
    GeometryType.LINE: (int(shapely.GeometryType.LINESTRING), shapely.multilinestrings),
    GeometryType.POLYGON: (int(shapely.GeometryType.POLYGON), shapely.multipolygons),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Rows that want to become features of a layer.

    Attributes
    ----------
    columns
        Values by field, each `(n,)` object; every field of the layer is there.
    geometry
        In EPSG:4490, two dimensions, lines and polygons as multi; None where there is none.
    rows
        1-based number of each row in its file.
    fields
        Field by column of the file.
    faults
        What could not be turned into our form.
    """

    source: SourceTable
    columns: Mapping[str, npt.NDArray[np.object_]]
    geometry: npt.NDArray[np.object_]
    rows: npt.NDArray[np.int64]
    fields: Mapping[str, str]
    ignored: tuple[str, ...]
    notes: tuple[Note, ...]
    faults: tuple[Finding, ...]
    repairs: tuple[Repair, ...] = ()

    def without(self, rows: frozenset[int]) -> "Candidates":
        """Return the candidates that are not among the given row numbers."""
        kept = np.array([row not in rows for row in self.rows.tolist()], dtype=bool)
        return replace(
            self,
            columns={name: values[kept] for name, values in self.columns.items()},
            geometry=self.geometry[kept],
            rows=self.rows[kept],
        )


def normalise(
    source: SourceTable,
    definition: LayerDefinition,
    *,
    datum: Datum | None = None,
    near: Box | None = None,
) -> Candidates:
    """Bring the rows of a file into the form of a layer; faults are collected, not raised.

    Parameters
    ----------
    datum
        What the operator says that the degrees are; None means true ones.
    near
        Where the data is expected (degrees); sharpens what is said about an unknown system.

    Raises
    ------
    UnknownCrs
        Neither the file nor the operator states a coordinate system; the candidates are named.
    InvalidParameter
        The stated one does not exist, or does not go with `datum`.
    CrsNotConvertible
        It cannot be turned into CGCS2000 without local parameters.
    """
    match = match_columns(source.columns, definition)
    by_field = {field: source.columns[column] for column, field in match.fields.items()}
    columns: dict[str, npt.NDArray[np.object_]] = {}
    faults: list[Finding] = [*source.faults, *match.faults]
    for field in definition.fields:
        raw = by_field.get(field.name)
        if raw is None:
            columns[field.name] = objects([None] * len(source))
            if len(source):  # an empty file is poor, not wrong
                faults += _absent(field, is_key=field.name == definition.key)
        else:
            columns[field.name], found = _converted(raw, field, source.rows)
            faults += found
    geometry = _in_storage_crs(source, near)
    faults += misplaced(source, near)
    geometry, datum_notes = unshifted(geometry, source, datum)
    return Candidates(
        source=source,
        columns=columns,
        geometry=_as_stored(geometry, definition.geometry),
        rows=source.rows,
        fields=match.fields,
        ignored=match.ignored,
        notes=(
            *source.notes,
            *_height_note(source),
            *datum_notes,
            *_time_notes(by_field, definition),
        ),
        faults=tuple(faults),
        repairs=source.repairs,
    )


def shown(value: object) -> str:
    """Return a value as a report shows it, cut where it is long."""
    text = str(value)
    return text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + "…"


def reprojected(geometry: Any, way: Transformer) -> Any:  # noqa: ANN401 - one geometry or an array
    """Return geometry taken through a transformer, east first."""
    transform: Any = shapely.transform  # its types know no functions of two arrays
    return transform(geometry, way.transform, interleaved=False)


def _absent(field: FieldDefinition, *, is_key: bool) -> list[Finding]:
    if not (field.required or is_key):
        return []
    return [
        Finding(
            rule="column",
            field=field.name,
            reason_zh=f"没有“{field.title.zh}”这一列（也认 {'、'.join(field.aliases) or field.name}）",
            reason_en=f"no column for “{field.title.en}” (also read from {', '.join(field.aliases) or field.name})",
        )
    ]


def _converted(
    raw: npt.NDArray[Any], field: FieldDefinition, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.object_], list[Finding]]:
    values: list[object] = []
    faults: list[Finding] = []
    known: dict[str, object] = {}  # the same few texts come again and again
    for at, value in enumerate(raw):
        if type(value) is str and value in known:
            values.append(known[value])
            continue
        try:
            found = convert(value, field)
        except Misfit as misfit:
            values.append(None)
            faults.append(_misfit(value, field, int(rows[at]), misfit))
            continue
        values.append(found)
        if type(value) is str:
            known[value] = found
    return objects(values), faults


def _misfit(value: object, field: FieldDefinition, row: int, misfit: Misfit) -> Finding:
    return Finding(
        rule="type",
        row=row,
        field=field.name,
        value=shown(value),
        reason_zh=f"“{shown(value)}”{misfit.zh}",
        reason_en=f"“{shown(value)}” {misfit.en}",
    )


def _in_storage_crs(source: SourceTable, near: Box | None) -> npt.NDArray[np.object_]:
    if not source.crs:
        raise unknown_crs(source.file, bulk_bounds(source.geometry), near)
    try:
        transform = storage_transformer(source.crs)
    except CRSError as error:
        raise InvalidParameter(
            parameter="crs",
            value=source.crs,
            reason_zh="不认识的坐标系",
            reason_en="unknown coordinate system",
        ) from error
    except ProjError as error:
        raise CrsNotConvertible(file=source.file, crs=source.crs) from error
    flat: npt.NDArray[np.object_] = shapely.force_2d(source.geometry)
    if transform is None:
        return flat
    there: npt.NDArray[np.object_] = reprojected(flat, transform)
    return there


def _as_stored(
    geometry: npt.NDArray[np.object_], kind: GeometryType | None
) -> npt.NDArray[np.object_]:
    """Return lines and polygons as multi, a multipoint of one point as that point."""
    stored = geometry.copy()
    kinds = shapely.get_type_id(geometry)  # -1 where there is none
    if kind is GeometryType.POINT:
        is_one = (kinds == _MULTIPOINT) & (shapely.get_num_geometries(geometry) == 1)
        stored[is_one] = shapely.get_geometry(geometry[is_one], 0)
    elif kind is not None:
        single, multi = _MULTI[kind]
        at = np.flatnonzero(kinds == single)
        stored[at] = multi(geometry[at], indices=np.arange(len(at)))
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are refused by row
        # The same area drawn in another sense is the same content.
        oriented: npt.NDArray[np.object_] = shapely.orient_polygons(stored)
    return oriented


def _height_note(source: SourceTable) -> list[Note]:
    count = int(np.count_nonzero(shapely.has_z(source.geometry)))
    if not count:
        return []
    return [
        Note(
            zh=f"{count} 行带高程（Z）；图层只存平面位置，高程没有保留，要留请做成一列",
            en=f"{count} rows have heights (Z); layers keep places only, put heights in a column",
        )
    ]


def _time_notes(
    by_field: Mapping[str, npt.NDArray[Any]], definition: LayerDefinition
) -> list[Note]:
    moments = [f for f in definition.fields if f.type is FieldType.TIMESTAMP and f.name in by_field]
    return [
        Note(
            zh=f"“{field.title.zh}”没写时区的按北京时间",
            en=f"times of “{field.title.en}” without a zone are read as Beijing time",
        )
        for field in moments
    ]
