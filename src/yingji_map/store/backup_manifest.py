"""What a backup says about itself: members, table digests, layer versions, runs, rasters."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Strict):
    """One file inside the backup."""

    sha256: Sha256
    size_bytes: int = Field(ge=0)


class TableEntry(_Strict):
    """One table: its rows and their digest, see `TableDigest`."""

    rows: int
    digest: str


class VersionEntry(_Strict):
    """One version of a layer."""

    version: int
    content_hash: str
    row_count: int


class LayerEntry(_Strict):
    """One layer as it stands, with every version it had."""

    version: int
    content_hash: str
    row_count: int
    versions: tuple[VersionEntry, ...]


class Manifest(_Strict):
    """The last member of a backup; a file that lacks it is not whole.

    Attributes
    ----------
    revision
        Schema revision; a program that does not know it refuses the file.
    members
        Every other file inside, by its name.
    """

    format: Literal["yingji-backup-1", "yingji-backup-2"] = "yingji-backup-2"
    program_version: str
    created_at: datetime
    revision: str
    postgresql: str
    members: dict[str, Member]
    tables: dict[str, TableEntry]
    layers: dict[str, LayerEntry]
    runs: tuple[str, ...]
    rasters: tuple[Sha256, ...]

    @property
    def is_sealed(self) -> bool:
        """True when the file ends with the hash of all that comes before; the first format had none."""
        return self.format != "yingji-backup-1"
