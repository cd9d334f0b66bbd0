"""Which places stand in dangerous cells of a risk surface."""

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt

from yingji_map.domain.risk import RiskLevel, RiskSurface


def in_danger(
    surface: RiskSurface, places: npt.NDArray[np.float64], level: RiskLevel
) -> npt.NDArray[np.bool_]:
    """Return whether the cell of each place has at least a level; a cell without one has not.

    Parameters
    ----------
    places
        `(n, 2)` longitude, latitude.
    """
    cells = np.array(
        [h3.latlng_to_cell(lat, lon, surface.resolution) for lon, lat in places.tolist()],  # type: ignore[no-untyped-call]  # h3 has no types
        dtype=np.uint64,
    )
    row = np.searchsorted(surface.cells, cells).clip(max=max(len(surface) - 1, 0))
    if len(surface) == 0:
        return np.zeros(len(places), dtype=bool)
    is_known = surface.cells[row] == cells
    return np.asarray(is_known & (surface.level[row] >= level), dtype=bool)
