"""In which form features leave as a file: format, coordinate system, encoding of texts."""

import re
from dataclasses import dataclass
from enum import StrEnum

from yingji_map.domain.crs import MERCATOR_SRID, STORAGE_SRID
from yingji_map.domain.errors import InvalidParameter

_WGS84_SRID = 4326
# Source: EPSG registry, CGCS2000 / Gauss-Kruger: 6-degree zones 4491 to 4512, 3-degree 4513 to 4554.
_GAUSS_KRUGER = range(4491, 4555)
_DEGREES = {STORAGE_SRID, _WGS84_SRID}
_WRITTEN = re.compile(
    r"(?:EPSG:|https?://www\.opengis\.net/def/crs/EPSG/0/)?(\d{4,5})", re.IGNORECASE
)
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


class FileFormat(StrEnum):
    """Formats that any GIS or office program opens."""

    GPKG = "gpkg"
    PARQUET = "parquet"
    FGB = "fgb"
    SHP = "shp"
    KML = "kml"
    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"

    @property
    def suffix(self) -> str:
        """Return the ending of the file; a Shapefile is many files, so it comes as a zip."""
        return ".zip" if self is FileFormat.SHP else f".{self.value}"

    @property
    def media_type(self) -> str:
        """Return what the file is on the web."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    FileFormat.GPKG: "application/geopackage+sqlite3",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
    FileFormat.FGB: "application/vnd.flatgeobuf",
    FileFormat.SHP: "application/zip",
    FileFormat.KML: "application/vnd.google-earth.kml+xml",
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.GEOJSON: "application/geo+json",
}
_LONGITUDE_FIRST = {FileFormat.KML, FileFormat.GEOJSON}


class TextEncoding(StrEnum):
    """What old desktop programs expect (GBK), and everything else."""

    UTF_8 = "utf-8"
    GBK = "gbk"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A format with its coordinate system (EPSG code) and the encoding of its texts.

    Raises
    ------
    InvalidParameter
        The format cannot have this system or this encoding.
    """

    format: FileFormat = FileFormat.GPKG
    srid: int = STORAGE_SRID
    encoding: TextEncoding = TextEncoding.UTF_8

    def __post_init__(self) -> None:
        if self.format in _LONGITUDE_FIRST and self.srid not in _DEGREES:
            raise InvalidParameter(
                parameter="crs",
                value=f"EPSG:{self.srid}",
                reason_zh=f"{self.format} 只有经纬度",
                reason_en=f"{self.format} holds degrees only",
            )
        if self.encoding is TextEncoding.GBK and self.format not in {
            FileFormat.SHP,
            FileFormat.CSV,
        }:
            raise InvalidParameter(
                parameter="encoding",
                value=self.encoding,
                reason_zh="GBK 只用于 Shapefile 和 CSV",
                reason_en="GBK is for Shapefile and CSV only",
            )

    @property
    def is_degrees(self) -> bool:
        """Return whether coordinates are longitude and latitude."""
        return self.srid in _DEGREES


def srid_of(text: str) -> int:
    """Return the EPSG code that `EPSG:4490` or its URI names.

    Raises
    ------
    InvalidParameter
        It is none of 4490, 4326, 3857 and the Gauss-Kruger zones of CGCS2000.
    """
    found = _WRITTEN.fullmatch(text.strip("<>"))
    srid = int(found[1]) if found else 0
    if text.strip("<>") == _CRS84:
        srid = _WGS84_SRID
    if srid in {STORAGE_SRID, _WGS84_SRID, MERCATOR_SRID} or srid in _GAUSS_KRUGER:
        return srid
    raise InvalidParameter(
        parameter="crs",
        value=text,
        reason_zh="可用 EPSG:4490、EPSG:4326、EPSG:3857，或 CGCS2000 高斯-克吕格分带 EPSG:4491 至 EPSG:4554",
        reason_en="known are EPSG:4490, EPSG:4326, EPSG:3857 and the Gauss-Kruger zones of CGCS2000, EPSG:4491 to EPSG:4554",
    )
