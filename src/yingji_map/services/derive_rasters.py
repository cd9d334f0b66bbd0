"""Declared derived rasters → kept and registered, again when what they come from has changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yingji_map.domain.derivation import Derivation
from yingji_map.domain.errors import InvalidParameter, LayerNotFound
from yingji_map.domain.layer import LayerDefinition, RasterOptions
from yingji_map.domain.layer_version import Cause
from yingji_map.domain.raster_report import GridFacts
from yingji_map.engine.derive import METHOD_VERSIONS, derive
from yingji_map.ingest.file_hash import sha256_of
from yingji_map.ingest.raster import read_raster
from yingji_map.ingest.raster_cog import write_grid
from yingji_map.store.database import Store, Transaction
from yingji_map.store.features import read_features
from yingji_map.store.imports import save_import
from yingji_map.store.layers import apply_layer, find_layer_states
from yingji_map.store.raster_files import keep_raster, raster_draft, raster_path
from yingji_map.store.rasters import NewRaster, RasterRecord, find_rasters, register_rasters

Progress = Callable[[str, str], None]
_PROVENANCE = "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedRaster:
    """What became of one derived layer: `written`, `unchanged`, or `missing` what it comes from."""

    layer_id: str
    source: str
    method: str
    outcome: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sources:
    """What a derived raster comes from right now; `provenance` is what its row will tell."""

    record: RasterRecord
    provenance: dict[str, Any]
    rivers: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveRasters:
    """Keep derived layers true to their sources."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    data_dir: Path

    def run(
        self,
        layer_id: str | None = None,
        progress: Progress = lambda _zh, _en: None,
    ) -> list[DerivedRaster]:
        """Make the derived layers, or one of them, whose source or method is another than before.

        Raises
        ------
        LayerNotFound
            No such layer.
        InvalidParameter
            The layer is not derived.
        """
        if layer_id is not None:
            self._refuse_others(layer_id)
        return [
            self._made(definition, options, derived, progress)
            for definition, options, derived in self._derived()
            if layer_id in {None, definition.id}
        ]

    def follow(self, source: str, progress: Progress) -> list[DerivedRaster]:
        """Make again what comes from a layer that has just changed."""
        return [
            self._made(definition, options, derived, progress)
            for definition, options, derived in self._derived()
            if source in {derived.from_, derived.rivers}
        ]

    def _refuse_others(self, layer_id: str) -> None:
        definition = self.catalogue.get(layer_id)
        if definition is None:
            raise LayerNotFound(layer=layer_id)
        if definition.raster is None or definition.raster.derived is None:
            zh, en = "不是推算出来的栅格图层", "is no derived raster layer"
            raise InvalidParameter(parameter="layer", value=layer_id, reason_zh=zh, reason_en=en)

    def _derived(self) -> Iterator[tuple[LayerDefinition, RasterOptions, Derivation]]:
        for definition in self.catalogue.values():
            if definition.raster is not None and definition.raster.derived is not None:
                yield definition, definition.raster, definition.raster.derived

    def _made(
        self,
        definition: LayerDefinition,
        options: RasterOptions,
        derived: Derivation,
        progress: Progress,
    ) -> DerivedRaster:
        with self.store.read() as tx:
            sources = self._sources(tx, derived)
            standing = find_rasters(tx, definition.id)
        if sources is None:
            return _outcome(definition, derived, "missing", None)
        if standing and _provenance(standing[-1]) == sources.provenance:
            return _outcome(definition, derived, "unchanged", standing[-1].sha256)
        title = definition.title
        progress(f"推算{title.zh}", f"Deriving {title.en}")
        path = raster_path(self.data_dir, sources.record.sha256)
        dem = read_raster(path, sha256=sources.record.sha256)
        with raster_draft(self.data_dir) as draft:
            values = derive(dem, derived, sources.rivers)
            facts = write_grid(dem, values, draft, options)
            sha256 = self._register(definition, sources, draft, facts)
        return _outcome(definition, derived, "written", sha256)

    def _sources(self, tx: Transaction, derived: Derivation) -> _Sources | None:
        records = find_rasters(tx, derived.from_)
        if not records:
            return None
        provenance: dict[str, Any] = {
            "from": {"layer": derived.from_, "sha256": records[-1].sha256},
            "method": derived.method.value,
            "method_version": METHOD_VERSIONS[derived.method],
            "window_m": derived.window_m,
        }
        rivers = None
        if derived.rivers is not None:
            state = find_layer_states(tx).get(derived.rivers)
            if state is None or not state.row_count:
                return None
            provenance["rivers"] = {"layer": derived.rivers, "content_hash": state.content_hash}
            rivers = read_features(tx, self.catalogue[derived.rivers], columns=[]).geometry
        return _Sources(record=records[-1], provenance=provenance, rivers=rivers)

    def _register(
        self, definition: LayerDefinition, sources: _Sources, draft: Path, facts: GridFacts
    ) -> str:
        sha256 = sha256_of(draft)
        source = sources.record
        name = f"{sources.provenance['method']}({source.layer_id} {source.sha256[:12]})"
        new = NewRaster(
            layer_id=definition.id,
            sha256=sha256,
            file_name=name,
            valid_at=None,
            bounds=facts.bounds,
            width=facts.width,
            height=facts.height,
            content_sha256=facts.content_sha256,
            description={
                "lowest": facts.lowest,
                "highest": facts.highest,
                "voids": facts.voids,
                _PROVENANCE: sources.provenance,
            },
        )
        with self.store.transaction() as tx:
            apply_layer(tx, definition)
            keep_raster(self.data_dir, draft, sha256)
            report: dict[str, object] = {
                "file": name,
                "layer": definition.id,
                "sha256": sha256,
                _PROVENANCE: sources.provenance,
                "rows_read": 1,
                "rows_written": 1,
                "rows_unchanged": 0,
                "rows_refused": 0,
            }
            import_id = save_import(
                tx, definition.id, file_sha256=source.sha256, is_accepted=True, report=report
            )
            register_rasters(tx, [new], Cause(import_id=import_id))
        return sha256


def _provenance(record: RasterRecord) -> Mapping[str, Any] | None:
    found = (record.description or {}).get(_PROVENANCE)
    return found if isinstance(found, Mapping) else None


def _outcome(
    definition: LayerDefinition, derived: Derivation, outcome: str, sha256: str | None
) -> DerivedRaster:
    return DerivedRaster(
        layer_id=definition.id,
        source=derived.from_,
        method=derived.method.value,
        outcome=outcome,
        sha256=sha256,
    )
