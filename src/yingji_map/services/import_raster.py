"""A raster file → kept file and registered raster."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yingji_map.domain.errors import InvalidParameter, LayerNotFound, RasterRefused, YingjiError
from yingji_map.domain.layer import LayerDefinition, RasterOptions
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.ingest.raster import open_raster
from yingji_map.ingest.raster_normalise import normalise_raster
from yingji_map.store.database import Store
from yingji_map.store.imports import amend_import, save_import
from yingji_map.store.layers import apply_layer
from yingji_map.store.raster_files import keep_raster, raster_draft
from yingji_map.store.rasters import NewRaster, RasterRecord, register_raster

Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterImportRequest:
    """Which file becomes part of which raster layer, and when it is true.

    Attributes
    ----------
    valid_at
        The instant the values describe; needed by temporal layers, refused by the others.
    crs
        Coordinate system of a file that states none.
    """

    path: Path
    layer_id: str
    valid_at: datetime | None = None
    crs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRaster:
    """Keep a raster once and for all; the same raster twice is the same raster."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    data_dir: Path

    def run(
        self, request: RasterImportRequest, progress: Progress = lambda _zh, _en: None
    ) -> RasterRecord:
        """Import one file.

        Raises
        ------
        LayerNotFound
            No such layer.
        InvalidParameter
            Not a raster layer, or the time is missing or out of place.
        UnreadableFile, UnknownCrs, CrsNotConvertible
            See `normalise_raster`; nothing is written.
        RasterRefused
            The values break the layer's rules; that is recorded, nothing else is written.
        """
        definition, options = self._layer(request)
        _check_time(request, options)
        name = request.path.name
        with raster_draft(self.data_dir) as draft:
            progress(f"读取并检查 {name}", f"Reading and checking {name}")
            try:
                normalise_raster(request.path, draft, options, request.crs)
            except RasterRefused as error:
                self._record_refusal(definition, request, error)
                raise
            new = _described(draft, request)
            progress(f"登记到 {definition.id}", f"Registering in {definition.id}")
            with self.store.transaction() as tx:
                apply_layer(tx, definition)
                # Kept before it is committed: a registered raster always has its file, while a
                # file that nobody registered is only space.
                keep_raster(self.data_dir, draft, new.sha256)
                report: dict[str, object] = {"file": name, "sha256": new.sha256}
                import_id = save_import(
                    tx, definition.id, file_sha256=new.sha256, is_accepted=True, report=report
                )
                record, is_new = register_raster(tx, new, import_id)
                found = {"raster_id": record.raster_id, "is_new": is_new}
                amend_import(tx, import_id, {**report, **found})
        return record

    def rehearse(
        self, request: RasterImportRequest, progress: Progress = lambda _zh, _en: None
    ) -> NewRaster:
        """Return what importing a file would register; nothing is kept, nor put on record.

        Raises
        ------
        YingjiError
            Whatever `run` would refuse.
        """
        _, options = self._layer(request)
        _check_time(request, options)
        name = request.path.name
        progress(f"读取并检查 {name}", f"Reading and checking {name}")
        with raster_draft(self.data_dir) as draft:
            normalise_raster(request.path, draft, options, request.crs)
            return _described(draft, request)

    def _layer(self, request: RasterImportRequest) -> tuple[LayerDefinition, RasterOptions]:
        definition = self.catalogue.get(request.layer_id)
        if definition is None:
            raise LayerNotFound(layer=request.layer_id)
        if definition.raster is None:
            raise InvalidParameter(
                parameter="layer",
                value=request.layer_id,
                reason_zh="不是栅格图层，请用 yingji layer import",
                reason_en="not a raster layer, use yingji layer import",
            )
        return definition, definition.raster

    def _record_refusal(
        self, definition: LayerDefinition, request: RasterImportRequest, error: YingjiError
    ) -> None:
        report: dict[str, object] = {
            "file": request.path.name,
            "code": error.code,
            "reason": {"zh": error.text("zh"), "en": error.text("en")},
        }
        sha256 = sha256_of(request.path)
        with self.store.transaction() as tx:
            apply_layer(tx, definition)
            save_import(tx, definition.id, file_sha256=sha256, is_accepted=False, report=report)


def _check_time(request: RasterImportRequest, options: RasterOptions) -> None:
    if options.temporal and request.valid_at is None:
        zh, en = (
            "这个图层每个文件对应一个时刻，请指明",
            "each file of this layer is one instant, name it",
        )
    elif not options.temporal and request.valid_at is not None:
        zh, en = "这个图层不分时刻，不要指明", "this layer has no instants, leave it out"
    elif request.valid_at is not None and request.valid_at.tzinfo is None:
        zh, en = "要带时区，如 +08:00", "must state its zone, such as +08:00"
    else:
        return
    raise InvalidParameter(
        parameter="valid_at", value=request.valid_at or "", reason_zh=zh, reason_en=en
    )


def _described(draft: Path, request: RasterImportRequest) -> NewRaster:
    with open_raster(draft) as dataset:
        west, south, east, north = dataset.bounds
        return NewRaster(
            layer_id=request.layer_id,
            sha256=sha256_of(draft),
            file_name=request.path.name,
            valid_at=request.valid_at,
            bounds=(west, south, east, north),
            width=dataset.width,
            height=dataset.height,
        )
