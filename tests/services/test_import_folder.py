"""A folder as a bureau keeps it: every file finds its layer, or the operator is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text
from tests.support.builders import a_definition
from tests.support.files import write_csv, write_geojson, write_vector, write_zip

from yingji_map.domain.errors import (
    FolderUndecided,
    InvalidParameter,
    LayerNotFound,
    UnreadableFile,
)
from yingji_map.domain.folder_import import FolderReport
from yingji_map.services.import_folder import FolderRequest, ImportFolder
from yingji_map.services.import_layer import ImportLayer, ImportRequest
from yingji_map.store.database import Store
from yingji_map.store.layers import find_layer_states

pytestmark = pytest.mark.db


def _field(name: str, zh: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", "title": {"zh": zh, "en": name}, **more}


_INSIDE = {
    "id": "inside",
    "check": {"rule": "within", "layer": "zone", "tolerance_m": 500},
    "message": {"zh": "在外", "en": "Outside"},
}
_CODE, _NAME = _field("code", "编号", required=True), _field("name", "名称")
LAYERS = [
    a_definition(id="zone", title={"zh": "区界", "en": "Zone"}, geometry="polygon", fields=[_CODE]),
    # Before `zone` in the alphabet, and checked against it.
    a_definition(
        id="camp",
        title={"zh": "避难场所", "en": "Camp"},
        aliases=["安置点"],
        fields=[_CODE, _NAME, _field("beds", "床位", required=True)],
        rules=[_INSIDE],
    ),
    a_definition(
        id="team",
        title={"zh": "救援队", "en": "Team"},
        fields=[_CODE, _NAME, _field("leader", "队长", required=True)],
    ),
    a_definition(
        id="crew",
        title={"zh": "消防队", "en": "Crew"},
        fields=[_CODE, _NAME, _field("leader", "队长", required=True)],
    ),
    a_definition(
        id="ditch",
        title={"zh": "沟", "en": "Ditch"},
        geometry="line",
        fields=[_CODE, _NAME, _field("beds", "床位", required=True)],
    ),
]
CATALOGUE = {layer.id: layer for layer in LAYERS}
ZONE = {"code": "1", "geom": shapely.box(106, 32, 107, 33)}
PLACE = shapely.Point(106.5, 32.5)
CAMP = {"编号": "C1", "名称": "一中", "床位": "20", "geom": PLACE}
TEAM = {"编号": "T1", "名称": "一队", "队长": "张", "geom": PLACE}
Take = Callable[..., FolderReport]


@pytest.fixture
def take(store: Store) -> Take:
    with store.transaction() as tx:
        for layer in CATALOGUE:
            tx.execute(text(f"DROP TABLE IF EXISTS layer.{layer}"))
        tx.execute(text("TRUNCATE core.imports, core.layers CASCADE"))
    importer = ImportFolder(import_layer=ImportLayer(store=store, catalogue=CATALOGUE))

    def run(place: Path, choices: dict[str, str] | None = None, **how: Any) -> FolderReport:
        shared = ImportRequest(path=Path(), layer_id="", **how)
        return importer.run(FolderRequest(place=place, choices=choices or {}, how=shared))

    return run


def _counts(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return {name: state.row_count for name, state in find_layer_states(tx).items()}


def _told(report: FolderReport) -> list[tuple[str, str | None, str, str]]:
    return [(o.name, o.layer_id, o.matched_by, o.state.value) for o in report.files]


def test_files_find_their_layers_by_name_title_alias_and_columns(
    take: Take, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "2025").mkdir()
    write_csv(tmp_path / "2025" / "某县安置点_2025.csv", [CAMP])
    write_geojson(tmp_path / "zone.geojson", [ZONE])
    write_csv(tmp_path / "救援队.csv", [TEAM], "gbk")
    write_csv(tmp_path / "导出表1.csv", [{**CAMP, "编号": "C2"}])  # only its columns can tell
    (tmp_path / "说明.docx").write_bytes(b"x")
    (tmp_path / "dem.tif").write_bytes(b"x")

    report = take(tmp_path)

    assert report.is_accepted
    assert _told(report) == [
        ("zone.geojson", "zone", "name", "accepted"),
        ("2025/某县安置点_2025.csv", "camp", "name", "accepted"),
        ("导出表1.csv", "camp", "columns", "accepted"),
        ("救援队.csv", "team", "name", "accepted"),
    ]
    assert _counts(store) == {"zone": 1, "camp": 2, "team": 1}
    assert [(name, en) for name, _, en in report.left_out] == [
        ("dem.tif", "a raster: use yingji raster import"),
        ("说明.docx", "no data file"),
    ]


def test_nothing_is_imported_before_every_file_is_decided(
    take: Take, store: Store, tmp_path: Path
) -> None:
    write_geojson(tmp_path / "zone.geojson", [ZONE])
    write_csv(tmp_path / "名单.csv", [TEAM])  # a team or a crew
    write_csv(tmp_path / "杂项.csv", [{"x": "1", "geom": PLACE}])

    with pytest.raises(FolderUndecided) as caught:
        take(tmp_path)

    files: Any = caught.value.fields["files"]
    assert [(f["file"], f["candidates"]) for f in files] == [
        ("名单.csv", ["team", "crew"]),
        ("杂项.csv", []),
    ]
    assert "名单.csv（像是几个图层的：team、crew）" in caught.value.text("zh")
    assert _counts(store) == {}
    report = take(tmp_path, {"名单.csv": "crew", "杂项": "-"})
    assert _counts(store) == {"zone": 1, "crew": 1}
    assert ("杂项.csv", "按要求跳过", "left out as asked") in report.left_out


def test_a_refused_file_stops_no_other_one(take: Take, store: Store, tmp_path: Path) -> None:
    write_geojson(tmp_path / "zone.geojson", [ZONE])
    write_csv(tmp_path / "camp.csv", [{**CAMP, "geom": shapely.Point(120, 20)}])
    write_csv(tmp_path / "team.csv", [TEAM])
    (tmp_path / "broken.geojson").write_text("{", encoding="utf-8")

    report = take(tmp_path)

    states = {name: state for name, _, _, state in _told(report)}
    assert states == {
        "broken.geojson": "refused",
        "zone.geojson": "accepted",
        "camp.csv": "refused",
        "team.csv": "accepted",
    }
    assert not report.is_accepted
    refused: Any = next(o.report for o in report.files if o.name == "camp.csv")
    assert (refused["rows_read"], refused["rows_refused"]) == (1, 1)
    assert refused["findings"][0]["rule"] == "inside"
    assert _counts(store) == {"zone": 1, "camp": 0, "team": 1}


def test_a_dry_run_plans_judges_and_writes_nothing(
    take: Take, store: Store, tmp_path: Path
) -> None:
    write_geojson(tmp_path / "zone.geojson", [ZONE])
    write_csv(tmp_path / "camp.csv", [CAMP])
    write_csv(tmp_path / "team.csv", [TEAM])

    report = take(tmp_path, is_dry_run=True)

    # What camps are checked against is not there yet: that file waits for the real run.
    assert [state for _, _, _, state in _told(report)] == ["accepted", "waiting", "accepted"]
    assert _counts(store) == {}


@pytest.mark.parametrize("is_in_folder", [False, True])
def test_a_zip_of_many_shapefiles_is_a_folder(
    take: Take, store: Store, tmp_path: Path, *, is_in_folder: bool
) -> None:
    made, handed_in = tmp_path / "made", tmp_path / "in"
    made.mkdir()
    handed_in.mkdir()
    write_vector(made / "区界.shp", [ZONE], encoding="GBK")
    write_vector(made / "避难场所.shp", [CAMP], encoding="GBK")
    members = {f"资料/{part.name}": part.read_bytes() for part in made.iterdir()}
    archive = write_zip(handed_in / "资料.zip", members, as_windows=True)

    report = take(handed_in if is_in_folder else archive)

    assert [(layer, state) for _, layer, _, state in _told(report)] == [
        ("zone", "accepted"),
        ("camp", "accepted"),
    ]
    assert _counts(store) == {"zone": 1, "camp": 1}


def test_every_layer_of_a_geopackage_is_a_data_set_of_its_own(
    take: Take, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "all.gpkg"
    write_vector(path, [ZONE], layer="区界")
    write_vector(path, [TEAM], layer="救援队", append=True)

    report = take(tmp_path)

    assert {(name, layer) for name, layer, _, _ in _told(report)} == {
        ("all.gpkg/区界", "zone"),
        ("all.gpkg/救援队", "team"),
    }
    assert _counts(store) == {"zone": 1, "team": 1}


def test_choices_must_fit_what_is_there(take: Take, tmp_path: Path) -> None:
    write_geojson(tmp_path / "zone.geojson", [ZONE])

    with pytest.raises(InvalidParameter, match="no such file"):
        take(tmp_path, {"nothing.csv": "zone"})
    with pytest.raises(LayerNotFound):
        take(tmp_path, {"zone.geojson": "sky"})
    with pytest.raises(UnreadableFile):
        take(tmp_path / "zone.geojson")
