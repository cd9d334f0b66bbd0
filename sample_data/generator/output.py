"""Files of the sample: GeoJSON, CSV, GeoTIFF and the manifest, equal to the byte for one seed."""

import csv
import hashlib
import io
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

from .grid import Grid

_CRS_URN = "urn:ogc:def:crs:EPSG::4490"


class Folder:
    """Writes files and remembers them, in order, for the manifest."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path = path
        self.seed = seed
        self._files: list[dict] = []
        path.mkdir(parents=True, exist_ok=True)

    def geojson(self, layer: str, rows: list[tuple[shapely.Geometry, dict]]) -> None:
        """Write features one a line; coordinates keep seven decimals."""
        lines = [
            json.dumps(
                {"type": "Feature", "properties": values, "geometry": _geometry(geometry)},
                ensure_ascii=False,
                separators=(",", ":"),
            )
            for geometry, values in rows
        ]
        head = (
            f'{{"type":"FeatureCollection","name":"{layer}",'
            f'"crs":{{"type":"name","properties":{{"name":"{_CRS_URN}"}}}},"features":[\n'
        )
        text = head + ",\n".join(lines) + "\n]}\n"
        self._keep(layer, f"{layer}.geojson", text.encode())

    def table(self, layer: str, headers: list[str], rows: list[list]) -> None:
        """Write a CSV as office programs save it: UTF-8 with BOM, CRLF."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(headers)
        writer.writerows(rows)
        self._keep(layer, f"{layer}.csv", buffer.getvalue().encode("utf-8-sig"))

    def raster(
        self, layer: str, grid: Grid, values: np.ndarray, valid_at: datetime | None = None
    ) -> None:
        """Write one band as a tiled, compressed GeoTIFF."""
        name = f"{layer}_{valid_at:%Y%m%dT%H%M}.tif" if valid_at else f"{layer}.tif"
        with rasterio.open(
            self.path / name,
            "w",
            driver="GTiff",
            height=grid.shape[0],
            width=grid.shape[1],
            count=1,
            dtype="float32",
            crs="EPSG:4490",
            transform=from_origin(grid.west, grid.north, grid.step, grid.step),
            nodata=-9999.0,
            tiled=True,
            blockxsize=256,
            blockysize=256,
            compress="deflate",
            predictor=3,
        ) as target:
            target.write(values.astype(np.float32), 1)
        self._note(layer, name, (self.path / name).read_bytes(), valid_at)

    def finish(self) -> Path:
        """Write the manifest, in the order in which the files were written."""
        path = self.path / "manifest.json"
        document = {"seed": self.seed, "files": self._files}
        path.write_text(
            json.dumps(document, ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
            newline="\n",
        )
        return path

    def _keep(self, layer: str, name: str, content: bytes) -> None:
        (self.path / name).write_bytes(content)
        self._note(layer, name, content, None)

    def _note(self, layer: str, name: str, content: bytes, valid_at: datetime | None) -> None:
        self._files.append(
            {
                "layer": layer,
                "path": name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "valid_at": valid_at.isoformat() if valid_at else None,
            }
        )


def _geometry(geometry: shapely.Geometry) -> dict:
    mapping = shapely.geometry.mapping(geometry)
    return {"type": mapping["type"], "coordinates": _rounded(mapping["coordinates"])}


def _rounded(value: tuple | list | float) -> list | float:
    return (
        [_rounded(v) for v in value] if isinstance(value, tuple | list) else round(float(value), 7)
    )
