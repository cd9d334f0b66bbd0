"""GeoPackage, FlatGeobuf, File Geodatabase and Shapefile → rows, through GDAL."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyogrio.raw import read as read_with_gdal

from yingji_map.domain.errors import InvalidParameter, UnreadableFile
from yingji_map.domain.quality import Note
from yingji_map.ingest.source import ReadOptions, SourceTable, objects, refuse_repeated_columns
from yingji_map.ingest.text_encoding import (
    choose_encoding,
    declared_encoding,
    decode_cut,
    known_encoding,
)

# GDAL trusts content over names, and some formats point at other files: look before it does.
_FIRST_BYTES = {
    ".gpkg": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".fgb": b"fgb\x03fgb",
}
_KINDS = {".gpkg": "GeoPackage", ".shp": "Shapefile", ".fgb": "FlatGeobuf", ".gdb": "Geodatabase"}
_CATALOGUE_OF_GDB = "a00000001.gdbtable"  # the table of tables, there in every geodatabase
_LOSSLESS = "ISO-8859-1"  # keeps every byte, so that the true encoding can be chosen afterwards
_CHINESE_LANGUAGE_IDS = {0x4D, 0x7A}
_LANGUAGE_ID_AT = 29
_EXACT_FLOAT = 2**53


def read_vector(path: Path, options: ReadOptions) -> SourceTable:
    """Read one layer of a file, or a Shapefile with whatever Chinese encoding it has.

    Raises
    ------
    UnreadableFile
        It is broken, a part is missing, or its texts fit no encoding.
    InvalidParameter
        It holds several layers and none, or an unknown one, was named.
    """
    suffix = path.suffix.lower()
    if not _starts_like(path, suffix):
        raise _broken(path, _KINDS[suffix])
    if suffix == ".shp":
        return _read_shapefile(path, options)
    return read_layer(path, options, kind=_KINDS[suffix])


def _starts_like(path: Path, suffix: str) -> bool:
    if suffix == ".gdb":
        return (path / _CATALOGUE_OF_GDB).is_file()
    with path.open("rb") as stream:
        return stream.read(16).startswith(_FIRST_BYTES[suffix])


def read_layer(path: Path, options: ReadOptions, *, kind: str) -> SourceTable:
    """Read one layer of a file that the caller knows to be a `kind`, with texts in UTF-8.

    Raises
    ------
    UnreadableFile
        It is broken.
    InvalidParameter
        It holds several layers and none, or an unknown one, was named.
    """
    layer = _layer_name(path, options.source_layer)
    meta, geometry, values = _gdal(path, kind, layer=layer)
    columns = {str(name): _column(v) for name, v in zip(meta["fields"], values, strict=True)}
    return _table(path, options, meta, columns, geometry, encoding="utf-8", notes=())


def _read_shapefile(path: Path, options: ReadOptions) -> SourceTable:
    for part in (".dbf", ".shx"):
        if not _sibling(path, part):
            raise UnreadableFile(
                file=path.name,
                reason_zh=f"缺 {part} 文件，请连同它一起提供",
                reason_en=f"its {part} part is missing; hand it in together",
            )
    meta, geometry, values = _gdal(path, _KINDS[".shp"], encoding=_LOSSLESS)
    raw = {str(name): _column(v) for name, v in zip(meta["fields"], values, strict=True)}
    texts = _encoded(v for column in raw.values() for v in column if isinstance(v, str))
    note = None
    if options.encoding:
        encoding = known_encoding(options.encoding)
    else:
        # Names are cut at 10 bytes, so they are asked only where no value can tell.
        told = texts if any(not text.isascii() for text in texts) else _encoded(raw)
        encoding, note = choose_encoding(told, _declared(path), path.name)
    names = [_name(name, encoding) for name in raw]
    refuse_repeated_columns(names, path.name)
    try:
        decoded = [_decoded(column, encoding) for column in raw.values()]
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            file=path.name,
            reason_zh=f"文字不是 {encoding.upper()}，请换 --encoding",
            reason_en=f"its texts are not {encoding.upper()}; try another --encoding",
        ) from error
    notes = () if note is None else (note,)
    columns = dict(zip(names, decoded, strict=True))
    return _table(path, options, meta, columns, geometry, encoding=encoding, notes=notes)


def _gdal(
    path: Path, kind: str, **how: object
) -> tuple[dict[str, Any], npt.NDArray[Any] | None, list[Any]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks; what matters is checked afterwards
            meta, _, geometry, values = read_with_gdal(  # type: ignore[no-untyped-call]  # pyogrio has no types
                path, datetime_as_string=True, **how
            )
    except (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError) as error:
        raise _broken(path, kind) from error
    return meta, geometry, values


def spatial_layers(path: Path) -> list[str]:
    """Return the names of the layers with geometry in a file.

    Raises
    ------
    UnreadableFile
        It is broken.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = pyogrio.list_layers(path)  # type: ignore[no-untyped-call]  # pyogrio has no types
    except (DataSourceError, UnicodeDecodeError) as error:
        raise _broken(path, _KINDS.get(path.suffix.lower(), path.suffix)) from error
    return [str(name) for name, shape in layers if shape is not None]


def _layer_name(path: Path, wanted: str | None) -> str:
    found = spatial_layers(path)
    if wanted in found:
        return wanted
    if wanted is None and len(found) == 1:
        return found[0]
    names = "、".join(found)
    raise InvalidParameter(
        parameter="source_layer",
        value=wanted or "",
        reason_zh=f"{path.name} 里的空间图层：{names or '无'}，请指明一个",
        reason_en=f"{path.name} has these spatial layers: {names or 'none'}; name one",
    )


def _table(  # noqa: PLR0913 - the parts of one value, from one caller each
    path: Path,
    options: ReadOptions,
    meta: dict[str, Any],
    columns: dict[str, npt.NDArray[Any]],
    geometry: npt.NDArray[Any] | None,
    *,
    encoding: str,
    notes: tuple[Note, ...],
) -> SourceTable:
    shapes = objects([]) if geometry is None else shapely.from_wkb(geometry, on_invalid="ignore")
    return SourceTable(
        file=path.name,
        encoding=encoding,
        crs=options.crs or meta["crs"] or "",
        columns=columns,
        geometry=shapes,
        rows=np.arange(1, len(shapes) + 1, dtype=np.int64),
        notes=notes,
    )


def _column(values: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Return plain Python values, None where GDAL says NaN; whole numbers as integers."""
    if values.dtype.kind == "f":
        is_whole = bool(np.all(np.isnan(values) | (np.mod(values, 1) == 0)))
        return objects([_number(float(v), is_whole=is_whole) for v in values])
    return objects([_plain(v) for v in values])


def _number(value: float, *, is_whole: bool) -> float | int | None:
    if np.isnan(value):
        return None
    # An integer column with gaps comes as float: beyond 2^53 its digits are gone, so it stays a
    # float, which no code or count accepts.
    return int(value) if is_whole and abs(value) < _EXACT_FLOAT else value


def _plain(value: Any) -> Any:  # noqa: ANN401 - numpy scalars of any kind
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    return value.item() if isinstance(value, np.generic) else value


def _encoded(texts: Iterable[str]) -> list[bytes]:
    return [text.encode("latin-1") for text in texts]


def _decoded(column: npt.NDArray[np.object_], encoding: str) -> npt.NDArray[np.object_]:
    return objects(
        [decode_cut(v.encode("latin-1"), encoding) if isinstance(v, str) else v for v in column]
    )


def _name(name: str, encoding: str) -> str:
    raw = name.encode("latin-1")
    try:
        return decode_cut(raw, encoding)
    except UnicodeDecodeError:
        # GDAL renames a cut name that occurs twice (`…_1`), which tears a character apart.
        return raw.decode(encoding, errors="ignore")


def _declared(path: Path) -> str | None:
    cpg, dbf = _sibling(path, ".cpg"), _sibling(path, ".dbf")
    if cpg:
        found = declared_encoding(cpg.read_text(encoding="latin-1"))
        # “ISO-8859-1” is what programs write that know nothing about it.
        return None if found in {None, "iso8859-1", "ascii", "cp1252"} else found
    with dbf.open("rb") if dbf else path.open("rb") as stream:
        head = stream.read(_LANGUAGE_ID_AT + 1)
    is_chinese = len(head) > _LANGUAGE_ID_AT and head[_LANGUAGE_ID_AT] in _CHINESE_LANGUAGE_IDS
    return "gb18030" if is_chinese else None


def _sibling(path: Path, suffix: str) -> Path | None:
    candidates = (path.with_suffix(suffix), path.with_suffix(suffix.upper()))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _broken(path: Path, kind: str) -> UnreadableFile:
    return UnreadableFile(
        file=path.name, reason_zh=f"不是完好的 {kind}", reason_en=f"not an intact {kind}"
    )
