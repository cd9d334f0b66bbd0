"""Refusals about places, travel and closures."""

from yingji_map.domain.errors.base import InvalidInput, NotFound


class PlaceOutOfReach(InvalidInput):
    """A place lies too far from any road to answer: `lon`, `lat`, `distance_m`, `limit_m`."""

    code = "place-out-of-reach"
    title_zh, title_en = "离路太远", "Too far from the road network"
    zh = "{lon}, {lat} 离最近道路 {distance_m} 米，超过上限 {limit_m} 米，无法按路网计算"
    en = "{lon}, {lat} is {distance_m} m from the nearest road, beyond the limit of {limit_m} m"


class PlaceCutOff(InvalidInput):
    """Every road near a place is closed: `lon`, `lat`, `limit_m`."""

    code = "place-cut-off"
    title_zh, title_en = "周围道路都已封闭", "All roads around are closed"
    zh = "{lon}, {lat} 周围 {limit_m} 米内能走的路都封了。要看不封路时的答案：closures=none"
    en = (
        "All usable roads within {limit_m} m of {lon}, {lat} are closed. "
        "For the answer without closures: closures=none"
    )


class ClosureNotFound(NotFound):
    """No such closure: `closure`."""

    code = "closure-not-found"
    title_zh, title_en = "没有这个封路", "Closure not found"
    zh = "没有编号为“{closure}”的封路，见 /v1/closures"
    en = "No closure “{closure}”; see /v1/closures"


class PlanNotFound(NotFound):
    """No such evacuation plan: `plan`."""

    code = "plan-not-found"
    title_zh, title_en = "没有这个疏散方案", "Evacuation plan not found"
    zh = "没有编号为“{plan}”的疏散方案，见 /v1/evacuation/plans"
    en = "No evacuation plan “{plan}”; see /v1/evacuation/plans"
