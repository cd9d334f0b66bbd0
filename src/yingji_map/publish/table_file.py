"""Features as rows of cells, and these as CSV that Excel opens without a question."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import shapely

from yingji_map.domain.download import FileForm, TextEncoding
from yingji_map.domain.errors import InvalidParameter
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import FieldDefinition, GeometryType, LayerDefinition

BEIJING = timezone(timedelta(hours=8))
_DEGREES, _METRES = ("经度", "纬度"), ("东坐标", "北坐标")


def headings(
    definition: LayerDefinition, fields: tuple[FieldDefinition, ...], form: FileForm
) -> list[str]:
    """Return Chinese titles with units, then where the feature lies; a title used twice gives way.

    A title that is also another field's, or a column of coordinates, is written as the field's name.
    """
    titles = [f"{f.title.zh}（{f.unit}）" if f.unit else f.title.zh for f in fields]
    plain = [f.title.zh for f in fields]
    places = place_headings(definition, form)
    taken = {*_DEGREES, *_METRES, "WKT"}
    chosen = [
        field.name if plain.count(field.title.zh) > 1 or field.title.zh in taken else title
        for field, title in zip(fields, titles, strict=True)
    ]
    return [*chosen, *places]


def place_headings(definition: LayerDefinition, form: FileForm) -> tuple[str, ...]:
    """Return the columns of coordinates: two for points, WKT for lines and areas."""
    if definition.geometry is not GeometryType.POINT:
        return ("WKT",)
    return _DEGREES if form.is_degrees else _METRES


def rows(
    definition: LayerDefinition, table: FeatureTable, fields: tuple[FieldDefinition, ...]
) -> Iterator[list[object]]:
    """Return the cells of each feature, values in their own types."""
    is_point = definition.geometry is GeometryType.POINT
    for row in range(len(table)):
        shape = table.geometry[row]
        place = [shape.x, shape.y] if is_point else [shapely.to_wkt(shape, rounding_precision=-1)]
        yield [*(table.columns[field.name][row] for field in fields), *place]


def write_csv(
    path: Path,
    definition: LayerDefinition,
    table: FeatureTable,
    fields: tuple[FieldDefinition, ...],
    form: FileForm,
) -> None:
    """Write CSV in UTF-8 with a byte order mark, or in GBK.

    Raises
    ------
    InvalidParameter
        GBK cannot hold one of the texts.
    """
    encoding = "gbk" if form.encoding is TextEncoding.GBK else "utf-8-sig"
    try:
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, lineterminator="\r\n")
            writer.writerow(headings(definition, fields, form))
            writer.writerows(
                [_plain(cell) for cell in row] for row in rows(definition, table, fields)
            )
    except UnicodeEncodeError as error:
        raise unencodable(error) from error


def unencodable(error: UnicodeEncodeError) -> InvalidParameter:
    """Return the refusal of a text that an encoding cannot hold."""
    character = error.object[error.start : error.end][:8]
    return InvalidParameter(
        parameter="encoding",
        value="gbk",
        reason_zh=f"GBK 写不出“{character}”，请用 utf-8",
        reason_en=f"GBK cannot write “{character}”; use utf-8",
    )


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat()
    return value.isoformat() if isinstance(value, date) else value
