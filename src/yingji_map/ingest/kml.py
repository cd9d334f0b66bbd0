"""KML and KMZ → rows, through GDAL, after the text was looked at."""

import re
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from yingji_map.domain.errors import UnreadableFile
from yingji_map.domain.quality import Note
from yingji_map.ingest.archive import unpack
from yingji_map.ingest.source import ReadOptions, SourceTable
from yingji_map.ingest.text_encoding import declared_encoding, decode_text, inferred
from yingji_map.ingest.vector import read_layer

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*?\?>")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
_HEAD_CHARACTERS = 4_000
# What GDAL's reader adds to every placemark; a person wrote it only where it is not empty.
_DRAWING = {
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "snippet",
}
_OFTEN_EMPTY = {"id", "description", "timestamp", "begin", "end"}


def read_kml(path: Path, options: ReadOptions) -> SourceTable:
    """Read one layer (folder) of a KML or KMZ file; its coordinates are WGS 84 by definition.

    Raises
    ------
    UnreadableFile
        It is no KML, or the KMZ around it is not safe or not intact.
    InvalidParameter
        It has several layers and none, or an unknown one, was named.
    """
    with tempfile.TemporaryDirectory(prefix="yingji-kml-") as name:
        folder = Path(name)
        document = _document(path, folder) if path.suffix.lower() == ".kmz" else path
        text, encoding, note = _text(document, path.name, options.encoding)
        plain = folder / f"{path.stem}.kml"
        # GDAL's parser knows few encodings (not GBK): it gets UTF-8 without a declaration.
        plain.write_text(_DECLARATION.sub("", text), encoding="utf-8")
        table = read_layer(plain, options, kind="KML")
    return replace(
        table,
        file=path.name,
        encoding=encoding,
        columns={k: v for k, v in table.columns.items() if _is_said(k, v)},
        notes=table.notes if note is None else (*table.notes, note),
    )


def _is_said(name: str, values: Any) -> bool:  # noqa: ANN401 - an array of objects
    return name not in _DRAWING and (
        name not in _OFTEN_EMPTY or any(value is not None for value in values)
    )


def _document(path: Path, folder: Path) -> Path:
    found = unpack(path, folder / "kmz", _is_document)
    top = [file for file in found if file.name == "doc.kml"]
    if len(found) != 1 and len(top) != 1:
        raise UnreadableFile(
            file=path.name,
            reason_zh=f"KMZ 里应有一个 .kml，却有 {len(found)} 个",
            reason_en=f"a KMZ holds one .kml, this one {len(found)}",
        )
    return top[0] if len(top) == 1 else found[0]


def _is_document(place: PurePosixPath) -> bool:
    return place.suffix.lower() == ".kml"


def _text(document: Path, file: str, encoding: str | None) -> tuple[str, str, Note | None]:
    content = document.read_bytes()
    declared = _DECLARED.match(content)
    said = declared_encoding(declared[1].decode("ascii")) if declared else None
    text, found, note = _decoded(content, file, encoding or said)
    head = text[:_HEAD_CHARACTERS]
    # GDAL looks for other formats' marks first, and one of them opens any file it names.
    if "<kml" not in head or "<OGRVRTDataSource" in text:
        raise UnreadableFile(file=file, reason_zh="不是 KML", reason_en="not KML")
    return text, found, note


def _decoded(content: bytes, file: str, encoding: str | None) -> tuple[str, str, Note | None]:
    try:
        return decode_text(content, file, encoding)
    except UnreadableFile:
        if encoding is None:
            raise
    text, found, _ = decode_text(content, file, None)  # the declaration lies
    return text, found, inferred(found)
