"""The tables. Times are seconds since 1970 in UTC; both databases keep and compare those alike.

After a change, write a migration in `migrations/versions`: a test compares the two.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

# SQLite counts up only an INTEGER key by itself.
_COUNTED: Final = BigInteger().with_variant(Integer, "sqlite")

METADATA: Final = MetaData()

API_KEY: Final = Table(
    "api_key",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("credentials", JSON),  # null: all
    Column("quota", String(32)),  # null: the service's
    Column("made_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
)

QUOTA: Final = Table(
    "quota",
    METADATA,
    Column("subject", String(80), primary_key=True),  # a key's id, or the hash of an address
    Column("window", BigInteger, primary_key=True, autoincrement=False),  # when it ends
    Column("used", Integer, nullable=False),
)

REPORT: Final = Table(
    "report",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("client", String(80)),  # null: nobody may delete it before its time
    Column("made_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)

JOB: Final = Table(
    "job",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("client", String(80)),  # null: whoever has the id
    Column("language", String(2), nullable=False),
    Column("made_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("cancelled_at", Float),
)

JOB_ITEM: Final = Table(
    "job_item",
    METADATA,
    Column("job", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(400), nullable=False),
    Column("url", Text),  # null: a file of the object store
    Column("state", String(10), nullable=False),
    Column("why", Text),  # of an item that failed, in the job's language
    Column("finished_at", Float),
    ForeignKeyConstraint(["job"], ["job.id"], ondelete="CASCADE"),
    Index("ix_job_item_state", "state"),
)

INSTANCE: Final = Table(
    "instance",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("seen_at", Float, nullable=False),
)

MANIFEST: Final = Table(
    "manifest",
    METADATA,
    Column("number", _COUNTED, primary_key=True),
    Column("id", String(400), nullable=False),
    Column("listed", Boolean, nullable=False),  # by a signer who may be repeated to others
    Column("standing", String(10), nullable=False),  # of the signer, when it was registered
    Column("sha256", String(64), nullable=False),  # of the manifest store; empty: registered before it was noted
    Column("asset_sha256", String(64), nullable=False, index=True),
    Column("media_type", String(100), nullable=False),
    Column("registered_at", Float, nullable=False),
    Column("evidence", JSON, nullable=False),  # what its signature was found to say when it was registered
    Column("iscc", String(100)),  # null: no picture, or one without a fingerprint
    Column("views", LargeBinary),  # the names and codes by which copies are found
    # Whoever is on no list cannot take an id from a signer who is, and the other way round neither replaces anything.
    UniqueConstraint("id", "listed", name="uq_manifest_id_listed"),
    sqlite_autoincrement=True,  # the number of an entry that was taken out never leads to another one
)

REGISTRANT: Final = Table(
    "registrant",
    METADATA,
    Column("manifest", BigInteger, primary_key=True, autoincrement=False),
    Column("client", String(80), primary_key=True),  # who registered it, the same bytes: each takes out its own alone
    ForeignKeyConstraint(["manifest"], ["manifest.number"], ondelete="CASCADE"),
)

BINDING: Final = Table(
    "binding",
    METADATA,
    Column("number", _COUNTED, primary_key=True),
    Column("manifest", BigInteger, nullable=False, index=True),
    Column("algorithm", String(100), nullable=False),
    Column("value", String(400), nullable=False),
    ForeignKeyConstraint(["manifest"], ["manifest.number"], ondelete="CASCADE"),
    Index("ix_binding_value", "algorithm", "value"),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("client", String(200), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("credential", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

ANSWER: Final = Table(
    "answer",
    METADATA,
    Column("client", String(80), primary_key=True),
    Column("idempotency_key", String(64), primary_key=True),  # its hash
    Column("request", String(64), nullable=False),  # the hash of what was asked
    Column("answer", Text),  # null while it is being made
    Column("made_at", Float, nullable=False, index=True),
)
