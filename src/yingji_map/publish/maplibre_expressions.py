"""What MapLibre layers and expressions are put together from."""

from collections.abc import Mapping, Sequence

from yingji_map.domain.appearance import Appearance, Value

Layer = dict[str, object]
_RISK_SOURCE_LAYER = "risk"


def base(appearance: Appearance, name: str) -> Layer:
    """Return the name of a layer and where its features come from."""
    is_risk = appearance.layer_id.startswith("risk_")
    return {
        "id": name,
        "source": appearance.layer_id,
        "source-layer": _RISK_SOURCE_LAYER if is_risk else appearance.layer_id,
    }


def visibility(appearance: Appearance) -> str:
    """Return whether a layer is shown before anybody asks for it."""
    return "visible" if appearance.is_visible else "none"


def chosen(appearance: Appearance, by_value: Mapping[Value | None, object]) -> object:
    """Return the expression that picks by value; the plain value where there is one part only."""
    rest = by_value.get(None, list(by_value.values())[-1])
    named: dict[Value | None, object] = {
        value: choice for value, choice in by_value.items() if value is not None
    }
    if appearance.field is None or not named:
        return rest
    return matched(appearance.field, named, rest)


def matched(field: str, by_value: Mapping[Value | None, object], rest: object) -> list[object]:
    """Return the expression that picks by a field's value, `rest` for all others."""
    return ["match", ["get", field], *(item for pair in by_value.items() for item in pair), rest]


def by_zoom(steps: Sequence[tuple[float, object]]) -> list[object]:
    """Return the expression that runs from one zoom's value to the next one's."""
    return ["interpolate", ["linear"], ["zoom"], *(item for step in steps for item in step)]
