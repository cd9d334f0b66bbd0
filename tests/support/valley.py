"""A valley with villages and shelters that tests plan with."""

from collections.abc import Sequence

from tests.support.roads import Road, a_place_table, a_road_table, complete
from yingji_map.bootstrap import Application
from yingji_map.store.features import write_features

# A valley: villages V1 to V4 along the main road, shelters at its end, behind the bridge, in the
# danger zone, and one that is shut. V5 lies on an island of road of its own, V6 nowhere near one.
ROADS = {
    "main": Road([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (10, 0)]),
    "bridge": Road([(2, 0), (2, 3)]),
    "island": Road([(20, 20), (22, 20)]),
}
VILLAGES = {
    "V1": (0, 0),
    "V2": (1, 0),
    "V3": (3, 0),
    "V4": (2, 3),
    "V5": (21, 20),
    "V6": (40, 40),
}
PEOPLE = [100, 60, 40, 30, 20, 10]
SHELTERS = {"S1": (10, 0), "S2": (2, 2.5), "S3": (1, 0), "S4": (4, 0)}


def fill_valley(application: Application, **shelter_fields: Sequence[object]) -> None:
    """Write the valley's layers into an empty store."""
    application.apply_layers.run()
    fields: dict[str, Sequence[object]] = {
        "capacity_persons": [120, 50, 500, 500],
        "is_open": [True, True, True, False],
        "is_standardised": [True, False, True, True],
    }
    tables = {
        "road": a_road_table(ROADS),
        "settlement": a_place_table(VILLAGES, population_persons=PEOPLE),
        "shelter": a_place_table(SHELTERS, **{**fields, **shelter_fields}),
    }
    for layer, table in tables.items():
        definition = application.catalogue[layer]
        with application.store.transaction() as tx:
            write_features(tx, definition, complete(table, definition))
