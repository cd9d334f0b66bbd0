"""Another bureau's collection → features of our layer, brought up to date, ours left alone."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.errors import InvalidParameter, NotReady, SourceUnusable
from yingji_map.domain.federation import Delivery, FederatedSource, Synchronisation
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import ImportReport
from yingji_map.domain.shapes import geodesic_buffer
from yingji_map.ingest.ogc_collection import Wanted, fetch_collection
from yingji_map.services.import_layer import ImportLayer, ImportRequest, Progress
from yingji_map.services.layer_moment import vector_layer
from yingji_map.store.database import Store
from yingji_map.store.features import read_features
from yingji_map.store.synchronisations import (
    find_last_synchronisation,
    find_synchronisations,
    keys_of_source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRequest:
    """Which layer, from which of its sources (None: all), and how.

    Attributes
    ----------
    is_whole
        Read everything, even where the source can tell what changed.
    """

    layer_id: str
    source_id: str | None = None
    is_whole: bool = False
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What one source brought; `report` is None when nothing had changed there."""

    source: FederatedSource
    delivery: Delivery
    report: ImportReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchroniseLayer:
    """Read the declared sources of a layer and import what they hand over, each for itself."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    import_layer: ImportLayer

    def run(
        self, request: SyncRequest, progress: Progress = lambda _zh, _en: None
    ) -> list[SyncResult]:
        """Bring a layer up to date; rows of theirs that are not fit are refused one by one.

        Raises
        ------
        LayerNotFound, InvalidParameter
            No such vector layer, or no such source of it.
        NotReady
            The layer along whose border the strip is taken holds nothing.
        SourceUnusable
            A source gives no usable answer, or suddenly holds nothing at all.
        ImportRefused
            None of its rows is fit.
        """
        definition = vector_layer(self.catalogue, request.layer_id)
        return [
            self._synchronise(definition, source, request, progress)
            for source in _chosen(definition, request.source_id)
        ]

    def list(self, layer_id: str | None = None, limit: int = 100) -> list[Synchronisation]:
        """Return what was synchronised, newest first."""
        with self.store.read() as tx:
            return find_synchronisations(tx, layer_id, limit)

    def _synchronise(
        self,
        definition: LayerDefinition,
        source: FederatedSource,
        request: SyncRequest,
        progress: Progress,
    ) -> SyncResult:
        since = None if request.is_whole else self._version_of(definition, source)
        wanted = Wanted(source=source, area=self._area(source))
        with tempfile.TemporaryDirectory(prefix="yingji-sync-") as folder:
            path = Path(folder) / f"{source.id}.geojson"
            counts: list[int] = []

            def count(features: int) -> None:
                counts.append(features)
                progress(
                    f"从 {source.title.zh} 读到 {features} 个要素",
                    f"{features} features read from {source.title.en}",
                )

            delivery = fetch_collection(wanted, since, path, count)
            fetched = counts[-1]
            if not delivery.is_whole and not fetched and not delivery.ended:
                return SyncResult(source=source, delivery=delivery, report=None)
            self._refuse_emptying(definition, delivery, fetched)
            report = self.import_layer.run(
                ImportRequest(
                    path=path,
                    layer_id=definition.id,
                    is_lenient=True,
                    is_dry_run=request.is_dry_run,
                    delivery=delivery,
                ),
                progress,
            )
        return SyncResult(source=source, delivery=delivery, report=report)

    def _version_of(self, definition: LayerDefinition, source: FederatedSource) -> int | None:
        """Return their version we hold; None when the address changed since, it may be another."""
        with self.store.read() as tx:
            last = find_last_synchronisation(tx, definition.id, source.id)
        is_same = last is not None and last.collection == source.collection
        return last.source_version if last is not None and is_same else None

    def _area(self, source: FederatedSource) -> BaseGeometry | None:
        if source.near is None:
            return None
        other = vector_layer(self.catalogue, source.near.layer)
        with self.store.read() as tx:
            shapes = read_features(tx, other, columns=()).geometry
        if not len(shapes):
            raise NotReady(
                what_zh=f"图层“{other.title.zh}”的数据（按它的边界取对方的数据）",
                what_en=f"data of layer “{other.title.en}”, along which the strip is taken",
                fix=f"yingji layer import {other.id} FILE",
            )
        return geodesic_buffer(shapely.union_all(shapes), source.near.within_m)

    def _refuse_emptying(
        self, definition: LayerDefinition, delivery: Delivery, fetched: int
    ) -> None:
        if fetched or not delivery.is_whole:
            return
        with self.store.read() as tx:
            held = len(keys_of_source(tx, definition, delivery.source.id))
        if held:
            raise SourceUnusable(
                source=delivery.source.id,
                address=delivery.source.collection,
                reason_zh=f"对方一个要素也没有给，本地的 {held} 个会全部终止",
                reason_en=f"it holds nothing now, which would end all {held} features here",
            )


def _chosen(definition: LayerDefinition, source_id: str | None) -> list[FederatedSource]:
    chosen = [s for s in definition.federation if source_id in {None, s.id}]
    if not chosen:
        known = "、".join(source.id for source in definition.federation) or "—"
        raise InvalidParameter(
            parameter="source",
            value=source_id or definition.id,
            reason_zh=f"图层 {definition.id} 没有声明这个来源（有：{known}）",
            reason_en=f"layer {definition.id} declares no such source (it has: {known})",
        )
    return chosen
