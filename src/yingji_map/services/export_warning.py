"""Warning → CAP 1.2 message, checked before it leaves."""

from dataclasses import dataclass

from yingji_map.domain.warning import HazardWarning
from yingji_map.publish.cap import MEDIA_TYPE, cap_document
from yingji_map.publish.cap_check import refuse_faulty_cap
from yingji_map.store.database import Store
from yingji_map.store.warnings import find_warning

CAP_MEDIA_TYPE = MEDIA_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class CapMessage:
    """The bytes of a message and the revision they say."""

    warning: HazardWarning
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWarning:
    """Write a warning for the world outside."""

    store: Store

    def run(self, warning_id: str, revision: int | None = None) -> CapMessage:
        """Return a warning's CAP message.

        Raises
        ------
        WarningNotFound
            There is none.
        InvalidAlert
            The message would mislead its readers; it is not given out.
        """
        with self.store.read() as tx:
            warning = find_warning(tx, warning_id, revision)
        body = cap_document(warning)
        refuse_faulty_cap(body)
        return CapMessage(warning=warning, body=body)
