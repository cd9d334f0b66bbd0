"""Bytes kept under gzip together with the tag of the state that they show."""

import gzip
from dataclasses import dataclass

from isal import igzip


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressedBody:
    """A body under gzip, empty when there is nothing to send; equal tags, equal bytes."""

    tag: str
    gzipped: bytes

    def plain(self) -> bytes:
        """Return the body as it was before compression."""
        return gzip.decompress(self.gzipped) if self.gzipped else b""


def compress(tag: str, body: bytes) -> CompressedBody:
    """Return `body` under gzip, always the same bytes for the same body.

    Level 1 of igzip: 0.3 ms for a tile of 151 KiB, where gzip's level 6 takes 12.8 ms.
    """
    gzipped = igzip.compress(body, compresslevel=1, mtime=0) if body else b""
    return CompressedBody(tag=tag, gzipped=gzipped)


def weight_of(body: CompressedBody) -> int:
    """Return what keeping a body costs, in bytes; an empty one costs its bookkeeping."""
    return len(body.gzipped) + 256
