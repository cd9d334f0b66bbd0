"""Every environment variable (`YINGJI_…`), read once into one frozen tree."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parents[1]


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/yingji")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "yingji"


def _shipped(folder: str) -> Path:
    """Return a folder of the checkout, or its packaged copy."""
    inside = _PACKAGE / "_data" / folder
    return inside if inside.exists() else _CHECKOUT / folder


class DatabaseSettings(BaseModel):
    """Where the store is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr | None = Field(
        default=None,
        description="postgresql+psycopg://… of a PostGIS server. Empty: the embedded one is used.",
    )
    pool_size: int = Field(
        default=8, ge=1, le=100, description="Connections kept open per program."
    )


class HttpSettings(BaseModel):
    """Where the service listens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        default="127.0.0.1",
        pattern=r"^(127\.\d+\.\d+\.\d+|localhost|::1)$",
        description="Loopback address to listen on; others are reached through a reverse proxy.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on.")


class IssuerSettings(BaseModel):
    """Which office signs the warnings; what is empty follows from the county layer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=60,
        description="Name of the office. Default: the county's name and 应急管理局.",
    )
    sender: str | None = Field(
        default=None,
        pattern=r"^[^\s,<&]+$",
        description="CAP sender, unique in the world. Default: CN- and the issuing code.",
    )
    agency_code: str = Field(
        default="000", pattern=r"^\d{3}$", description="Agency code of GB/T 4657, as assigned."
    )
    unit_code: str = Field(
        default="000", pattern=r"^\d{3}$", description="Unit within the agency (GB/T 35965.1)."
    )
    extension_code: str = Field(
        default="00", pattern=r"^\d{2}$", description="Extension of the unit (GB/T 35965.1)."
    )
    contact: str | None = Field(default=None, min_length=1, description="CAP contact.")
    web: str | None = Field(
        default=None, pattern=r"^https?://\S+$", description="CAP web address for more."
    )


class EditingSettings(BaseModel):
    """Who may change features over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Secret that editors send as `Authorization: Bearer …`. Empty: nobody may edit.",
    )


class ImportSettings(BaseModel):
    """What may be handed in over HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int = Field(
        default=512 * 1024**2,
        ge=1024,
        description="Greatest size of an uploaded file in bytes; uploads need the editing token.",
    )


class RiskSettings(BaseModel):
    """Risk runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_runs: int = Field(
        default=500,
        ge=1,
        description="Latest runs of each kind that `yingji risk prune` keeps; runs behind a warning stay anyway.",
    )


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix="YINGJI_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder of the embedded database and of raster files. Default: /var/lib/yingji as root, else ~/.local/share/yingji.",
    )
    layers_dir: Path = Field(
        default_factory=lambda: _shipped("layers"), description="Folder of the layer definitions."
    )
    migrations_dir: Path = Field(
        default_factory=lambda: _shipped("migrations"),
        description="Folder of the database migrations.",
    )
    sample_dir: Path = Field(
        default_factory=lambda: _shipped("sample_data"),
        description="Folder of the sample county's generator.",
    )
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    issuer: IssuerSettings = IssuerSettings()
    editing: EditingSettings = EditingSettings()
    imports: ImportSettings = ImportSettings()
    risk: RiskSettings = RiskSettings()
