"""The bytes of Mapbox Vector Tiles, written for many features in one pass.

Every part of a feature but its length fields is a varint, so features are rows of a token matrix;
a token that a feature does not have gets length zero.

References
----------
Mapbox Vector Tile Specification 2.1, §4 "Encoding"; Protocol Buffers, "Encoding".
"""

import numpy as np
import numpy.typing as npt

from yingji_map.domain.tile import EXTENT

Tokens = npt.NDArray[np.uint64]
Lengths = npt.NDArray[np.uint8]
_CONTINUES = 0x80
_PAYLOAD = 0x7F
_BITS = 7


def varint_lengths(tokens: Tokens) -> Lengths:
    """Return how many bytes each token takes as a varint."""
    lengths = np.ones(tokens.shape, dtype=np.uint8)
    greatest, limit = int(tokens.max(initial=0)), 1 << _BITS
    while limit <= greatest:
        lengths += tokens >= np.uint64(limit)
        limit <<= _BITS
    return lengths


def write_varints(tokens: Tokens, lengths: Lengths) -> bytes:
    """Write tokens one after the other; those of length zero are left out."""
    is_kept = lengths.ravel() > 0
    values, sizes = tokens.ravel()[is_kept], lengths.ravel()[is_kept]
    ends = np.cumsum(sizes, dtype=np.int64)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - sizes
    out[starts] = (values & np.uint64(_PAYLOAD)).astype(np.uint8)
    rows, byte = np.flatnonzero(sizes > 1), 1
    while len(rows):
        at = starts[rows] + byte
        out[at - 1] |= _CONTINUES
        shifted = values[rows] >> np.uint64(_BITS * byte)
        out[at] = (shifted & np.uint64(_PAYLOAD)).astype(np.uint8)
        byte += 1
        rows = rows[sizes[rows] > byte]
    return out.tobytes()


def zigzag(values: npt.NDArray[np.int64]) -> Tokens:
    """Return signed numbers as varint tokens: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def field(tag: int, body: bytes) -> bytes:
    """Return a length-delimited field with its tag byte."""
    return bytes([tag]) + _varint(len(body)) + body


def text_value(text: str) -> bytes:
    """Return one entry of a layer's values holding a string."""
    return field(0x22, field(0x0A, text.encode()))


def number_values(numbers: npt.NDArray[np.float64]) -> bytes:
    """Return entries of a layer's values, each holding a double."""
    entries = np.empty((len(numbers), 3 + 8), dtype=np.uint8)
    entries[:, :3] = 0x22, 1 + 8, 0x19
    entries[:, 3:] = numbers.astype("<f8").view(np.uint8).reshape(len(numbers), 8)
    return entries.tobytes()


def count_value(number: int) -> bytes:
    """Return one entry of a layer's values holding an unsigned integer."""
    return field(0x22, b"\x28" + _varint(number))


def layer_message(name: str, keys: tuple[str, ...], features: bytes, values: bytes) -> bytes:
    """Return a tile with one layer."""
    named = b"".join(field(0x1A, key.encode()) for key in keys)
    size = b"\x28" + _varint(EXTENT)
    return field(
        0x1A, b"".join([field(0x0A, name.encode()), features, named, values, size, b"\x78\x02"])
    )


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _PAYLOAD:
        out.append(number & _PAYLOAD | _CONTINUES)
        number >>= _BITS
    out.append(number)
    return bytes(out)
