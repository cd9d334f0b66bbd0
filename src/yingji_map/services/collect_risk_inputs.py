"""What a risk run reads: collected from the store now, or once more exactly as an old run did."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import shapely

from yingji_map.domain.assumption import Assumption
from yingji_map.domain.errors import InvalidParameter, NotReady, RunInputsChanged
from yingji_map.domain.features import FeatureTable, content_hashes
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.raster import Raster
from yingji_map.domain.run import (
    LayerInput,
    ModelInput,
    RasterInput,
    RunInputs,
    RunKind,
    identify_run,
)
from yingji_map.engine.assess import METHOD_VERSION, model_sources
from yingji_map.engine.assume import assume, nothing_on
from yingji_map.engine.grid import build_grid
from yingji_map.engine.world import DEM, World, WorldInputs, build_world, with_rain
from yingji_map.ingest.models import ModelSet
from yingji_map.ingest.raster import read_raster
from yingji_map.services.fields_read import COUNTY, fields_read, label_field
from yingji_map.services.single_flight import SingleFlightCache
from yingji_map.store.database import Transaction
from yingji_map.store.features import read_features
from yingji_map.store.layers import LayerState, find_layer_states, statement_time
from yingji_map.store.raster_files import raster_path
from yingji_map.store.rasters import RasterRecord, find_rasters

_DAY = timedelta(days=1)
# A 24-hour sum says little about an instant hours later; older than this is no data.
_MAX_RAIN_AGE = timedelta(hours=6)
_DAY_TOLERANCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The inputs of a run and the rows behind them; `rain_at` is None in a static run."""

    inputs: RunInputs
    tables: Mapping[str, FeatureTable]
    rain_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """The models of a run and the world they are computed on, dear to make and worth keeping.

    `background_id` is the same for runs that differ by their rain only.
    """

    models: ModelSet
    world: World
    background_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectRiskInputs:
    """Read layers and rasters so that the very same can be read again."""

    catalogue: dict[str, LayerDefinition]
    data_dir: Path
    backgrounds: SingleFlightCache[str, World]

    def now(self, tx: Transaction, models: ModelSet, at: datetime | None) -> Collected:
        """Collect what is stored now; with `at`, the rain of that instant too.

        Raises
        ------
        NotReady
            There is no county, or no rain at that instant.
        """
        states = find_layer_states(tx)
        moments = [statement_time(tx), *(state.updated_at for state in states.values())]
        layers_at = max(moments)
        tables, layers = {}, []
        for layer_id, columns in fields_read(models, self.catalogue).items():
            state = states.get(layer_id)
            if state is None or state.version == 0:
                continue
            table = self._read(tx, layer_id, columns, (layers_at, state.updated_at))
            tables[layer_id] = table
            layers.append(_layer_input(state, table, columns))
        if not len(tables.get(COUNTY, ())):
            fix = "yingji layer import county <文件>"
            raise NotReady(what_zh="县界", what_en="county boundary", fix=fix)
        rain = self._rain(tx, models, at) if at is not None else []
        inputs = RunInputs(
            method_version=METHOD_VERSION,
            layers_at=layers_at,
            models=tuple(
                ModelInput(model_id=name, text=text) for name, text in sorted(models.texts.items())
            ),
            layers=tuple(layers),
            rasters=(*self._background(tx, models), *rain),
        )
        return Collected(inputs=inputs, tables=tables, rain_at=rain[0].valid_at if rain else None)

    def again(self, tx: Transaction, run_id: str, inputs: RunInputs, models: ModelSet) -> Collected:
        """Collect what an old run read.

        Raises
        ------
        RunInputsChanged
            The store does not hold it any more as it was.
        """
        wanted = fields_read(models, self.catalogue)
        tables = {}
        for layer in inputs.layers:
            columns = wanted.get(layer.layer_id)
            if columns is None:
                raise RunInputsChanged(run=run_id, input=layer.layer_id)
            table = self._read(tx, layer.layer_id, columns, (inputs.layers_at, layer.known_at))
            if _content_hash(table, columns) != layer.content_hash:
                raise RunInputsChanged(run=run_id, input=layer.layer_id)
            tables[layer.layer_id] = table
        rain = [r.valid_at for r in inputs.rasters if r.valid_at is not None]
        return Collected(inputs=inputs, tables=tables, rain_at=max(rain) if rain else None)

    def prepare(self, collected: Collected, models: ModelSet, resolution: int) -> PreparedRun:
        """Prepare the cells, layers, rasters and terrain of collected inputs."""
        lasting = tuple(r for r in collected.inputs.rasters if r.valid_at is None)
        assumed = collected.inputs.assumptions
        lasting_assumed = tuple(a for a in assumed if a.layer_id != models.rain_layer)
        content = identify_run(
            replace(collected.inputs, rasters=lasting, assumptions=lasting_assumed),
            kind=RunKind.STATIC,
            resolution=resolution,
            valid_at=None,
        )
        # Rows may be written again with equal content; an explanation names the rows of its run.
        rows = hashlib.sha256()
        for table in collected.tables.values():
            rows.update(table.row_ids.tobytes())
        background_id = f"{content}-{rows.hexdigest()[:16]}"

        def background() -> World:
            county = shapely.union_all(collected.tables[COUNTY].geometry)
            rasters = {record.layer_id: self._raster(record) for record in lasting}
            for assumption in lasting_assumed:
                rasters[assumption.layer_id] = assume(rasters[assumption.layer_id], assumption)
            inputs = WorldInputs(layers=collected.tables, rasters=rasters)
            sources = [source for model in models.hazards for source in model_sources(model)]
            grid = build_grid(county, resolution)
            return build_world(grid, inputs, sources, models.gully_rules)

        world = self.backgrounds.get(background_id, background)
        rain = self._rain_days(collected, models)
        for assumption in assumed:
            if assumption.layer_id == models.rain_layer:
                rain = _assumed_rain(rain, assumption, world)
        rainy = with_rain(world, rain)
        return PreparedRun(models=models, world=rainy, background_id=background_id)

    def newest_rain_at(self, tx: Transaction, models: ModelSet) -> datetime:
        """Return the newest instant with rain.

        Raises
        ------
        NotReady
            There is none.
        """
        found = self.rain_instants(tx, models)
        if not found:
            raise _no_rain(models, "")
        return found[-1]

    def rain_instants(self, tx: Transaction, models: ModelSet) -> list[datetime]:
        """Return every instant with rain, oldest first."""
        found = find_rasters(tx, models.rain_layer or "")
        return sorted(record.valid_at for record in found if record.valid_at)

    def _read(
        self,
        tx: Transaction,
        layer_id: str,
        columns: Iterable[str],
        times: tuple[datetime, datetime],
    ) -> FeatureTable:
        definition = self.catalogue[layer_id]
        names = [*columns, *label_field(definition)]
        at, known_at = times
        return read_features(
            tx, definition, columns=list(dict.fromkeys(names)), at=at, known_at=known_at
        )

    def _background(self, tx: Transaction, models: ModelSet) -> list[RasterInput]:
        names = {DEM} | {s.raster for m in models.hazards for s in model_sources(m) if s.raster}
        found: list[RasterInput] = []
        for name in sorted(names & set(self.catalogue)):
            in_force = [record for record in find_rasters(tx, name) if record.valid_at is None]
            found += [_raster_input(record) for record in in_force[-1:]]
        return found

    def _rain(self, tx: Transaction, models: ModelSet, at: datetime) -> list[RasterInput]:
        series = [r for r in find_rasters(tx, models.rain_layer or "") if r.valid_at is not None]
        fresh = [r for r in series if _is_between(r.valid_at, at - _MAX_RAIN_AGE, at)]
        if not fresh or fresh[-1].valid_at is None:
            raise _no_rain(models, f" {at.isoformat()}")
        newest = fresh[-1].valid_at
        found = [_raster_input(fresh[-1])]
        for day in range(1, models.antecedent_days + 1):
            earlier = newest - day * _DAY
            window = (earlier - _DAY_TOLERANCE, earlier + _DAY_TOLERANCE)
            found += [_raster_input(r) for r in series if _is_between(r.valid_at, *window)][:1]
        return found

    def _rain_days(self, collected: Collected, models: ModelSet) -> tuple[Raster | None, ...]:
        if collected.rain_at is None:
            return ()
        days: list[Raster | None] = [None] * (models.antecedent_days + 1)
        for record in collected.inputs.rasters:
            if record.valid_at is not None:
                days[round((collected.rain_at - record.valid_at) / _DAY)] = self._raster(record)
        return tuple(days)

    def _raster(self, record: RasterInput) -> Raster:
        return read_raster(raster_path(self.data_dir, record.sha256), sha256=record.sha256)


def _assumed_rain(
    days: tuple[Raster | None, ...], assumption: Assumption, world: World
) -> tuple[Raster | None, ...]:
    """Assume rain of the last 24 hours; where none is known it is dry elsewhere."""
    today = days[0] if days else None
    if today is None:
        if world.dem is None:
            raise NotReady(
                what_zh="高程", what_en="elevation", fix="yingji raster import dem <文件>"
            )
        today = nothing_on(world.dem)
    return (assume(today, assumption), *days[1:])


def check_instant(at: datetime) -> None:
    """Refuse an instant without a zone.

    Raises
    ------
    InvalidParameter
        It has none.
    """
    if at.tzinfo is None:
        zh, en = "要带时区，如 +08:00", "must state its zone, such as +08:00"
        raise InvalidParameter(parameter="at", value=at.isoformat(), reason_zh=zh, reason_en=en)


def _layer_input(state: LayerState, table: FeatureTable, columns: tuple[str, ...]) -> LayerInput:
    return LayerInput(
        layer_id=state.layer_id,
        version=state.version,
        known_at=state.updated_at,
        content_hash=_content_hash(table, columns),
        row_count=len(table),
    )


def _content_hash(table: FeatureTable, columns: tuple[str, ...]) -> str:
    used = replace(table, columns={name: table.columns[name] for name in columns})
    digest = hashlib.sha256()
    for key, content in zip(table.keys, content_hashes(used), strict=True):
        digest.update(f"{key}\0{content}\n".encode())
    return digest.hexdigest()[:32]


def _raster_input(record: RasterRecord) -> RasterInput:
    return RasterInput(layer_id=record.layer_id, sha256=record.sha256, valid_at=record.valid_at)


def _is_between(moment: datetime | None, first: datetime, last: datetime) -> bool:
    return moment is not None and first <= moment <= last


def _no_rain(models: ModelSet, when: str) -> NotReady:
    return NotReady(
        what_zh=f"{when} 的雨量（{models.rain_layer}）".strip(),
        what_en=f"rain ({models.rain_layer}) at{when}" if when else f"rain ({models.rain_layer})",
        fix=f"yingji raster import {models.rain_layer} <文件> --valid-at <时刻>",
    )
