"""A vector file or table → judged rows → features of a layer, whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from yingji_map.domain.china_datum import Datum
from yingji_map.domain.errors import (
    CrsNotConvertible,
    ImportRefused,
    InvalidParameter,
    LayerNotFound,
    UnknownCrs,
    UnreadableFile,
)
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.federation import Delivery
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import ImportReport, QualityReport
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.layer_rules import fill_in
from yingji_map.ingest.normalise import Candidates, normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.refused_rows import refused_rows
from yingji_map.ingest.repairs import repaired
from yingji_map.ingest.source import ReadOptions
from yingji_map.services.layer_surroundings import expected_place, surroundings_of
from yingji_map.services.provenance import ended_by, without_ours
from yingji_map.services.record_imports import RecordImports
from yingji_map.store.database import Store
from yingji_map.store.features import WriteOptions, WriteSummary, write_features
from yingji_map.store.imports import amend_import, save_import, save_refused_rows
from yingji_map.store.layers import apply_layer, find_layer_states
from yingji_map.store.synchronisations import save_synchronisation

Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """Which file becomes part of which layer, and how.

    Attributes
    ----------
    crs, encoding, source_layer
        What the operator says about the file; see `ReadOptions`.
    datum
        The shifted degrees that it holds; None means true ones.
    is_replacing
        Features of the layer that the file lacks end now.
    is_dry_run
        Judge and count, write nothing.
    valid_from
        Since when the rows are true; None means now.
    is_lenient
        Write the rows that are fit and refuse the others one by one.
    is_repairing
        Close open rings and make polygons valid, and tell every change.
    import_id
        Number reserved for this import; None takes the next.
    delivery
        What another bureau's collection handed over as this file; None for a file of our own.
    """

    path: Path
    layer_id: str
    crs: str | None = None
    encoding: str | None = None
    source_layer: str | None = None
    datum: Datum | None = None
    is_replacing: bool = False
    is_dry_run: bool = False
    valid_from: datetime | None = None
    is_lenient: bool = False
    is_repairing: bool = False
    import_id: int | None = None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLayer:
    """Take a file in when every row is fit for its layer; otherwise say which rows are not.

    A lenient import takes the fit rows. In both ways read = written + unchanged + refused.
    """

    store: Store
    catalogue: dict[str, LayerDefinition]

    def run(
        self, request: ImportRequest, progress: Progress = lambda _zh, _en: None
    ) -> ImportReport:
        """Import one file; the same file twice changes nothing.

        Raises
        ------
        LayerNotFound
            No such layer.
        InvalidParameter
            A raster layer, an unknown CRS or encoding, a time without zone, or options that
            contradict each other.
        UnreadableFile, UnknownCrs, CrsNotConvertible
            The file cannot be read as what it claims to be, or where it lies is not known.
        NotReady
            A rule needs another layer that holds nothing yet.
        ImportRefused
            Rows are not fit. The report is kept (not in a dry run), nothing else is written.
        """
        definition = self._vector_layer(request)
        name = request.path.name
        progress(f"读取 {name}", f"Reading {name}")
        try:
            candidates = self._candidates(request, definition)
        except (UnreadableFile, UnknownCrs, CrsNotConvertible) as error:
            if not request.is_dry_run:
                self.records.unreadable(definition, request.path, error, request.import_id)
            raise
        _refuse_emptying(request, candidates)
        progress(f"检查 {len(candidates.rows)} 行", f"Checking {len(candidates.rows)} rows")
        with self.store.read() as tx:
            around = surroundings_of(tx, self.catalogue, definition)
        quality = judge(candidates, definition, around)
        if not _is_acceptable(quality, request):
            raise self._refusal(definition, request, quality, candidates)
        progress(f"写入图层 {definition.id}", f"Writing layer {definition.id}")
        return self._write(definition, request, quality, candidates)

    @property
    def records(self) -> RecordImports:
        """Return where refusals are kept."""
        return RecordImports(store=self.store)

    def _candidates(self, request: ImportRequest, definition: LayerDefinition) -> Candidates:
        options = ReadOptions(
            crs=request.crs,
            encoding=request.encoding,
            source_layer=request.source_layer,
            is_repairing=request.is_repairing,
        )
        candidates = normalise(
            read_source(request.path, options),
            definition,
            datum=request.datum,
            near=expected_place(self.store, definition),
        )
        kept = repaired(candidates, definition) if request.is_repairing else candidates
        kept = fill_in(kept, definition)
        if request.delivery is not None:
            with self.store.read() as tx:
                kept = without_ours(tx, definition, kept, request.delivery)
        return kept

    def _vector_layer(self, request: ImportRequest) -> LayerDefinition:
        definition = self.catalogue.get(request.layer_id)
        if definition is None:
            raise LayerNotFound(layer=request.layer_id)
        if definition.is_raster:
            raise InvalidParameter(
                parameter="layer",
                value=request.layer_id,
                reason_zh="是栅格图层，请用 yingji raster import",
                reason_en="is a raster layer, use yingji raster import",
            )
        if request.is_lenient and request.is_replacing:
            raise InvalidParameter(
                parameter="replace",
                value=request.path.name,
                reason_zh="宽松导入不能同时替换：被拒的行会让原有要素消失",
                reason_en="a lenient import cannot replace: refused rows would end their features",
            )
        if request.valid_from is not None and request.valid_from.tzinfo is None:
            raise InvalidParameter(
                parameter="valid_from",
                value=request.valid_from,
                reason_zh="要带时区，如 +08:00",
                reason_en="must state its zone, such as +08:00",
            )
        return definition

    def _refusal(
        self,
        definition: LayerDefinition,
        request: ImportRequest,
        quality: QualityReport,
        candidates: Candidates,
    ) -> ImportRefused:
        report = ImportReport(
            quality=quality,
            written=0,
            unchanged=0,
            refused=quality.rows_read,
            closed=0,
            version=self._version(definition),
            import_id=request.import_id,
            is_accepted=False,
            is_dry_run=request.is_dry_run,
            is_lenient=request.is_lenient,
        )
        import_id = None
        if not request.is_dry_run:
            rows = list(refused_rows(candidates, quality))
            import_id = self.records.refused(definition, request.path, report, rows)
        return ImportRefused(
            layer=definition.id,
            read=quality.rows_read,
            refused=quality.rows_faulty,
            first_zh=quality.refusals[0].text("zh"),
            first_en=quality.refusals[0].text("en"),
            import_id=import_id,
            report={**report.document(), "import_id": import_id},
        )

    def _version(self, definition: LayerDefinition) -> int:
        with self.store.read() as tx:
            state = find_layer_states(tx).get(definition.id)
        return state.version if state else 0

    def _write(
        self,
        definition: LayerDefinition,
        request: ImportRequest,
        quality: QualityReport,
        candidates: Candidates,
    ) -> ImportReport:
        table = feature_table(definition, candidates.without(quality.faulty_rows))
        opened = self.store.rehearsal() if request.is_dry_run else self.store.transaction()
        with opened as tx:
            apply_layer(tx, definition)
            import_id = save_import(
                tx,
                definition.id,
                file_sha256=sha256_of(request.path),
                is_accepted=True,
                report=quality.document(),
                import_id=request.import_id,
            )
            save_refused_rows(tx, import_id, refused_rows(candidates, quality))
            options = WriteOptions(
                import_id=import_id,
                valid_from=request.valid_from,
                is_replacing=request.is_replacing,
                ending=ended_by(tx, definition, request.delivery, candidates),
            )
            if request.delivery is not None:
                save_synchronisation(tx, definition.id, request.delivery, import_id)
            summary = write_features(tx, definition, table, options)
            report = _report(quality, summary, import_id, request)
            amend_import(tx, import_id, report.document())
        return report


def _report(
    quality: QualityReport, summary: WriteSummary, import_id: int, request: ImportRequest
) -> ImportReport:
    return ImportReport(
        quality=quality,
        written=summary.written,
        unchanged=summary.unchanged,
        refused=len(quality.faulty_rows),
        closed=summary.closed,
        version=summary.version,
        import_id=None if request.is_dry_run else import_id,
        is_accepted=True,
        is_dry_run=request.is_dry_run,
        is_lenient=request.is_lenient,
    )


def _is_acceptable(quality: QualityReport, request: ImportRequest) -> bool:
    if quality.is_clean:
        return True
    has_good_rows = len(quality.faulty_rows) < quality.rows_read
    return request.is_lenient and not quality.is_faulty_as_a_whole and has_good_rows


def _refuse_emptying(request: ImportRequest, candidates: Candidates) -> None:
    if request.is_replacing and not len(candidates.rows):
        raise InvalidParameter(
            parameter="replace",
            value=request.path.name,
            reason_zh="文件里一行也没有，替换会清空整个图层",
            reason_en="the file has no rows; replacing would end the whole layer",
        )


def feature_table(definition: LayerDefinition, candidates: Candidates) -> FeatureTable:
    """Return judged rows as features, sorted by key."""
    keys = [str(key) for key in candidates.columns[definition.key or ""]]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return FeatureTable(
        layer_id=definition.id,
        keys=tuple(keys[at] for at in order),
        row_ids=np.zeros(len(keys), dtype=np.int64),
        geometry=candidates.geometry[order],
        columns={name: values[order] for name, values in candidates.columns.items()},
    )
