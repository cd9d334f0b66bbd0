"""One file for a field laptop without a network: data, tiles, styles, project, legends."""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

import yingji_map
from yingji_map.domain.crs import STORAGE_SRID
from yingji_map.domain.download import FileForm
from yingji_map.domain.errors import DownloadAbandoned, NotReady
from yingji_map.domain.palette import ThemeName
from yingji_map.domain.query import FeatureQuery
from yingji_map.domain.risk import CellState
from yingji_map.domain.run import RunRecord
from yingji_map.engine.grid import cell_polygons
from yingji_map.publish.gdal_file import write_geopackage
from yingji_map.publish.qgis_project import Bounds, ProjectLayer, project_document
from yingji_map.publish.styled_geopackage import add_cells, embed_styles
from yingji_map.services.bundle_readme import README, readme_text
from yingji_map.services.bundle_tiles import BundleTiles
from yingji_map.services.compose_project import ComposeProject, in_order
from yingji_map.services.resident_surfaces import ResidentSurfaces
from yingji_map.store.database import Store
from yingji_map.store.extracts import read_extract

GEOPACKAGE, PROJECT, MANIFEST = "yingji.gpkg", "yingji.qgs", "manifest.json"
_STORED = {".pmtiles", ".png"}  # compressed already
_SYMBOLS_URL = "symbols"
_STATES = np.array([state.name.lower() for state in CellState], dtype=object)
Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleReport:
    """What a bundle holds."""

    layers: int
    features: int
    tiles: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeBundle:
    """Gather what the service shows now into one zip that opens in QGIS by itself."""

    store: Store
    compose: ComposeProject
    tiles: BundleTiles
    resident: ResidentSurfaces
    clock: Callable[[], datetime]

    def run(
        self,
        path: Path,
        progress: Progress = lambda _zh, _en: None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> BundleReport:
        """Write the bundle; the file appears whole or not at all.

        Raises
        ------
        NotReady
            No layer holds anything yet.
        DownloadAbandoned
            Nobody waits for it any more.
        """
        if not self.compose.drawn():
            raise NotReady(what_zh="任何图层的数据", what_en="data of any layer", fix="yingji up")
        with tempfile.TemporaryDirectory(prefix=".bundle-", dir=path.parent) as held:
            folder = Path(held) / "bundle"
            folder.mkdir()
            run = self._latest_run()
            progress("写 GeoPackage", "Writing the GeoPackage")
            features = self._write_geopackage(folder / GEOPACKAGE, run, is_wanted)
            progress("写图例和工程", "Writing legends and the project")
            self._write_legends(folder / "legend")
            (folder / PROJECT).write_bytes(project_document(self.compose.frame(), self._offline()))
            progress("写瓦片", "Writing tiles")
            n_tiles = self._write_tiles(folder, run, is_wanted)
            made_at = self.clock()
            (folder / README).write_text(readme_text(made_at, run), encoding="utf-8-sig")
            self._write_manifest(folder, made_at, run)
            draft = Path(held) / "bundle.zip"
            _pack(folder, draft)
            _stop_unless(is_wanted)
            shutil.move(draft, path)
        return BundleReport(
            layers=len(self._offline()),
            features=features,
            tiles=n_tiles,
            size_bytes=path.stat().st_size,
        )

    def _latest_run(self) -> RunRecord | None:
        try:
            return self.compose.list_runs.one()
        except NotReady:
            return None

    def _write_geopackage(
        self, path: Path, run: RunRecord | None, is_wanted: Callable[[], bool]
    ) -> int:
        styles: dict[str, tuple[str, bytes, bytes]] = {}
        count = 0
        for appearance, listing in self.compose.drawn():
            _stop_unless(is_wanted)
            definition = listing.definition
            fields = definition.public_fields
            with self.store.read() as tx:
                names = [field.name for field in fields]
                table = read_extract(tx, definition, FeatureQuery(), None, names)
            write_geopackage(path, definition, table, fields, FileForm())
            count += len(table)
            styles[definition.id] = self._style(appearance.layer_id, definition.title.zh)
        for layer in self.compose.risk_layers("ogr", lambda hazard: hazard, STORAGE_SRID):
            _stop_unless(is_wanted)
            assert run is not None  # noqa: S101 - there are hazards
            name = f"risk_{layer.source}"
            surface = self.resident.surface(run.run_id, layer.source)
            columns = {
                "cell": np.array([f"{cell:x}" for cell in surface.cells.tolist()], dtype=object),
                "level": surface.level.astype(np.int32),
                "state": _STATES[surface.state],
                "score": np.round(surface.score_ratio, 3),
                "confidence": np.round(surface.confidence_ratio, 3),
            }
            add_cells(path, name, layer.title, cell_polygons(surface.cells), columns)
            styles[name] = self._style(name, layer.title)
        embed_styles(path, styles)
        return count

    def _style(self, style_id: str, title: str) -> tuple[str, bytes, bytes]:
        render = self.compose.render_styles
        sld = render.sld(style_id, ThemeName.DAY, _SYMBOLS_URL)
        return title, render.qml(style_id, ThemeName.DAY), sld

    def _write_legends(self, folder: Path) -> None:
        folder.mkdir()
        render = self.compose.render_styles
        names = [appearance.layer_id for appearance, _ in self.compose.drawn()]
        for name in [*names, "risk"]:
            picture = render.legend(name, ThemeName.DAY, "zh", 2)
            (folder / f"{name}.png").write_bytes(picture)

    def _offline(self) -> list[ProjectLayer]:
        """Return the layers of a project that reads from the files beside it."""
        features = [
            self.compose.feature_layer(
                appearance,
                listing,
                provider="ogr",
                source=f"./{GEOPACKAGE}|layername={appearance.layer_id}",
            )
            for appearance, listing in self.compose.drawn()
        ]
        risk = self.compose.risk_layers(
            "ogr", lambda hazard: f"./{GEOPACKAGE}|layername=risk_{hazard}", STORAGE_SRID
        )
        return in_order([*features, *risk])

    def _write_tiles(
        self, folder: Path, run: RunRecord | None, is_wanted: Callable[[], bool]
    ) -> int:
        bounds = self._bounds()
        layers = [appearance.layer_id for appearance, _ in self.compose.drawn()]
        count = self.tiles.write_layers(folder / "layers.pmtiles", layers, bounds, is_wanted)
        for layer in self.compose.risk_layers("ogr", lambda hazard: hazard, STORAGE_SRID):
            _stop_unless(is_wanted)
            assert run is not None  # noqa: S101 - there are hazards
            path = folder / f"risk_{layer.source}.pmtiles"
            count += self.tiles.write_risk(path, run.run_id, layer.source, bounds)
        try:
            in_force = self.tiles.terrain.in_force()
        except NotReady:
            return count
        return count + self.tiles.write_heights(folder / "dem.pmtiles", in_force, bounds)

    def _bounds(self) -> Bounds:
        boxes = [
            listing.state.bounds
            for _, listing in self.compose.drawn()
            if listing.state is not None and listing.state.bounds is not None
        ]
        county = self.compose.frame_bounds()
        if county is not None:
            return county
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    def _write_manifest(self, folder: Path, made_at: datetime, run: RunRecord | None) -> None:
        document = {
            "product": "yingji_map",
            "version": yingji_map.__version__,
            "made_at": made_at.isoformat(),
            "risk_run": None
            if run is None
            else {
                "id": run.run_id,
                "computed_at": run.computed_at.isoformat(),
                "valid_at": run.valid_at.isoformat(),
            },
            "layers": [
                {
                    "id": listing.definition.id,
                    "title": listing.definition.title.zh,
                    "version": listing.state.version,
                    "count": listing.state.row_count,
                    "updated_at": listing.state.updated_at.isoformat(),
                }
                for _, listing in self.compose.drawn()
                if listing.state is not None
            ],
            "files": [
                {
                    "path": file.relative_to(folder).as_posix(),
                    "size_bytes": file.stat().st_size,
                    "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                }
                for file in sorted(folder.rglob("*"))
                if file.is_file()
            ],
        }
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _pack(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                kind = zipfile.ZIP_STORED if file.suffix in _STORED else zipfile.ZIP_DEFLATED
                archive.write(file, file.relative_to(folder).as_posix(), compress_type=kind)


def _stop_unless(is_wanted: Callable[[], bool]) -> None:
    if not is_wanted():
        raise DownloadAbandoned(layer="bundle")
