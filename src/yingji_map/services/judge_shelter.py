"""One shelter against the standard: the findings of each dimension."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yingji_map.domain.evacuation import ShelterState
from yingji_map.domain.shelter_evaluation import Dimension, Finding, Verdict
from yingji_map.domain.standard import Norm, ShelterStandard


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelterFacts:
    """What is known of a shelter.

    Attributes
    ----------
    served_persons, served_settlements
        People and settlements for whom it is the nearest usable one.
    farthest_m
        Length of the longest of their ways to it; None when nobody's nearest.
    flood_zones
        How many flood zones it stands in; None without that layer.
    """

    values: Mapping[str, object]
    state: ShelterState
    served_persons: int
    served_settlements: int
    farthest_m: float | None
    flood_zones: int | None


def findings_of(facts: ShelterFacts, standard: ShelterStandard) -> tuple[Finding, ...]:
    """Return everything that was looked at, by dimension."""
    return (
        *_layout(facts),
        *_function(facts, standard),
        *_service_radius(facts, standard),
        *_capacity(facts, standard),
        *_facilities(facts, standard),
    )


def _layout(facts: ShelterFacts) -> Iterator[Finding]:
    risky = facts.state is ShelterState.IN_RISK_CELL
    yield _yes_no(
        "outside_risk_cells", Dimension.LAYOUT, not risky, ("不在高风险格内", "outside risk cells")
    )
    known = None if facts.flood_zones is None else facts.flood_zones == 0
    yield _yes_no(
        "outside_flood_zones", Dimension.LAYOUT, known, ("不在洪水淹没区", "outside flood zones")
    )
    on_road = facts.state is not ShelterState.OFF_NETWORK
    yield _yes_no("near_a_road", Dimension.LAYOUT, on_road, ("有路可到", "near a road"))


def _function(facts: ShelterFacts, standard: ShelterStandard) -> Iterator[Finding]:
    known = standard.of(facts.values.get("shelter_class")) is not None
    has_class = known if facts.values.get("shelter_class") is not None else None
    yield _yes_no("has_a_class", Dimension.FUNCTION, has_class, ("类别明确", "its class is known"))
    flags = (
        ("is_standardised", ("已标准化", "standardised")),
        ("is_open", ("可用", "open")),
    )
    for field, words in flags:
        value = facts.values.get(field)
        yield _yes_no(field, Dimension.FUNCTION, value if isinstance(value, bool) else None, words)


def _service_radius(facts: ShelterFacts, standard: ShelterStandard) -> Iterator[Finding]:
    norms = standard.of(facts.values.get("shelter_class"))
    yield _most(
        "farthest_village",
        Dimension.SERVICE_RADIUS,
        facts.farthest_m,
        norms.service_radius_m if norms else None,
        ("最远服务村社的路程（米）", "way of the farthest village it serves (m)"),
    )


def _capacity(facts: ShelterFacts, standard: ShelterStandard) -> Iterator[Finding]:
    norms = standard.of(facts.values.get("shelter_class"))
    capacity, area = (_number(facts.values.get(name)) for name in ("capacity_persons", "area_m2"))
    room = None if capacity is None else capacity >= facts.served_persons
    yield Finding(
        id="room_for_those_nearest",
        dimension=Dimension.CAPACITY,
        verdict=_verdict(room),
        zh="装得下以它为最近的人",
        en="room for those whose nearest it is",
        found=capacity,
        wanted=float(facts.served_persons),
        source="本县村社人口与路网",
        is_verified=True,
    )
    each = None if area is None or not capacity else area / capacity
    yield _least(
        "area_per_person",
        Dimension.CAPACITY,
        each,
        norms.area_m2_per_person if norms else None,
        ("人均有效避难面积（平方米）", "effective area per person (m²)"),
    )
    yield _least(
        "area",
        Dimension.CAPACITY,
        area,
        norms.least_area_m2 if norms else None,
        ("有效避难面积（平方米）", "effective area (m²)"),
    )


def _facilities(facts: ShelterFacts, standard: ShelterStandard) -> Iterator[Finding]:
    text = facts.values.get("facilities")
    shelter_class = facts.values.get("shelter_class")
    for one in standard.facilities:
        if shelter_class not in one.classes:
            continue
        known = None if text is None else any(word in str(text) for word in one.words)
        yield Finding(
            id=one.id,
            dimension=Dimension.FACILITIES,
            verdict=_verdict(known),
            zh=one.title.zh,
            en=one.title.en,
            source=standard.facilities_source,
            is_verified=False,
        )


def _yes_no(
    finding: str,
    dimension: Dimension,
    is_so: bool | None,  # noqa: FBT001 - the claim itself
    words: tuple[str, str],
) -> Finding:
    return Finding(
        id=finding, dimension=dimension, verdict=_verdict(is_so), zh=words[0], en=words[1]
    )


def _most(
    finding: str,
    dimension: Dimension,
    found: float | None,
    norm: Norm | None,
    words: tuple[str, str],
) -> Finding:
    wanted = None if norm is None else norm.value
    is_met = None if found is None or wanted is None else found <= wanted
    return _measured(finding, dimension, (found, is_met), norm, words)


def _least(
    finding: str,
    dimension: Dimension,
    found: float | None,
    norm: Norm | None,
    words: tuple[str, str],
) -> Finding:
    wanted = None if norm is None else norm.value
    is_met = None if found is None or wanted is None else found >= wanted
    return _measured(finding, dimension, (found, is_met), norm, words)


def _measured(
    finding: str,
    dimension: Dimension,
    result: tuple[float | None, bool | None],
    norm: Norm | None,
    words: tuple[str, str],
) -> Finding:
    found, is_met = result
    return Finding(
        id=finding,
        dimension=dimension,
        verdict=_verdict(is_met),
        zh=words[0],
        en=words[1],
        found=None if found is None else round(found, 1),
        wanted=None if norm is None else norm.value,
        source=None if norm is None else norm.source,
        is_verified=None if norm is None else norm.is_verified,
    )


def _verdict(is_met: bool | None) -> Verdict:  # noqa: FBT001 - the claim itself
    if is_met is None:
        return Verdict.UNKNOWN
    return Verdict.MET if is_met else Verdict.NOT_MET


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
