"""Arrays of cells ↔ compressed bytes of one chunk."""

import json
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Columns = Mapping[str, npt.NDArray[np.generic]]
_LEVEL = 6


def encode_columns(columns: Columns) -> bytes:
    """Return named arrays of equal length as one compressed block.

    Bytes of equal significance are put side by side first: scores of neighbours share their
    leading bytes, which is what the compressor can use.
    """
    head: list[list[object]] = []
    body: list[bytes] = []
    for name, values in columns.items():
        array = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        head.append([name, array.dtype.str, list(array.shape)])
        planes = array.reshape(-1).view(np.uint8).reshape(-1, array.dtype.itemsize)
        body.append(planes.T.tobytes())
    text = json.dumps(head).encode()
    return zlib.compress(len(text).to_bytes(4, "little") + text + b"".join(body), _LEVEL)


def decode_columns(block: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays of one chunk, bit for bit as they were encoded."""
    raw = zlib.decompress(block)
    start = 4 + int.from_bytes(raw[:4], "little")
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name, code, shape in json.loads(raw[4:start]):
        dtype = np.dtype(code)
        count = int(np.prod(shape))
        size = count * dtype.itemsize
        planes = np.frombuffer(raw, np.uint8, size, start).reshape(dtype.itemsize, count)
        columns[name] = np.ascontiguousarray(planes.T).view(dtype).reshape(shape)
        start += size
    return columns
