"""Whose a feature is: what another bureau hands over never touches our own records."""

from dataclasses import replace

from yingji_map.domain.federation import Delivery
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.quality import Finding
from yingji_map.ingest.normalise import Candidates
from yingji_map.store.database import Transaction
from yingji_map.store.synchronisations import keys_of_others, keys_of_source


def without_ours(
    tx: Transaction, definition: LayerDefinition, candidates: Candidates, delivery: Delivery
) -> Candidates:
    """Fault the rows whose key is taken by a record that did not come from this source."""
    taken = keys_of_others(tx, definition, delivery.source.id)
    keys = candidates.columns[definition.key or ""]
    faults = [
        Finding(
            rule="provenance",
            row=row,
            field=definition.key,
            value=str(key),
            reason_zh="这个编号是本地或另一来源的要素，不由对方改动",
            reason_en="this key belongs to a feature of ours or of another source",
        )
        for row, key in zip(candidates.rows.tolist(), keys, strict=True)
        if key in taken
    ]
    return replace(candidates, faults=(*candidates.faults, *faults))


def ended_by(
    tx: Transaction,
    definition: LayerDefinition,
    delivery: Delivery | None,
    candidates: Candidates,
) -> tuple[str, ...]:
    """Return the keys of theirs that end: named as ended, or missing from the whole.

    A row that is there but was refused ends nothing: what we have of it stays.
    """
    if delivery is None:
        return ()
    theirs = keys_of_source(tx, definition, delivery.source.id)
    there = {str(key) for key in candidates.columns[definition.key or ""]}
    ended = theirs - there if delivery.is_whole else theirs & set(delivery.ended)
    return tuple(sorted(ended - there))
