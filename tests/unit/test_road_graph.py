"""Roads as a graph: where they meet, how long they are, what is odd about them."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from tests.support.roads import Road, a_bent_grid, a_road_table, at

from yingji_map.domain.crs import GEOD
from yingji_map.domain.network import PROFILES, Direction, ProfileId
from yingji_map.engine.graph import RoadGraph, build_graph
from yingji_map.engine.profile_network import build_network
from yingji_map.engine.topology import report_topology

METRE = 1 / 1113  # in grid steps of latitude


def _graph(**roads: Road) -> RoadGraph:
    return build_graph(a_road_table(roads))


def _pairs(graph: RoadGraph) -> set[frozenset[tuple[float, float]]]:
    places = [tuple(place) for place in graph.node_places.round(7).tolist()]
    return {
        frozenset((places[tail], places[head]))
        for tail, head in zip(graph.tail, graph.head, strict=True)
    }


def test_roads_that_share_an_end_meet() -> None:
    graph = _graph(a=Road([(0, 0), (1, 0)]), b=Road([(1, 0), (1, 1)]))

    assert (graph.node_count, graph.edge_count) == (3, 2)


def test_a_road_that_ends_on_a_vertex_of_another_cuts_it() -> None:
    graph = _graph(a=Road([(0, 0), (1, 0), (2, 0)]), b=Road([(1, 0), (1, 1)]))

    assert _pairs(graph) == {
        frozenset((at(0, 0), at(1, 0))),
        frozenset((at(1, 0), at(2, 0))),
        frozenset((at(1, 0), at(1, 1))),
    }
    assert [graph.road_keys[row] for row in graph.feature] == ["a", "a", "b"]


def test_roads_that_cross_without_a_common_vertex_do_not_meet() -> None:
    graph = _graph(a=Road([(0, 0), (2, 2)]), b=Road([(0, 2), (2, 0)]))

    assert (graph.node_count, graph.edge_count) == (4, 2)


def test_a_bend_is_no_node_and_repeated_vertices_are_one() -> None:
    graph = _graph(a=Road([(0, 0), (1, 1), (1, 1), (2, 0)]))

    assert (graph.node_count, graph.edge_count) == (2, 1)
    line = np.array([at(0, 0), at(1, 1), at(2, 0)])
    assert graph.length_m[0] == pytest.approx(GEOD.line_length(line[:, 0], line[:, 1]))


def test_a_road_of_no_length_is_left_out() -> None:
    graph = _graph(a=Road([(0, 0), (0, 0)]), b=Road([(1, 0), (2, 0)]))

    assert graph.edge_count == 1
    assert graph.road_keys[graph.feature[0]] == "b"


def test_the_parts_of_a_road_become_edges_of_their_own() -> None:
    table = a_road_table({"a": Road([(0, 0), (1, 0)])})
    parts = shapely.MultiLineString([[at(0, 0), at(1, 0)], [at(3, 0), at(4, 0)]])

    graph = build_graph(replace(table, geometry=np.array([parts], dtype=object)))

    assert (graph.edge_count, graph.feature.tolist()) == (2, [0, 0])


def test_lengths_along_the_edges_add_up_to_the_roads() -> None:
    table = a_bent_grid(8, seed=2)

    graph = build_graph(table)

    by_road = np.bincount(graph.feature, weights=graph.length_m)
    exact = [GEOD.geometry_length(line) for line in table.geometry]
    assert by_road == pytest.approx(exact, abs=1e-6)


def test_the_reverse_graph_holds_the_same_arcs_the_other_way() -> None:
    network = build_network(build_graph(a_bent_grid(8, seed=3))).by_profile[ProfileId.CAR]

    arcs = {
        direction: {
            (int(source), int(end), int(cost), int(edge))
            for source, (end, cost), edge in zip(
                ways.arcs.source, ways.arcs.ends, ways.arcs.edge, strict=True
            )
        }
        for direction, ways in network.ways.items()
    }

    turned = {(end, source, cost, edge) for source, end, cost, edge in arcs[Direction.TO]}
    assert arcs[Direction.FROM] == turned


def test_profiles_differ_in_speed_oneways_and_width() -> None:
    graph = _graph(
        a=Road([(0, 0), (1, 0)], speed_km_h=100.0, width_m=2.0, is_oneway=True),
        b=Road([(1, 0), (2, 0)], speed_km_h=None),
        c=Road([(2, 0), (3, 0)], speed_km_h=30.0),
    )

    networks = build_network(graph).by_profile

    seconds = {p.value: networks[p].cost_ds.tolist() for p in PROFILES}
    metres = graph.length_m[0]
    assert seconds["car"] == [round(metres * 0.36), 0, round(metres * 1.2)]
    assert seconds["rescue"][0] == round(metres * 36 / 80)
    assert seconds["fire_engine"] == [0, 0, round(metres * 36 / 24)]
    assert seconds["foot"] == [round(metres * 9), 0, round(metres * 9)]
    assert len(networks[ProfileId.CAR].ways[Direction.FROM].arcs.edge) == 3
    assert len(networks[ProfileId.RESCUE].ways[Direction.FROM].arcs.edge) == 4


def test_the_report_names_separate_parts_loose_ends_and_near_misses() -> None:
    graph = _graph(
        a=Road([(0, 0), (2, 0)]),
        b=Road([(1, 10 * METRE), (1, 1)]),
        c=Road([(5, 5), (5, 6)], speed_km_h=None),
        d=Road([(0, 0), (0, 1)]),
    )

    report = report_topology(graph)

    assert [part.edges for part in report.parts] == [2, 1, 1]
    assert [end.road for end in report.loose_ends] == ["a", "b", "b", "c", "c", "d"]
    assert [(miss.road, miss.other_road) for miss in report.near_misses] == [("b", "a")]
    assert report.near_misses[0].gap_m == pytest.approx(10, abs=0.1)
    assert report.roads_without_speed == ("c",)
    assert report.length_km == pytest.approx(graph.length_m.sum() / 1000)


def test_a_network_without_oddities_has_none_to_report() -> None:
    ring = _graph(a=Road([(0, 0), (1, 0), (1, 1)]), b=Road([(1, 1), (0, 1), (0, 0)]))

    report = report_topology(ring)

    assert (len(report.parts), report.loose_ends, report.near_misses) == (1, (), ())
