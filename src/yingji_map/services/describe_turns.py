"""What would change a cell's level → titles, units and values for a reader."""

from collections.abc import Iterable, Mapping

from yingji_map.domain.explanation import TurnExplanation
from yingji_map.domain.layer import Title
from yingji_map.domain.risk import RiskSurface
from yingji_map.domain.risk_model import CompositeModel, RiskModel
from yingji_map.engine.assess import Assessment
from yingji_map.engine.surfaces import member_results
from yingji_map.engine.turning import TRIGGER, Turn, axis_units, composite_turns, turns_of

_RAIN = Title(zh="有效雨量", en="Effective rain")


def hazard_turns(assessment: Assessment) -> tuple[TurnExplanation, ...]:
    """Return the changes of one input that would move cell 0 to another level."""
    model = assessment.model
    titles = {factor.id: factor.title for factor in model.all_factors} | {TRIGGER: _RAIN}
    points = model.blocks.hazard.known_points
    if points is not None:
        titles[points.id] = points.title
    return _described(turns_of(assessment), titles, axis_units(model))


def member_turns(
    composite: CompositeModel, surfaces: Mapping[str, RiskSurface], models: Iterable[RiskModel]
) -> tuple[TurnExplanation, ...]:
    """Return the changes of one hazard's score that would move cell 0 of the composite."""
    by_id = {model.id: model for model in models}
    members = [by_id[name] for name in composite.members]
    turns = composite_turns(
        composite, member_results(composite, surfaces), [m.classify for m in members]
    )
    return _described(turns, {m.id: m.title for m in members}, {})


def _described(
    turns: Iterable[Turn], titles: Mapping[str, Title], units: Mapping[str, str]
) -> tuple[TurnExplanation, ...]:
    return tuple(
        TurnExplanation(
            id=turn.id,
            title=titles[turn.id],
            unit=units.get(turn.id, ""),
            level=turn.level.name.lower(),
            raw_from=turn.raw_from,
            raw_to=turn.raw_to,
            normalised_from=turn.normalised_from,
            normalised_to=turn.normalised_to,
            score=turn.score,
        )
        for turn in turns
    )
