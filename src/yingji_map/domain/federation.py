"""Layers that another bureau keeps: where its collection is, and what was taken from it when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from yingji_map.domain.declared import Declared, Identifier, Title


class Strip(Declared):
    """Only what lies within so many metres of the features of one of our layers."""

    layer: Identifier
    within_m: float = Field(ge=0, le=200_000)


class FederatedSource(Declared):
    """An OGC API collection of a lower level or a neighbour that feeds one of our layers.

    Attributes
    ----------
    id
        Name of the source; what it fed stays its own under this name.
    collection
        Address of the collection (`…/collections/<id>`), without query.
    fields
        Their name by ours, where it is another one and no alias says so.
    near
        Take the strip along our border only.
    """

    id: Identifier
    title: Title
    collection: str = Field(pattern=r"^https?://[^\s?#]+[^\s?#/]$")
    fields: dict[Identifier, str] = Field(default_factory=dict)
    near: Strip | None = None


def unfit_sources(sources: Sequence[FederatedSource], field_names: Collection[str]) -> list[str]:
    """Return what is wrong with the sources of a layer of these fields."""
    ids = [source.id for source in sources]
    problems = [
        f"federation source `{name}` is declared twice" for name in ids if ids.count(name) > 1
    ]
    return problems + [
        f"`{name}` is not a field (federation source `{source.id}`)"
        for source in sources
        for name in source.fields
        if name not in field_names
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a source handed over, ready to be imported.

    Attributes
    ----------
    source_version
        Their version that this brings us to; None where they number none.
    is_whole
        Everything they have; a feature of theirs that is missing has ended.
    ended
        Keys that ended since the last time; known only when not whole.
    """

    source: FederatedSource
    source_version: int | None
    is_whole: bool
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronisation:
    """One time that a layer was brought up to date from a source."""

    layer_id: str
    source_id: str
    collection: str
    source_version: int | None
    is_whole: bool
    import_id: int
    synchronised_at: datetime
