"""The country between the roads: H3 cells that people walk through, joined to the roads beside them."""

from dataclasses import dataclass

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt

from yingji_map.domain.network import Direction, ProfileId
from yingji_map.engine.closures import ClosedRoads
from yingji_map.engine.graph import Floats, Ints
from yingji_map.engine.isochrone import Cells, cells_about
from yingji_map.engine.places_served import Access, prepare_access, serve
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.shortest_paths import Arcs
from yingji_map.engine.snapping import Snaps
from yingji_map.engine.spreading import Seeds, Spread, places_reached, spread_from
from yingji_map.engine.targets import exits_of
from yingji_map.engine.walking import Ground, Walks, walks_between

_CELL_WIDTH_PER_EDGE = 3**0.5  # between centres of neighbours
_BLOCK = 50_000  # walks at once; a block needs some tens of megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Cells and the walks between neighbours.

    Attributes
    ----------
    cells, centres
        `(n,)` ascending, and `(n, 2)` longitude, latitude.
    onward
        Walks from each cell; `FROM` searches in the direction of travel, `TO` against it.
    spacing_m
        Between the centres of neighbours, on average; no link to a road is longer.
    """

    resolution: int
    cells: Cells
    centres: Floats
    onward: dict[Direction, Arcs]
    spacing_m: float
    ground: Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a profile's roads can be left for the cells beside them, and joined from them.

    Attributes
    ----------
    rows
        `(m,)` cells of the country with such a link.
    snaps
        Their centres on the road.
    walks
        From the road to the centre, and back.
    """

    rows: npt.NDArray[np.int64]
    snaps: Snaps
    walks: Walks


def build_country(network: ProfileNetwork, resolution: int, ground: Ground) -> Country:
    """Return the cells about a network; those outside the elevation model join nothing."""
    cells, centres = cells_about(network.graph, resolution)
    one, other = _neighbours(cells)
    there, back = np.empty(len(one), np.int32), np.empty(len(one), np.int32)
    is_open = np.empty(len(one), dtype=bool)
    for start in range(0, len(one), _BLOCK):
        block = slice(start, start + _BLOCK)
        walks = walks_between(ground, centres[one[block]], centres[other[block]])
        there[block], back[block], is_open[block] = walks
    pairs = (one[is_open], other[is_open])
    costs = (there[is_open], back[is_open])
    edge_m = h3.average_hexagon_edge_length(resolution, unit="m")  # type: ignore[no-untyped-call]  # h3 has no types
    return Country(
        resolution=resolution,
        cells=cells,
        centres=centres,
        onward={
            Direction.FROM: _arcs(pairs, costs, len(cells)),
            Direction.TO: _arcs(pairs, costs[::-1], len(cells)),
        },
        spacing_m=float(edge_m) * _CELL_WIDTH_PER_EDGE,
        ground=ground,
    )


def link_roads(network: ProfileNetwork, country: Country) -> Links:
    """Join the cells to the roads beside them; bridges and tunnels cannot be left."""
    snaps = network.snapper.snap(country.centres)
    near = (snaps.edge >= 0) & (snaps.distance_m <= country.spacing_m)
    rows = np.flatnonzero(near & ~network.graph.is_off_ground[np.maximum(snaps.edge, 0)])
    kept = snaps.take(rows)
    walks = walks_between(country.ground, kept.on_road, kept.places)
    way = np.flatnonzero(walks.is_open)
    open_walks = Walks(walks.there_ds[way], walks.back_ds[way], walks.is_open[way])
    return Links(rows=rows[way], snaps=kept.take(way), walks=open_walks)


def prepare_links(
    network: ProfileNetwork, links: Links, direction: Direction, closed: ClosedRoads
) -> Access:
    """Prepare the links for searches in a direction; at a closed stretch no road is left."""
    shut = closed.blocks(links.snaps.edge, links.snaps.along_m, links.snaps.along_m)
    snaps = links.snaps.take(np.arange(len(links.rows)))
    snaps.edge[shut] = -1
    walks = links.walks.in_direction(direction)
    return prepare_access(network, direction, snaps, closed, walks)


def drive_walk(
    network: ProfileNetwork,
    country: Country,
    links: tuple[Links, Access],
    bases: Snaps,
    limit_ds: int,
) -> tuple[Spread, Spread]:
    """Return what the bases reach: nodes of the road, and cells of the country.

    One search over roads and cells in parts: who has left the vehicle does not drive again, so the
    roads are settled before the first cell is. Walkers may join the road again, at its junctions.
    """
    joined, access = links
    reached, found = serve(network, bases, access, limit_ds, is_straight_allowed=False)
    on = np.flatnonzero(found.base >= 0)
    by_road = Seeds(
        joined.rows[on].astype(np.int32), found.cost_ds[on].copy(), found.base[on].copy()
    )
    seeds = _joined(by_road, _on_foot(country, access.direction, bases))
    cells = spread_from(country.onward[access.direction], seeds, len(country.cells), limit_ds)
    if network.profile.id is ProfileId.FOOT:
        return _walked_on(network, country, links, (reached, cells), limit_ds)
    return reached, cells


def _walked_on(
    network: ProfileNetwork,
    country: Country,
    links: tuple[Links, Access],
    found: tuple[Spread, Spread],
    limit_ds: int,
) -> tuple[Spread, Spread]:
    """Let walkers go back to the road and leave it again until nothing gets quicker."""
    joined, access = links
    ways = network.ways[access.direction]
    arcs = ways.arcs._replace(closed=access.closed.mask)
    exits = exits_of(network, ways, access.snaps, access.closed)
    opposite = Direction.TO if access.direction is Direction.FROM else Direction.FROM
    to_node_ds = joined.walks.in_direction(opposite)[exits.place] + exits.cost_ds
    cell = joined.rows[exits.place]
    nodes, cells = found
    while True:
        left = cells.cost_ds[cell] < limit_ds
        cost = np.where(left, cells.cost_ds[cell], 0) + to_node_ds
        quicker = np.flatnonzero(left & (cost < nodes.cost_ds[exits.node]) & (cost <= limit_ds))
        if len(quicker) == 0:
            return nodes, cells
        base = cells.base[cell[quicker]]
        seeds = Seeds(exits.node[quicker], cost[quicker].astype(np.int32), base)
        more = spread_from(arcs, seeds, len(nodes.cost_ds), limit_ds)
        nodes = _least(nodes, more)
        beside = places_reached(nodes, (access.node, access.place, access.cost_ds), len(access))
        on = np.flatnonzero(beside.cost_ds <= limit_ds)
        onto = Seeds(joined.rows[on].astype(np.int32), beside.cost_ds[on], beside.base[on])
        land = country.onward[access.direction]
        cells = _least(cells, spread_from(land, onto, len(country.cells), limit_ds))


def _least(one: Spread, other: Spread) -> Spread:
    is_later = (other.cost_ds < one.cost_ds) | (
        (other.cost_ds == one.cost_ds) & (other.base >= 0) & (other.base < one.base)
    )
    return Spread(
        cost_ds=np.where(is_later, other.cost_ds, one.cost_ds),
        base=np.where(is_later, other.base, one.base),
    )


def _on_foot(country: Country, direction: Direction, bases: Snaps) -> Seeds:
    """Return the cells about each base, reached without any road."""
    row, owner = _cells_about_places(country, bases.places)
    walks = walks_between(country.ground, bases.places[owner], country.centres[row])
    kept = walks.is_open
    cost = walks.in_direction(direction)[kept]
    return Seeds(row[kept].astype(np.int32), cost, owner[kept].astype(np.int32))


def places_walked_to(
    country: Country, direction: Direction, cells: Spread, places: Floats
) -> Spread:
    """Return what places cost that are reached from the cells about them."""
    row, owner = _cells_about_places(country, places)
    walks = walks_between(country.ground, country.centres[row], places[owner])
    kept = np.flatnonzero(walks.is_open)
    entries = (
        row[kept].astype(np.int32),
        owner[kept].astype(np.int64),
        walks.in_direction(direction)[kept],
    )
    return places_reached(cells, entries, len(places))


def _cells_about_places(
    country: Country, places: Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return rows of the cells round each place, its own and their neighbours, and the place."""
    rows, owners = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for place, (lon, lat) in enumerate(places.tolist()):
        cell = h3.latlng_to_cell(lat, lon, country.resolution)  # type: ignore[no-untyped-call]  # h3 has no types
        about = np.asarray(h3.grid_disk(cell, 1), dtype=np.uint64)  # type: ignore[no-untyped-call]  # h3 has no types
        at = np.searchsorted(country.cells, about).clip(max=len(country.cells) - 1)
        known = at[country.cells[at] == about]
        rows.append(known.astype(np.int64))
        owners.append(np.full(len(known), place, dtype=np.int64))
    return np.concatenate(rows), np.concatenate(owners)


def _joined(one: Seeds, other: Seeds) -> Seeds:
    return Seeds(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))


def _neighbours(cells: Cells) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return every pair of neighbours once, by row."""
    ring = np.zeros((len(cells), 6), dtype=np.uint64)
    for row, cell in enumerate(cells.tolist()):
        found = h3.grid_ring(cell, 1)  # type: ignore[no-untyped-call]  # h3 has no types
        ring[row, : len(found)] = found  # a pentagon has five
    at = np.searchsorted(cells, ring).clip(max=max(len(cells) - 1, 0))
    one, place = np.nonzero(cells[at] == ring)
    other = at[one, place]
    once = one < other
    return one[once].astype(np.int64), other[once].astype(np.int64)


def _arcs(
    pairs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    costs: tuple[Ints, Ints],
    count: int,
) -> Arcs:
    source, target = np.concatenate(pairs), np.concatenate(pairs[::-1])
    cost = np.concatenate(costs)
    order = np.lexsort((target, source))
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(source, minlength=count), out=start[1:])
    return Arcs(
        start=start,
        ends=np.column_stack((target, cost))[order].astype(np.int32),
        edge=order.astype(np.int32),
        source=source[order].astype(np.int32),
    )
