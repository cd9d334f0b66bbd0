"""`layers/risk/*.yaml` files as risk models, each with the text it was made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yingji_map.domain.errors import InvalidDefinition
from yingji_map.domain.layer import GeometryType, LayerDefinition
from yingji_map.domain.risk_factor import Factor, Measure, Statistic
from yingji_map.domain.risk_model import CompositeModel, RiskModel
from yingji_map.domain.risk_numbers import GullyRules
from yingji_map.ingest.yaml_source import read_model, read_model_text

FOLDER = "risk"
_COMPOSITE = "composite"
_GEOMETRIES = {
    Statistic.LINE_DENSITY: GeometryType.LINE,
    Statistic.CLASS_MEAN: GeometryType.POLYGON,
    Statistic.AREA_SHARE: GeometryType.POLYGON,
    Statistic.PEOPLE_DENSITY: GeometryType.POINT,
    Statistic.NEAREST_VALUE: GeometryType.POINT,
    Statistic.COUNT_WITHIN: GeometryType.POINT,
    Statistic.FELT_INTENSITY: GeometryType.POINT,
    Statistic.KERNEL_DENSITY: GeometryType.POINT,
    Statistic.AT_CENTRE: GeometryType.POLYGON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSet:
    """All models of a county and their texts by id; `composite` is None when there is no such file."""

    hazards: tuple[RiskModel, ...]
    composite: CompositeModel | None
    texts: dict[str, str]

    @property
    def rain_layer(self) -> str | None:
        """Return the raster layer that triggers all models."""
        return next((m.rain.raster for m in self.hazards if m.rain), None)

    @property
    def gully_rules(self) -> GullyRules | None:
        """Return what the first model with gullies takes for one."""
        return next(
            (m.blocks.hazard.gullies for m in self.hazards if m.blocks.hazard.gullies), None
        )

    @property
    def antecedent_days(self) -> int:
        """Return how many days before the instant some model looks back."""
        found = [model.rain.antecedent for model in self.hazards if model.rain]
        return max((antecedent.days for antecedent in found if antecedent), default=0)


def read_models(layers_dir: Path, catalogue: Mapping[str, LayerDefinition]) -> ModelSet:
    """Read every risk model under `layers_dir/risk`, ordered by id.

    A factor may name a layer that the catalogue lacks: it then has no data. One that is there must
    have the fields and the geometry that the factor needs.

    Raises
    ------
    InvalidDefinition
        A file breaks the schema, its judgements are inconsistent, its name is not its id, a factor
        does not fit its layer, or the composite names a hazard without a model.
    """
    paths = sorted((layers_dir / FOLDER).glob("*.yaml"))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in paths}
    hazards = tuple(read_model(path, RiskModel) for path in paths if path.stem != _COMPOSITE)
    joined = [read_model(path, CompositeModel) for path in paths if path.stem == _COMPOSITE]
    composite = joined[0] if joined else None
    folder = layers_dir / FOLDER
    for path, model in zip((p for p in paths if p.stem != _COMPOSITE), hazards, strict=True):
        if model.id != path.stem:
            zh, en = f"文件应名为 {model.id}.yaml", f"the file must be named {model.id}.yaml"
            raise InvalidDefinition(file=str(path), line=1, reason_zh=zh, reason_en=en)
        _refuse_misfits(path, model, catalogue)
        first = next((m.rain.raster for m in hazards if m.rain), None)
        if model.rain is not None and model.rain.raster != first:
            line = _line_with(path, f"raster: {model.rain.raster}")
            zh = f"所有模型的触发雨量应是同一图层（{first}）"
            en = f"all models must be triggered by rain of one layer ({first})"
            raise InvalidDefinition(file=str(path), line=line, reason_zh=zh, reason_en=en)
    _refuse_strangers(composite, hazards, folder)
    return ModelSet(hazards=hazards, composite=composite, texts=texts)


def find_model_faults(
    layers_dir: Path, catalogue: Mapping[str, LayerDefinition]
) -> tuple[list[Path], list[InvalidDefinition]]:
    """Read every risk model and collect what is wrong, one fault a file.

    Returns
    -------
    tuple
        The files looked at, and their faults in file order; a fault between files only when each
        is sound by itself.
    """
    paths = sorted((layers_dir / FOLDER).glob("*.yaml"))
    faults: list[InvalidDefinition] = []
    for path in paths:
        try:
            if path.stem == _COMPOSITE:
                read_model(path, CompositeModel)
            else:
                _refuse_misfits(path, read_model(path, RiskModel), catalogue)
        except InvalidDefinition as fault:
            faults.append(fault)
    if not faults:
        try:
            read_models(layers_dir, catalogue)
        except InvalidDefinition as fault:
            faults.append(fault)
    return paths, faults


def parse_models(texts: dict[str, str]) -> ModelSet:
    """Return the models of texts that an older run kept."""
    hazards = tuple(
        read_model_text(text, f"{name}.yaml", RiskModel)
        for name, text in sorted(texts.items())
        if name != _COMPOSITE
    )
    composite = (
        read_model_text(texts[_COMPOSITE], "composite.yaml", CompositeModel)
        if _COMPOSITE in texts
        else None
    )
    return ModelSet(hazards=hazards, composite=composite, texts=texts)


def _refuse_strangers(
    composite: CompositeModel | None, hazards: tuple[RiskModel, ...], folder: Path
) -> None:
    strangers = set(composite.members if composite else ()) - {model.id for model in hazards}
    if strangers:
        names = ", ".join(sorted(strangers))
        raise InvalidDefinition(
            file=str(folder / "composite.yaml"),
            line=1,
            reason_zh=f"没有这些灾种的模型：{names}",
            reason_en=f"there is no model of {names}",
        )


def _refuse_misfits(path: Path, model: RiskModel, catalogue: Mapping[str, LayerDefinition]) -> None:
    measures: list[tuple[str, Measure]] = [(factor.id, factor) for factor in model.all_factors]
    measures += [("applicable", condition) for condition in model.applicable.conditions]
    for name, measure in measures:
        definition = catalogue.get(measure.source.layer or "")
        if definition is None:
            continue
        unknown = [field for field in measure.fields if definition.field(field) is None]
        needed = _GEOMETRIES.get(measure.statistic)
        if unknown:
            zh = f"因子 {name}：图层 {definition.id} 没有字段 {', '.join(unknown)}"
            en = f"factor {name}: layer {definition.id} has no field {', '.join(unknown)}"
        elif needed is not None and definition.geometry is not needed:
            zh = f"因子 {name}：{measure.statistic} 需要 {needed} 图层，{definition.id} 不是"
            en = (
                f"factor {name}: {measure.statistic} needs a {needed} layer, {definition.id} is not"
            )
        else:
            continue
        line = _line_with(path, f"id: {name}") if isinstance(measure, Factor) else 1
        raise InvalidDefinition(file=str(path), line=line, reason_zh=zh, reason_en=en)


def _line_with(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)
