"""Which Idempotency-Keys can be kept."""

from yingji_map.domain.errors import InvalidParameter

_MAX_KEY = 200


def check_key(key: str) -> str:
    """Return an Idempotency-Key that can be kept.

    Raises
    ------
    InvalidParameter
        It is empty, too long or not plain ASCII.
    """
    if not (0 < len(key) <= _MAX_KEY and key.isascii() and key.isprintable()):
        raise InvalidParameter(
            parameter="Idempotency-Key",
            value=key[:_MAX_KEY],
            reason_zh=f"须是 1 到 {_MAX_KEY} 个可见 ASCII 字符",
            reason_en=f"must be 1 to {_MAX_KEY} printable ASCII characters",
        )
    return key
