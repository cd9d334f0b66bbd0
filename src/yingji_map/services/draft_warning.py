"""A drawn zone → who is inside → a warning draft that can be published."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from yingji_map.domain.errors import IdempotencyKeyReused, WarningChanged, WarningNotEditable
from yingji_map.domain.idempotency import check_key
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.warning import HazardWarning, IssuerProfile, WarningState, issuer_of
from yingji_map.domain.warning_draft import (
    DraftRecord,
    DraftRequest,
    check_request,
    draft_of,
)
from yingji_map.store.database import Store
from yingji_map.store.idempotency import KeyUse, claim_key, find_key
from yingji_map.store.warning_zone import survey_zone
from yingji_map.store.warnings import (
    find_warning,
    new_identifier,
    save_revision,
)

_OPERATION = "draft-warning"
_EDITABLE = (WarningState.CANDIDATE, WarningState.DRAFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWarning:
    """Make a draft, or a draft's next revision."""

    store: Store
    catalogue: dict[str, LayerDefinition]
    clock: Callable[[], datetime]
    profile: IssuerProfile = field(default_factory=IssuerProfile)

    def run(
        self, request: DraftRequest, *, via: str, idempotency_key: str | None = None
    ) -> HazardWarning:
        """Make a draft; the same key and content again give the same draft, not a second one.

        Raises
        ------
        InvalidInput
            Zone, times, hazard, level or texts are not acceptable; nothing was written.
        IdempotencyKeyReused
            The key was used with other content.
        """
        if idempotency_key is not None:
            with self.store.read() as tx:
                earlier = find_key(tx, _OPERATION, check_key(idempotency_key))
                if earlier is not None:
                    return self._earlier(find_warning(tx, earlier.result_id), earlier, request)
        now = self.clock()
        checked = check_request(request, now)
        with self.store.transaction() as tx:
            survey = survey_zone(tx, self.catalogue, checked.zone)
            county = survey.county()
            issuer = issuer_of(county.code, county.name, self.profile)
            record = DraftRecord(
                warning_id=new_identifier(tx, issuer.code, now),
                revision=1,
                created_at=now,
                revised_at=now,
                revised_via=via,
            )
            warning = draft_of(checked, survey, issuer, record)
            if idempotency_key is not None:
                use = KeyUse(
                    key=idempotency_key, body_hash=request.digest(), result_id=warning.warning_id
                )
                kept = claim_key(tx, _OPERATION, use)
                if kept.result_id != warning.warning_id:  # the same request came twice at once
                    return self._earlier(find_warning(tx, kept.result_id), kept, request)
            save_revision(tx, warning)
            return warning

    @staticmethod
    def _earlier(warning: HazardWarning, kept: KeyUse, request: DraftRequest) -> HazardWarning:
        if kept.body_hash != request.digest():
            raise IdempotencyKeyReused(key=kept.key)
        return warning

    def revise(
        self, warning_id: str, request: DraftRequest, *, expected_revision: int, via: str
    ) -> HazardWarning:
        """Save the next revision of a draft, if it still is at the revision that was read.

        Raises
        ------
        WarningChanged
            Someone saved another revision meanwhile.
        WarningNotEditable
            It is no candidate or draft any more.
        """
        with self.store.transaction() as tx:
            current = find_warning(tx, warning_id)
            if current.revision != expected_revision:
                raise WarningChanged(
                    warning=warning_id, expected=expected_revision, current=current.revision
                )
            if current.state not in _EDITABLE:
                raise WarningNotEditable(
                    warning=warning_id, state=current.state, step_zh="修改", step_en="editing"
                )
            now = self.clock()
            checked = check_request(request, now)
            survey = survey_zone(tx, self.catalogue, checked.zone)
            record = DraftRecord(
                warning_id=warning_id,
                revision=current.revision + 1,
                created_at=current.created_at,
                revised_at=now,
                revised_via=via,
            )
            warning = draft_of(checked, survey, current.issuer, record)
            save_revision(tx, warning)
            return warning
