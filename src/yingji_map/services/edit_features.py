"""One feature is made, replaced, changed or ended by a client, judged like a row of an import."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from yingji_map.domain.crs import CRS84, ServedCrs
from yingji_map.domain.errors import (
    EditRefused,
    FeatureChanged,
    FeatureExists,
    FeatureNotFound,
    IdempotencyKeyReused,
    InvalidParameter,
)
from yingji_map.domain.features import FeatureTable
from yingji_map.domain.idempotency import check_key
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_version import LayerAct
from yingji_map.domain.quality import QualityReport
from yingji_map.domain.warning import BEIJING
from yingji_map.ingest.feature import check_names, read_document, sent_row, stored_row
from yingji_map.ingest.normalise import normalise
from yingji_map.ingest.quality import judge
from yingji_map.ingest.source import SourceTable
from yingji_map.services.edit_record import EditCounts, EditRecord, EditStep, nothing_read
from yingji_map.services.find_features import ready, served_layer
from yingji_map.services.import_layer import feature_table
from yingji_map.services.layer_surroundings import surroundings_of
from yingji_map.store.current import CurrentFeature, find_current, hold_feature, is_taken
from yingji_map.store.database import Store, Transaction
from yingji_map.store.endings import end_feature
from yingji_map.store.features import WriteOptions, write_features
from yingji_map.store.idempotency import KeyUse, claim_key, find_key
from yingji_map.store.layers import find_layer_states, lock_layer, statement_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a client sends.

    Attributes
    ----------
    crs
        System of the coordinates in the body, in the axis order of its definition.
    expected
        States (`row_id`) of which the feature must be in one; None accepts any.
    is_conditional
        The client has read some state: that the feature is gone is a change, too.
    """

    body: bytes = b""
    crs: ServedCrs = CRS84
    expected: frozenset[int] | None = None
    is_conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedFeature:
    """The feature afterwards."""

    key: str
    row_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFeatures:
    """Change one feature in one transaction; what it was before stays readable.

    Every method raises `LayerNotFound` and `NotReady` as `FindFeatures` does, `InvalidParameter`
    for a body that is no feature of the layer, and `EditRefused` where its rules are broken.
    """

    store: Store
    catalogue: dict[str, LayerDefinition]

    def create(
        self, layer_id: str, edit: Edit, idempotency_key: str | None = None
    ) -> EditedFeature:
        """Make a feature; the same key and body again give the same feature, not a second one.

        Raises
        ------
        FeatureExists
            A feature with this business code is there already.
        IdempotencyKeyReused
            The key was used with another body.
        """
        definition = served_layer(self.catalogue, layer_id)
        document = _document(definition, edit)
        values = _values(definition, document)
        name = definition.key or ""
        values[name] = document.get("id") if values[name] is None else values[name]
        with self._writing(definition) as tx:
            lock_layer(tx, layer_id)  # before the key is looked up: a repeat waits for the first
            earlier = _earlier(tx, definition, edit, idempotency_key)
            if earlier is not None:
                return _edited(tx, definition, earlier)
            if values[name] is None and definition.issues_keys:
                values[name] = _new_code(tx)
            table, quality = self._judged(tx, definition, sent_row(values, document, edit.crs))
            key = table.keys[0]
            if is_taken(tx, definition, key):
                raise FeatureExists(layer=layer_id, feature=key)
            if idempotency_key is not None:
                use = KeyUse(key=idempotency_key, body_hash=_digest(edit), result_id=key)
                claim_key(tx, _operation(definition), use)
            record = EditRecord(step=EditStep.CREATE, body=edit.body, quality=quality, key=key)
            return _write(tx, definition, table, record)

    def replace(self, layer_id: str, key: str, edit: Edit) -> EditedFeature:
        """Give a feature another content; private fields that the body leaves out stay.

        Raises
        ------
        FeatureNotFound, FeatureChanged
            It is not there, or in none of the states that the edit expects.
        """
        definition = served_layer(self.catalogue, layer_id)
        document = _document(definition, edit)
        with self._writing(definition) as tx:
            current = _held(tx, definition, key, edit)
            # Who may not read a field cannot send it; leaving it out must not wipe it out.
            kept = {f.name: current.values[f.name] for f in definition.fields if f.private}
            values = _keyed(_values(definition, document, kept), definition, key)
            row = sent_row(values, document, edit.crs)
            table, quality = self._judged(tx, definition, row)
            record = EditRecord(step=EditStep.REPLACE, body=edit.body, quality=quality, key=key)
            return _write(tx, definition, table, record)

    def update(self, layer_id: str, key: str, edit: Edit) -> EditedFeature:
        """Change the parts of a feature that the body names (RFC 7396); raises as `replace`."""
        definition = served_layer(self.catalogue, layer_id)
        document = _document(definition, edit, is_patch=True)
        with self._writing(definition) as tx:
            current = _held(tx, definition, key, edit)
            values = _keyed(_values(definition, document, current.values), definition, key)
            if "geometry" in document:
                row = sent_row(values, document, edit.crs)
            else:
                row = stored_row(values, current.geometry)
            table, quality = self._judged(tx, definition, row)
            record = EditRecord(step=EditStep.UPDATE, body=edit.body, quality=quality, key=key)
            return _write(tx, definition, table, record)

    def delete(self, layer_id: str, key: str, edit: Edit) -> None:
        """End a feature now; raises as `replace`."""
        definition = served_layer(self.catalogue, layer_id)
        with self._writing(definition) as tx:
            _held(tx, definition, key, edit)
            record = EditRecord(
                step=EditStep.DELETE, body=edit.body, quality=nothing_read(definition), key=key
            )
            import_id = record.open(tx, definition)
            ended = end_feature(tx, definition, key, import_id=import_id)
            counts = EditCounts(version=ended.version, closed=ended.closed)
            record.complete(tx, import_id, counts)

    @contextmanager
    def _writing(self, definition: LayerDefinition) -> Iterator[Transaction]:
        with self.store.transaction() as tx:
            ready(definition, find_layer_states(tx).get(definition.id))
            yield tx

    def _judged(
        self, tx: Transaction, definition: LayerDefinition, row: SourceTable
    ) -> tuple[FeatureTable, QualityReport]:
        candidates = normalise(row, definition)
        around = surroundings_of(tx, self.catalogue, definition)
        quality = judge(candidates, definition, around)
        if quality.is_clean:
            return feature_table(definition, candidates), quality
        raise EditRefused(
            layer=definition.id,
            first_zh=quality.refusals[0].reason_zh,
            first_en=quality.refusals[0].reason_en,
            findings=[
                {name: value for name, value in asdict(finding).items() if value is not None}
                for finding in quality.refusals
            ],
        )


def _document(
    definition: LayerDefinition, edit: Edit, *, is_patch: bool = False
) -> Mapping[str, Any]:
    document = read_document(edit.body, is_patch=is_patch)
    check_names(document, definition)
    return document


def _values(
    definition: LayerDefinition,
    document: Mapping[str, Any],
    kept: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return a value for every field: the document's, else the one kept, else none."""
    empty: dict[str, object] = dict.fromkeys(field.name for field in definition.fields)
    return {**empty, **(kept or {}), **(document.get("properties") or {})}


def _keyed(values: dict[str, object], definition: LayerDefinition, key: str) -> dict[str, object]:
    """Return the values with the business code of the address; it names the feature for good."""
    name = definition.key or ""
    if values[name] is not None and values[name] != key:
        raise InvalidParameter(
            parameter=name,
            value=str(values[name])[:80],
            reason_zh=f"编号不能改，地址里是 {key}",
            reason_en=f"the code cannot be changed, the address says {key}",
        )
    return {**values, name: key}


def _held(tx: Transaction, definition: LayerDefinition, key: str, edit: Edit) -> CurrentFeature:
    # PostgreSQL text holds no NUL, so no key does.
    current = None if "\x00" in key else hold_feature(tx, definition, key)
    if current is None and edit.is_conditional:
        raise FeatureChanged(layer=definition.id, feature=key)
    if current is None:
        raise FeatureNotFound(layer=definition.id, feature=key)
    if edit.expected is not None and current.row_id not in edit.expected:
        raise FeatureChanged(layer=definition.id, feature=key)
    return current


def _write(
    tx: Transaction, definition: LayerDefinition, table: FeatureTable, record: EditRecord
) -> EditedFeature:
    import_id = record.open(tx, definition)
    options = WriteOptions(import_id=import_id, act=LayerAct.EDIT)
    done = write_features(tx, definition, table, options)
    counts = EditCounts(
        version=done.version, written=done.written, unchanged=done.unchanged, closed=done.closed
    )
    record.complete(tx, import_id, counts)
    return _edited(tx, definition, record.key)


def _edited(tx: Transaction, definition: LayerDefinition, key: str) -> EditedFeature:
    current = find_current(tx, definition, key)
    if current is None:  # a repeated request whose feature has ended since
        raise FeatureNotFound(layer=definition.id, feature=key)
    return EditedFeature(key=key, row_id=current.row_id)


def _earlier(
    tx: Transaction, definition: LayerDefinition, edit: Edit, key: str | None
) -> str | None:
    if key is None:
        return None
    use = find_key(tx, _operation(definition), check_key(key))
    if use is not None and use.body_hash != _digest(edit):
        raise IdempotencyKeyReused(key=key)
    return None if use is None else use.result_id


def _operation(definition: LayerDefinition) -> str:
    return f"create-feature:{definition.id}"


def _new_code(tx: Transaction) -> str:
    """Return a code that says when it was given (Beijing time), and is nobody else's."""
    now = statement_time(tx).astimezone(BEIJING)
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def _digest(edit: Edit) -> str:
    return hashlib.sha256(edit.crs.uri.encode() + b"\n" + edit.body).hexdigest()
