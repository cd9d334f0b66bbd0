"""`layers/<kind>/<id>.yaml` files as the catalogue of layer definitions."""

from collections.abc import Iterator
from pathlib import Path

from yingji_map.domain.errors import InvalidDefinition
from yingji_map.domain.layer import GeometryType, LayerDefinition, LayerKind
from yingji_map.domain.layer_rule import WithinRule
from yingji_map.ingest.yaml_source import line_of, read_model

Catalogue = dict[str, LayerDefinition]
_WANTED = {
    "from": ("不分时刻、有文件的栅格图层", "a raster layer with files and without instants"),
    "rivers": ("线图层", "a layer of lines"),
}


def read_catalogue(layers_dir: Path) -> Catalogue:
    """Read every layer definition under `layers_dir`, ordered by kind, then id.

    Raises
    ------
    InvalidDefinition
        A file breaks the schema, its name or folder disagrees with its id or kind, or a rule
        names a layer that is not there.
    """
    catalogue: Catalogue = {}
    for kind in LayerKind:
        for path in sorted((layers_dir / kind.value).glob("*.yaml")):
            definition = read_definition(path)
            catalogue[definition.id] = definition
    _refuse_unknown_references(catalogue, layers_dir)
    return catalogue


def read_definition(path: Path) -> LayerDefinition:
    """Read one layer file; its name must be its id and its folder its kind."""
    definition = read_model(path, LayerDefinition)
    if (definition.id, definition.kind.value) != (path.stem, path.parent.name):
        raise InvalidDefinition(
            file=str(path),
            line=1,
            reason_zh=f"文件应放在 {definition.kind}/{definition.id}.yaml",
            reason_en=f"the file belongs at {definition.kind}/{definition.id}.yaml",
        )
    return definition


def find_faults(layers_dir: Path) -> tuple[list[Path], list[InvalidDefinition]]:
    """Read every layer file and collect what is wrong, instead of stopping at the first fault.

    Returns
    -------
    tuple
        The files looked at, and their faults in file order.
    """
    looked_at: list[Path] = []
    faults: list[InvalidDefinition] = []
    catalogue: Catalogue = {}
    for kind in LayerKind:
        for path in sorted((layers_dir / kind.value).glob("*.yaml")):
            looked_at.append(path)
            try:
                definition = read_definition(path)
            except InvalidDefinition as fault:
                faults.append(fault)
            else:
                catalogue[definition.id] = definition
    ids = {path.stem for path in looked_at}  # a broken file is still the layer that others name
    return looked_at, [*faults, *_unknown_references(catalogue, ids, layers_dir)]


def _refuse_unknown_references(catalogue: Catalogue, layers_dir: Path) -> None:
    for fault in _unknown_references(catalogue, set(catalogue), layers_dir):
        raise fault


def _unknown_references(
    catalogue: Catalogue, ids: set[str], layers_dir: Path
) -> Iterator[InvalidDefinition]:
    for definition in catalogue.values():
        yield from _unfit_derivation(definition, catalogue, ids, layers_dir)
        for at, row_check in enumerate(definition.rules):
            rule = row_check.check
            if isinstance(rule, WithinRule) and rule.layer not in ids:
                path = layers_dir / definition.kind / f"{definition.id}.yaml"
                yield InvalidDefinition(
                    file=str(path),
                    line=line_of(path, ("rules", at, "check", "layer")),
                    reason_zh=f"规则 {row_check.id} 指向不存在的图层 {rule.layer}",
                    reason_en=f"rule {row_check.id} names the unknown layer {rule.layer}",
                )


def _unfit_derivation(
    definition: LayerDefinition, catalogue: Catalogue, ids: set[str], layers_dir: Path
) -> Iterator[InvalidDefinition]:
    derived = definition.raster.derived if definition.raster else None
    if derived is None:
        return
    path = layers_dir / definition.kind / f"{definition.id}.yaml"
    source, rivers = catalogue.get(derived.from_), catalogue.get(derived.rivers or "")
    faults = {"from": derived.from_ not in ids, "rivers": derived.rivers not in {None, *ids}}
    if source is not None:
        faults["from"] |= source.raster is None or source.raster.derived is not None
        faults["from"] |= source.raster is not None and source.raster.temporal
    if rivers is not None:
        faults["rivers"] |= rivers.geometry is not GeometryType.LINE
    for key, is_fault in faults.items():
        if is_fault:
            name = derived.from_ if key == "from" else derived.rivers
            wanted_zh, wanted_en = _WANTED[key]
            yield InvalidDefinition(
                file=str(path),
                line=line_of(path, ("raster", "derived", key)),
                reason_zh=f"derived.{key} 应是{wanted_zh}，{name} 不是",
                reason_en=f"derived.{key} must be {wanted_en}, {name} is not",
            )
