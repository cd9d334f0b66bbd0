"""Raster files of one layer → judged grids → kept COGs and registered rasters, all or nothing."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from yingji_map.domain.errors import InvalidParameter, LayerNotFound, YingjiError
from yingji_map.domain.layer import LayerDefinition, RasterOptions
from yingji_map.domain.layer_version import Cause
from yingji_map.domain.quality import ImportReport
from yingji_map.domain.raster_report import RasterReport
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.ingest.raster_cog import facts_of
from yingji_map.ingest.raster_source import GridOptions, find_grids
from yingji_map.services.derive_rasters import DeriveRasters
from yingji_map.services.judge_grids import JudgedGrid, Judgement, Said, judge_grids
from yingji_map.services.record_imports import RecordImports
from yingji_map.store.database import Store, Transaction
from yingji_map.store.imports import amend_import, save_import
from yingji_map.store.layers import apply_layer, find_layer_states
from yingji_map.store.raster_files import drafts_folder, keep_raster, raster_path
from yingji_map.store.rasters import (
    NewRaster,
    RasterRecord,
    find_kept_contents,
    find_rasters,
    note_content,
    register_rasters,
)

Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterImportRequest:
    """Which files become part of which raster layer, and when they are true.

    Attributes
    ----------
    path, further
        Files, folders and archives of grids.
    valid_at
        The instant that the one grid describes; None takes it from the file or its name. Refused by
        layers without instants.
    crs
        Coordinate system of files that state none.
    said
        What else the operator says of them.
    is_dry_run
        Judge and count, write nothing.
    import_id
        Number reserved for this import; None takes the next.
    """

    path: Path
    layer_id: str
    valid_at: datetime | None = None
    crs: str | None = None
    further: tuple[Path, ...] = ()
    said: GridOptions | None = None
    is_dry_run: bool = False
    import_id: int | None = None

    @property
    def options(self) -> GridOptions:
        """Return everything that the operator says of the files."""
        said = self.said or GridOptions()
        return replace(said, crs=said.crs or self.crs)

    @property
    def name(self) -> str:
        """Return how reports call what was handed in."""
        more = len(self.further)
        return f"{self.path.name} (+{more})" if more else self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRaster:
    """Keep grids once and for all; the same grid twice is the same raster."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    data_dir: Path

    def run(self, request: RasterImportRequest) -> RasterRecord:
        """Import the one grid of a file and return what is in force because of it; see `run_all`."""
        outcome = self.run_all(request).grids[0]
        with self.store.read() as tx:
            in_force = find_rasters(tx, request.layer_id)
        return next(record for record in in_force if record.valid_at == outcome.valid_at)

    def run_all(
        self, request: RasterImportRequest, progress: Progress = lambda _zh, _en: None
    ) -> RasterReport:
        """Import every grid of the files, or none: read = written + unchanged + refused.

        Raises
        ------
        LayerNotFound
            No such layer.
        InvalidParameter
            Not a raster layer, the time is out of place, or it must be said which variable is meant.
        UnreadableFile, UnknownCrs, CrsNotConvertible, RasterRefused
            What is wrong with the one grid; of several grids RasterRefused with the first fault.
            The report is kept (not in a dry run), nothing else is written.
        """
        definition, options = self._layer(request)
        _check_time(request, options)
        said = request.options
        with (
            drafts_folder(self.data_dir) as drafts,
            tempfile.TemporaryDirectory(prefix="yingji-grids-") as unpacked,
        ):
            progress(f"打开 {request.name}", f"Opening {request.name}")
            try:
                grids = find_grids((request.path, *request.further), said, Path(unpacked))
            except YingjiError as error:
                raise self._unlisted(definition, request, error) from error
            judgement = judge_grids(
                grids, definition, Said(said, request.valid_at), drafts, progress
            )
            if judgement.faults:
                raise self._refusal(definition, request, judgement)
            progress(f"登记到 {definition.id}", f"Registering in {definition.id}")
            report = self._write(definition, request, judgement)
        if report.report.written and not request.is_dry_run:
            self.followers.follow(definition.id, progress)
        return report

    @property
    def followers(self) -> DeriveRasters:
        """Return what makes derived rasters anew when their source has changed."""
        return DeriveRasters(store=self.store, catalogue=self.catalogue, data_dir=self.data_dir)

    def _layer(self, request: RasterImportRequest) -> tuple[LayerDefinition, RasterOptions]:
        definition = self.catalogue.get(request.layer_id)
        if definition is None:
            raise LayerNotFound(layer=request.layer_id)
        if definition.raster is None or definition.raster.derived is not None:
            is_derived = definition.raster is not None
            raise InvalidParameter(
                parameter="layer",
                value=request.layer_id,
                reason_zh="是推算出来的，请用 yingji raster derive"
                if is_derived
                else "不是栅格图层，请用 yingji layer import",
                reason_en="is derived, use yingji raster derive"
                if is_derived
                else "not a raster layer, use yingji layer import",
            )
        return definition, definition.raster

    def _unlisted(
        self, definition: LayerDefinition, request: RasterImportRequest, error: YingjiError
    ) -> YingjiError:
        if not request.is_dry_run and not isinstance(error, InvalidParameter):
            records = RecordImports(store=self.store)
            records.unreadable(definition, request.path, error, request.import_id)
        return error

    def _refusal(
        self, definition: LayerDefinition, request: RasterImportRequest, judgement: Judgement
    ) -> YingjiError:
        report = RasterReport(
            report=ImportReport(
                quality=judgement.quality(request.name, definition.id),
                written=0,
                unchanged=0,
                refused=judgement.read,
                closed=0,
                version=self._version(definition),
                import_id=request.import_id,
                is_accepted=False,
                is_dry_run=request.is_dry_run,
            ),
            grids=judgement.refused_outcomes(),
            unit=judgement.unit,
        )
        document = report.document()
        error = judgement.as_error(request.name)
        if not request.is_dry_run:
            digest = sha256_of(request.path) if request.path.exists() else ""
            document |= {"code": error.code}
            document |= {"reason": {"zh": error.text("zh"), "en": error.text("en")}}
            with self.store.transaction() as tx:
                apply_layer(tx, definition)
                number = save_import(
                    tx,
                    definition.id,
                    file_sha256=digest,
                    is_accepted=False,
                    report=document,
                    import_id=request.import_id,
                )
            document |= {"import_id": number}
        error.fields["report"] = document
        return error

    def _version(self, definition: LayerDefinition) -> int:
        with self.store.read() as tx:
            state = find_layer_states(tx).get(definition.id)
        return state.version if state else 0

    def _write(
        self, definition: LayerDefinition, request: RasterImportRequest, judgement: Judgement
    ) -> RasterReport:
        opened = self.store.rehearsal() if request.is_dry_run else self.store.transaction()
        with opened as tx:
            apply_layer(tx, definition)
            self._note_old_contents(tx, definition.id)
            quality = judgement.quality(request.name, definition.id)
            import_id = save_import(
                tx,
                definition.id,
                file_sha256=sha256_of(request.path),
                is_accepted=True,
                report=quality.document(),
                import_id=request.import_id,
            )
            news = self._kept(tx, definition, judgement.grids, is_dry_run=request.is_dry_run)
            before = {record.valid_at for record in find_rasters(tx, definition.id)}
            written = register_rasters(tx, news, Cause(import_id=import_id))
            report = RasterReport(
                report=ImportReport(
                    quality=quality,
                    written=judgement.count(written),
                    unchanged=judgement.read - judgement.count(written),
                    refused=0,
                    closed=sum(1 for at in written if news[at].valid_at in before),
                    version=find_layer_states(tx)[definition.id].version,
                    import_id=None if request.is_dry_run else import_id,
                    is_accepted=True,
                    is_dry_run=request.is_dry_run,
                ),
                grids=judgement.outcomes(news, written),
                unit=judgement.unit,
            )
            amend_import(tx, import_id, report.document())
        return report

    def _kept(
        self,
        tx: Transaction,
        definition: LayerDefinition,
        grids: list[JudgedGrid],
        *,
        is_dry_run: bool,
    ) -> list[NewRaster]:
        known = find_kept_contents(tx, definition.id)
        news = []
        for grid in grids:
            sha256 = known.get(grid.facts.content_sha256)
            if sha256 is None or not raster_path(self.data_dir, sha256).exists():
                sha256 = sha256_of(grid.draft)
                if not is_dry_run:
                    # Kept before it is committed: a registered raster always has its file, while
                    # a file that nobody registered is only space.
                    keep_raster(self.data_dir, grid.draft, sha256)
            news.append(grid.as_new(definition.id, sha256))
        return news

    def _note_old_contents(self, tx: Transaction, layer_id: str) -> None:
        """Tell contents apart that were registered when files were known by their bytes only."""
        for record in find_rasters(tx, layer_id):
            path = raster_path(self.data_dir, record.sha256)
            if record.content_sha256 is None and path.exists():
                note_content(tx, record.raster_id, facts_of(path).content_sha256)


def _check_time(request: RasterImportRequest, options: RasterOptions) -> None:
    if request.valid_at is None:
        return
    if not options.temporal:
        zh, en = "这个图层不分时刻，不要指明", "this layer has no instants, leave it out"
    elif request.valid_at.tzinfo is None:
        zh, en = "要带时区，如 +08:00", "must state its zone, such as +08:00"
    else:
        return
    raise InvalidParameter(parameter="valid_at", value=request.valid_at, reason_zh=zh, reason_en=en)
