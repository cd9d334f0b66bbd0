"""Why people of a settlement have no place, said for each settlement."""

from yingji_map.domain.evacuation import ShelterState, Unplaced
from yingji_map.engine.shortest_paths import UNREACHED
from yingji_map.services.gather_evacuation import Situation

_DANGEROUS = (ShelterState.IN_ZONE, ShelterState.IN_RISK_CELL)


def reason_of(situation: Situation, row: int, limit_ds: int) -> Unplaced:
    """Return why not all people of a settlement are placed.

    The nearest cause to a remedy comes first: more places, a road opened, more time, a safer
    place; only then that there is no way at all.
    """
    times, without = situation.times_ds[row], situation.open_times_ds[row]
    is_usable = situation.is_usable
    is_dangerous = [state in _DANGEROUS for state in situation.states]
    if not situation.is_near_road[row]:
        return Unplaced.OFF_NETWORK
    if (times[is_usable] <= limit_ds).any():
        return Unplaced.FULL
    if (without[is_usable] <= limit_ds).any():
        return Unplaced.CUT_OFF
    if (times[is_usable] < UNREACHED).any():
        return Unplaced.BEYOND_LIMIT
    if (times[is_dangerous] <= limit_ds).any():
        return Unplaced.IN_DANGER
    return Unplaced.CUT_OFF if (without[is_usable] < UNREACHED).any() else Unplaced.NO_ROUTE
