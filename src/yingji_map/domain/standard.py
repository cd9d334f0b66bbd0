"""Tables of standards: what a shelter is judged by, what people need; each number with its source."""

from pydantic import Field

from yingji_map.domain.declared import Declared
from yingji_map.domain.layer import Title


class Norm(Declared):
    """A number of a standard; without a value no public source shows it and nothing is judged."""

    value: float | None = Field(ge=0)
    source: str = Field(min_length=1)
    is_verified: bool = False


class ShelterClass(Declared):
    """What a class of shelters must offer."""

    shelter_class: str
    title: Title
    most_days: Norm
    area_m2_per_person: Norm
    service_radius_m: Norm
    least_area_m2: Norm


class Facility(Declared):
    """Something a shelter needs, and the words that tell of it in the field `facilities`."""

    id: str
    title: Title
    words: tuple[str, ...] = Field(min_length=1)
    classes: tuple[str, ...]


class ShelterStandard(Declared):
    """`layers/standard/shelter.yaml`."""

    id: str
    title: Title
    classes: tuple[ShelterClass, ...] = ()
    facilities: tuple[Facility, ...] = ()
    facilities_source: str = "–"

    def of(self, shelter_class: object) -> ShelterClass | None:
        """Return the norms of a class; None for one that is not listed."""
        return next((one for one in self.classes if one.shelter_class == shelter_class), None)


class SupplyItem(Declared):
    """A field of the depots, and how much of it a person needs (a day, if `per_day`)."""

    field: str
    title: Title
    unit: str
    per_person: Norm
    per_day: bool


class SupplyStandard(Declared):
    """`layers/standard/supply.yaml`; depots of the first tier are drawn on first."""

    id: str
    title: Title
    items: tuple[SupplyItem, ...] = ()
    tiers: tuple[str, ...] = ()
    relief_hours: Norm = Norm(value=None, source="–")


class Standards(Declared):
    """All tables of standards."""

    shelter: ShelterStandard
    supply: SupplyStandard
