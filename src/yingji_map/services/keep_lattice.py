"""The cells about the road network, put on it once and prepared for each set of closures."""

from yingji_map.domain.network import Direction
from yingji_map.engine.isochrone import Lattice, build_lattice
from yingji_map.engine.places_served import Access, prepare_access
from yingji_map.services.gather_bases import Gathered
from yingji_map.services.single_flight import SingleFlightCache

_LATTICES_KEPT, _ACCESSES_KEPT = 6, 12


class KeepLattice:
    """Hands out cells; a few hundred thousand of them are put on the road in a second or two."""

    def __init__(self) -> None:
        self._lattices: SingleFlightCache[object, Lattice] = SingleFlightCache(_LATTICES_KEPT)
        self._accesses: SingleFlightCache[object, Access] = SingleFlightCache(_ACCESSES_KEPT)

    def access(
        self, gathered: Gathered, resolution: int, direction: Direction
    ) -> tuple[Lattice, Access]:
        """Return the cells of a network and how they are reached under its closures."""
        network, applied, kept = gathered.network, gathered.applied, gathered.kept
        key = (kept.version, kept.good_until, network.profile.id, resolution)
        lattice = self._lattices.get(key, lambda: build_lattice(network, resolution))

        def make() -> Access:
            snaps = network.snapper.moved(lattice.snaps, applied.closed)
            return prepare_access(network, direction, snaps, applied.closed)

        return lattice, self._accesses.get((*key, direction, applied.key), make)
