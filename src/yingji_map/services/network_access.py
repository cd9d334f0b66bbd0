"""Places that are asked about, put on the road network or refused with the reason."""

import numpy as np

from yingji_map.domain.errors import InvalidParameter, PlaceCutOff, PlaceOutOfReach
from yingji_map.domain.network import SNAP_LIMIT_M
from yingji_map.domain.shapes import check_position
from yingji_map.engine.closures import ALL_OPEN, ClosedRoads
from yingji_map.engine.profile_network import ProfileNetwork
from yingji_map.engine.snapping import Snaps

Place = tuple[float, float]


def on_network(
    network: ProfileNetwork, places: tuple[Place, ...], closed: ClosedRoads = ALL_OPEN
) -> Snaps:
    """Return places (longitude, latitude) on the network; some may be off it.

    Raises
    ------
    InvalidParameter
        A position is none, or the profile has no road to use.
    """
    for lon, lat in places:
        check_position(lon, lat)
    if not network.has_roads:
        raise InvalidParameter(
            parameter="profile",
            value=network.profile.id.value,
            reason_zh="路网里没有它能走的路",
            reason_en="may not use any road of the network",
        )
    pairs = np.array(places, dtype=np.float64).reshape(-1, 2)
    return network.snapper.snap(pairs, closed=closed)


def one_on_network(network: ProfileNetwork, place: Place, closed: ClosedRoads = ALL_OPEN) -> Snaps:
    """Return one place on the network.

    Raises
    ------
    InvalidParameter
        The position is none, or the profile has no road to use.
    PlaceOutOfReach
        It is too far from any road that the profile may use.
    PlaceCutOff
        All roads within the limit are closed.
    """
    snaps = on_network(network, (place,), closed)
    if snaps.edge[0] < 0 and snaps.is_moved[0]:
        raise PlaceCutOff(lon=place[0], lat=place[1], limit_m=round(SNAP_LIMIT_M))
    if snaps.edge[0] < 0:
        raise PlaceOutOfReach(
            lon=place[0],
            lat=place[1],
            distance_m=round(float(snaps.distance_m[0])),
            limit_m=round(SNAP_LIMIT_M),
        )
    return snaps
