"""Which coordinate systems a client may name: those of the whole service, and the place's own."""

from collections.abc import Callable
from dataclasses import dataclass

from yingji_map.domain.crs import CRS84, SERVED_CRS, ServedCrs
from yingji_map.http.values import refused


def _no_place() -> tuple[ServedCrs, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class OfferedCrs:
    """The systems on offer; `find_local` is asked only when a request names none of the others."""

    find_local: Callable[[], tuple[ServedCrs, ...]] = _no_place

    def all(self) -> tuple[ServedCrs, ...]:
        """Return every system on offer, the default first."""
        return (*SERVED_CRS.values(), *self.find_local())

    def named(self, parameter: str, text: str | None) -> ServedCrs:
        """Return the system of an address; without one the default.

        Raises
        ------
        InvalidParameter
            It is not on offer.
        """
        if text is None:
            return CRS84
        uri = text.strip().strip("<>")  # QGIS writes it without the brackets
        if uri in SERVED_CRS:
            return SERVED_CRS[uri]
        offered = {crs.uri: crs for crs in self.all()}
        if uri not in offered:
            known = ", ".join(offered)
            raise refused(
                parameter, text[:200], f"不支持；可用：{known}", f"not supported; known are {known}"
            )
        return offered[uri]


EVERYWHERE = OfferedCrs()
