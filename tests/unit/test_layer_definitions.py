"""Layer files: what is refused, with which file and line."""

import shutil
from pathlib import Path

import pytest

from yingji_map.domain.errors import InvalidDefinition
from yingji_map.domain.layer import GeometryType, LayerKind
from yingji_map.ingest.definitions import find_faults, read_catalogue, read_definition

ROOT = Path(__file__).parents[2]
GOOD = """\
id: well
kind: exposure
title: {zh: 水井, en: Well}
description: {zh: 取水点, en: Wells}
geometry: point
key: code
fields:
  - {name: code, type: text, title: {zh: 编号, en: Code}, required: true}
  - {name: depth_m, type: number, title: {zh: 井深, en: Depth}, unit: m}
source: {title: 普查, publisher: 水利局}
licence: internal
tiles: {label: code}
"""


def _write(folder: Path, text: str, name: str = "well") -> Path:
    path = folder / "exposure" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _refusal(folder: Path, text: str) -> InvalidDefinition:
    with pytest.raises(InvalidDefinition) as caught:
        read_definition(_write(folder, text))
    return caught.value


def test_the_shipped_catalogue_holds_the_layers_of_the_first_plan() -> None:
    catalogue = read_catalogue(ROOT / "layers")

    planned = {
        *("county", "township", "geohazard_point", "reservoir", "tailings_pond", "settlement"),
        *("shelter", "rescue_team", "supply_depot", "road", "river", "dem", "rainfall_24h"),
    }
    assert planned <= catalogue.keys()


def test_a_good_definition_is_read(tmp_path: Path) -> None:
    definition = read_definition(_write(tmp_path, GOOD))

    assert (definition.kind, definition.geometry) == (LayerKind.EXPOSURE, GeometryType.POINT)


def test_an_unknown_key_is_refused_with_its_line(tmp_path: Path) -> None:
    error = _refusal(tmp_path, GOOD.replace("unit: m}", "unit: m, colour: red}"))

    assert error.fields["line"] == 9
    assert "fields.1.colour" in error.text("en")
    assert "不认识的键" in error.text("zh")


def test_a_key_written_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    error = _refusal(tmp_path, GOOD + "licence: other\n")

    assert error.fields["line"] == 13
    assert "licence" in error.text("zh")


def test_broken_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    error = _refusal(tmp_path, GOOD.replace("{zh: 水井, en: Well}", "{zh: 水井, en: Well"))

    assert isinstance(error.fields["line"], int)
    assert "YAML" in error.text("zh")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("key: code", "key: id", "key `id`"),
        ("label: code", "label: depth", "`depth` is not a field"),
        ("name: depth_m", "name: geom", "reserved"),
        ("name: depth_m", "name: code", "declared twice"),
        ("kind: exposure", "kind: raster", "belong together"),
        ("geometry: point\n", "", "needs `geometry`"),
        ("type: number", "type: decimal", "fields.1.type"),
        ("licence: internal\n", "", "licence"),
    ],
)
def test_an_incoherent_definition_says_what_does_not_fit(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    error = _refusal(tmp_path, GOOD.replace(old, new))

    assert named in error.text("en")


def test_a_private_field_cannot_stand_in_tiles(tmp_path: Path) -> None:
    text = GOOD.replace("unit: m}", "unit: m, private: true}")

    error = _refusal(tmp_path, text.replace("label: code", "label: code, fields: [depth_m]"))

    assert "private field `depth_m`" in error.text("en")


def test_what_picks_a_symbol_must_be_in_the_tiles(tmp_path: Path) -> None:
    symbol = "{shape: circle, character: 井, character_field: depth_m}"

    error = _refusal(tmp_path, GOOD + f"style: {{group: base, symbol: {symbol}}}\n")

    assert "needs `depth_m` in tiles.fields" in error.text("en")


def test_a_file_in_the_wrong_folder_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD, name="spring")

    with pytest.raises(InvalidDefinition) as caught:
        read_definition(path)

    assert "exposure/well.yaml" in caught.value.text("zh")


def test_a_rule_that_names_an_unknown_layer_is_refused(tmp_path: Path) -> None:
    rule = "rules:\n  - {id: inside, check: {rule: within, layer: moon}, message: {zh: 出界, en: out}}\n"
    _write(tmp_path, GOOD + rule)

    with pytest.raises(InvalidDefinition) as caught:
        read_catalogue(tmp_path)

    assert "moon" in caught.value.text("en")


def test_every_faulty_file_is_found_with_its_line(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    _write(tmp_path, GOOD.replace("kind: exposure", "kind: exposur"), name="lake")
    rule = (
        "rules:\n"
        "  - id: inside\n"
        "    check: {rule: within, layer: nowhere}\n"
        "    message: {zh: 在外, en: Outside}\n"
    )
    _write(tmp_path, GOOD.replace("id: well", "id: pond") + rule, name="pond")

    files, faults = find_faults(tmp_path)

    assert [path.stem for path in files] == ["lake", "pond", "well"]
    found = [(Path(str(f.fields["file"])).stem, f.fields["line"]) for f in faults]
    assert found == [("lake", 2), ("pond", len(GOOD.splitlines()) + 3)]


def test_a_sound_catalogue_has_no_faults() -> None:
    assert find_faults(ROOT / "layers")[1] == []


def test_a_derived_raster_needs_what_it_comes_from(tmp_path: Path) -> None:
    layers = tmp_path / "layers"
    shutil.copytree(ROOT / "layers", layers)
    slope = layers / "raster" / "slope.yaml"
    good = slope.read_text(encoding="utf-8")

    for wrong, reason in [
        ("from: nothing", "derived.from"),
        ("from: rainfall_24h", "derived.from"),
        ("from: aspect", "derived.from"),
        ("rivers: river, from: dem", "rivers"),
    ]:
        slope.write_text(good.replace("from: dem", wrong), encoding="utf-8")
        with pytest.raises(InvalidDefinition, match=reason):
            read_catalogue(layers)
