"""Who may change features over HTTP: whoever holds the token of this installation."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Protocol, Self

from yingji_map.domain.errors import EditingDisabled, TokenRequired

_SCHEME = "bearer "


class Secret(Protocol):
    """A value that does not print itself."""

    def get_secret_value(self) -> str:
        """Return it."""
        ...


@dataclass(frozen=True, slots=True)
class CheckEditor:
    """Compares what a request shows with the token; keeps its hash only. None admits nobody."""

    token_hash: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, token: Secret | None) -> Self:
        """Return the check for a token, or the one that admits nobody."""
        return cls() if token is None else cls(_hash(token.get_secret_value()))

    @property
    def is_open(self) -> bool:
        """True when somebody may edit."""
        return self.token_hash is not None

    def admits(self, authorization: str | None) -> bool:
        """Return whether an `Authorization` header shows the token; takes the same time for any."""
        shown = authorization or ""
        if self.token_hash is None or not shown.lower().startswith(_SCHEME):
            return False
        return hmac.compare_digest(_hash(shown[len(_SCHEME) :].strip()), self.token_hash)

    def require_if_set(self, authorization: str | None) -> None:
        """Let an editor pass, and anybody where there is no token.

        Raises
        ------
        TokenRequired
            There is a token, and the header does not show it.
        """
        if self.token_hash is not None and not self.admits(authorization):
            raise TokenRequired

    def require(self, authorization: str | None) -> None:
        """Let an editor pass.

        Raises
        ------
        EditingDisabled
            There is no token, so nobody may edit.
        TokenRequired
            The header does not show it.
        """
        if self.token_hash is None:
            raise EditingDisabled
        if not self.admits(authorization):
            raise TokenRequired


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
