"""The system's own tables (schema `core`) as SQLAlchemy Core; `migrations/` builds the same."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB, TSTZRANGE

from yingji_map.domain.crs import STORAGE_SRID

metadata = MetaData(
    schema="core",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)

layers = Table(
    "layers",
    metadata,
    Column("layer_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("content_hash", Text, nullable=False, server_default=""),
    Column("row_count", BigInteger, nullable=False, server_default="0"),
    Column("bounds", ARRAY(DOUBLE_PRECISION)),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

# Append-only: one row for every version a layer ever had (migration 0005).
layer_versions = Table(
    "layer_versions",
    metadata,
    Column("layer_id", Text, ForeignKey(layers.c.layer_id), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("content_hash", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("bounds", ARRAY(DOUBLE_PRECISION)),
    Column("known_at", DateTime(timezone=True), nullable=False),
    Column("act", Text, nullable=False),
    Column("import_id", BigInteger),
    Column("restored_known_at", DateTime(timezone=True)),
    CheckConstraint("version >= 1", name="version_counts_from_one"),
    CheckConstraint("act IN ('import', 'edit', 'end', 'restore')", name="act_is_known"),
    Index("ix_layer_versions_layer_id_known_at", "layer_id", "known_at", unique=True),
)

imports = Table(
    "imports",
    metadata,
    Column("import_id", BigInteger, Identity(), primary_key=True),  # or a number reserved before
    Column("layer_id", Text, ForeignKey(layers.c.layer_id), nullable=False, index=True),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("is_accepted", Boolean, nullable=False),
    Column("report", JSONB, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

refused_rows = Table(
    "refused_rows",
    metadata,
    Column(
        "import_id",
        BigInteger,
        ForeignKey(imports.c.import_id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("properties", JSONB, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("shape", LargeBinary),
)

# Append-only: which import took what another bureau keeps, and which of its versions that was.
synchronisations = Table(
    "synchronisations",
    metadata,
    Column("import_id", BigInteger, ForeignKey(imports.c.import_id), primary_key=True),
    Column("layer_id", Text, ForeignKey(layers.c.layer_id), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("source_version", BigInteger),
    Column("is_whole", Boolean, nullable=False),
    Column("synchronised_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index(
    "ix_synchronisations_source",
    synchronisations.c.layer_id,
    synchronisations.c.source_id,
    synchronisations.c.import_id,
)

# Append-only: of each instant the last row counts; a withdrawn one says there is none any more.
rasters = Table(
    "rasters",
    metadata,
    Column("raster_id", BigInteger, Identity(always=True), primary_key=True),
    Column("layer_id", Text, ForeignKey(layers.c.layer_id), nullable=False, index=True),
    Column("sha256", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("valid_at", DateTime(timezone=True)),
    Column("bounds", ARRAY(DOUBLE_PRECISION), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("content_sha256", Text),
    Column("description", JSONB),
    Column("is_withdrawn", Boolean, nullable=False, server_default=false()),
    Index("ix_rasters_layer_id_content_sha256", "layer_id", "content_sha256"),
)

risk_runs = Table(
    "risk_runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("valid_at", DateTime(timezone=True), nullable=False),
    Column("computed_at", DateTime(timezone=True), nullable=False),
    Column("resolution", SmallInteger, nullable=False),
    Column("cell_count", BigInteger, nullable=False),
    Column("hazards", JSONB, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('static', 'dynamic', 'scenario')", name="kind_is_known"),
    Index("ix_risk_runs_valid_at_computed_at", "valid_at", "computed_at"),
)

risk_chunks = Table(
    "risk_chunks",
    metadata,
    Column("run_id", Text, ForeignKey(risk_runs.c.run_id, ondelete="CASCADE"), primary_key=True),
    Column("hazard", Text, primary_key=True),
    Column("parent_cell", BigInteger, primary_key=True),
    Column("cell_count", Integer, nullable=False),
    Column("columns", LargeBinary, nullable=False),
)

# Append-only: a change is a new revision, a trigger refuses everything else (migration 0004).
warnings = Table(
    "warnings",
    metadata,
    Column("warning_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("hazard", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column(
        "zone", Geometry("MULTIPOLYGON", srid=STORAGE_SRID, spatial_index=False), nullable=False
    ),
    Column("areas", JSONB, nullable=False),
    Column("effective_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("texts", JSONB, nullable=False),
    Column("is_exercise", Boolean, nullable=False),
    Column("issuer", JSONB, nullable=False),
    Column("audience", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revised_at", DateTime(timezone=True), nullable=False),
    Column("revised_via", Text, nullable=False),
    CheckConstraint("revision >= 1", name="revision_counts_from_one"),
    CheckConstraint("warning_id ~ '^[0-9A-Za-z_.-]+$'", name="warning_id_suits_cap"),
    CheckConstraint("level IN ('red', 'orange', 'yellow', 'blue')", name="level_is_known"),
    CheckConstraint("expires_at > effective_at", name="ends_after_it_begins"),
    CheckConstraint("ST_IsValid(zone) AND NOT ST_IsEmpty(zone)", name="zone_is_valid"),
)
Index("ix_warnings_zone", warnings.c.zone, postgresql_using="gist")

# One row for every write that carried an Idempotency-Key: the same key gives the same result.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("operation", Text, primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("result_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

# Append-only, like warnings: a closure is lifted by a row of its own, so that history stays.
closures = Table(
    "closures",
    metadata,
    Column("closure_id", BigInteger, Identity(always=True), primary_key=True),
    Column("geom", Geometry("GEOMETRY", srid=STORAGE_SRID, spatial_index=False)),
    Column("road_codes", ARRAY(Text), nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text),
    Column("valid_during", TSTZRANGE, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_via", Text, nullable=False),
    CheckConstraint("NOT isempty(valid_during)", name="lasts_some_time"),
    CheckConstraint("geom IS NOT NULL OR cardinality(road_codes) > 0", name="closes_something"),
    CheckConstraint(
        "geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom))", name="geom_is_valid"
    ),
)

closure_liftings = Table(
    "closure_liftings",
    metadata,
    Column("closure_id", BigInteger, ForeignKey(closures.c.closure_id), primary_key=True),
    Column("lifted_at", DateTime(timezone=True), nullable=False),
    Column("lifted_via", Text, nullable=False),
)

# Append-only: a plan is made for one moment; when things change a new one is made (migration 0012).
evacuation_plans = Table(
    "evacuation_plans",
    metadata,
    Column("plan_id", BigInteger, Identity(always=True), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_via", Text, nullable=False),
    Column("people_persons", BigInteger, nullable=False),
    Column("unplaced_persons", BigInteger, nullable=False),
    Column("plan", JSONB, nullable=False),
    CheckConstraint("unplaced_persons BETWEEN 0 AND people_persons", name="unplaced_are_people"),
)

# The run that proposed a warning: it is never pruned, and one zone is never proposed twice.
warning_origins = Table(
    "warning_origins",
    metadata,
    Column("warning_id", Text, primary_key=True),
    Column("run_id", Text, ForeignKey(risk_runs.c.run_id), nullable=False),
    Column("hazard", Text, nullable=False),
    Column("zone_key", Text, nullable=False),
    UniqueConstraint("run_id", "hazard", "zone_key"),
)
