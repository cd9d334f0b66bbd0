"""A Shapefile in a zip: short unique field names, its encoding stated, a table of names beside it."""

import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyogrio.raw import write as write_with_gdal

from yingji_map.domain.download import FileForm, TextEncoding
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition
from yingji_map.publish.gdal_file import GEOMETRY_TYPES, column_of
from yingji_map.publish.table_file import unencodable

_NAME_BYTES, _TEXT_BYTES = 10, 254
NAME_TABLE = "字段对照.txt"
_CODE_PAGES = {TextEncoding.UTF_8: "UTF-8", TextEncoding.GBK: "GBK"}


def write_shapefile_zip(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    form: FileForm,
) -> None:
    """Write a zip of .shp, .shx, .dbf, .prj, .cpg and the table of names.

    Raises
    ------
    InvalidParameter
        A text is longer than a DBF field, or its encoding cannot hold it.
    """
    assert definition.geometry is not None  # noqa: S101 - the definition's validator guarantees it
    names = short_names(fields)
    columns = [_column(table, field, form) for field in fields]
    with tempfile.TemporaryDirectory(prefix="shapefile-", dir=path.parent) as held:
        folder = Path(held)
        write_with_gdal(  # type: ignore[no-untyped-call]  # pyogrio has no types
            folder / f"{definition.id}.shp",
            shapely.to_wkb(table.geometry),
            [values for values, _ in columns],
            np.array(names, dtype=object),
            field_mask=[mask for _, mask in columns],
            driver="ESRI Shapefile",
            geometry_type=GEOMETRY_TYPES[definition.geometry],
            crs=f"EPSG:{form.srid}",
            encoding=_CODE_PAGES[form.encoding],
        )
        (folder / f"{definition.id}.cpg").write_text(_CODE_PAGES[form.encoding], encoding="ascii")
        lines = [f"{n}\t{f.name}\t{_title(f)}" for n, f in zip(names, fields, strict=True)]
        text = "\r\n".join(["Shapefile 字段\t图层字段\t名称", *lines, ""])
        (folder / NAME_TABLE).write_text(text, encoding="utf-8-sig", newline="")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, file.name)


def short_names(fields: Sequence[FieldDefinition]) -> list[str]:
    """Return names of at most ten bytes, each once, that an import finds the fields again by.

    A name that is cut like another field's gives way to an alias or a title that no other field
    could mean; where none is left it gets a number.
    """
    meant = {field.name: _names_of(field) for field in fields}
    chosen: list[str] = []
    for field in fields:
        others = {n for name, names in meant.items() if name != field.name for n in names}
        taken = {name.casefold() for name in chosen} | {name.casefold() for name in others}
        free = [name for name in meant[field.name] if name.casefold() not in taken]
        chosen.append(free[0] if free else _numbered(field.name, taken))
    return chosen


def _names_of(field: FieldDefinition) -> list[str]:
    known = (field.name, *field.aliases, field.title.zh, field.title.en)
    return list(dict.fromkeys(_cut(name) for name in known))


def _cut(name: str) -> str:
    return name.encode()[:_NAME_BYTES].decode(errors="ignore").strip()


def _numbered(name: str, taken: set[str]) -> str:
    number = 1
    while (candidate := f"{name[: _NAME_BYTES - 3]}_{number}").casefold() in taken:
        number += 1
    return candidate


def _title(field: FieldDefinition) -> str:
    return f"{field.title.zh}（{field.unit}）" if field.unit else field.title.zh


def _column(
    table: FeatureTable, field: FieldDefinition, form: FileForm
) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None]:
    values = table.columns[field.name]
    if field.type is FieldType.TIMESTAMP:  # DBF has dates, but no times
        texts = [None if value is None else value.isoformat() for value in values]
        return np.array(texts, dtype=object), None
    if field.type is FieldType.TEXT:
        for key, value in zip(table.keys, values, strict=True):
            _refuse_unfit(key, field, value, form)
    return column_of(values, field.type)


def _refuse_unfit(key: str, field: FieldDefinition, value: str | None, form: FileForm) -> None:
    try:
        size = 0 if value is None else len(value.encode(form.encoding))
    except UnicodeEncodeError as error:
        raise unencodable(error) from error
    if size > _TEXT_BYTES:
        raise InvalidParameter(
            parameter="format",
            value="shp",
            reason_zh=f"{key} 的“{field.title.zh}”有 {size} 字节，Shapefile 至多 254，请用 gpkg",
            reason_en=f"“{field.title.en}” of {key} has {size} bytes, a Shapefile at most 254; use gpkg",
        )
