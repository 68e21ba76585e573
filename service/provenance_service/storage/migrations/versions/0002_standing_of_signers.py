"""The registry keeps the standing of signers, the hash of each manifest store, and everybody who registered it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# The names that PostgreSQL gave, for SQLite, which gave none.
_NAMES = {"uq": "%(table_name)s_%(column_0_name)s_key"}


def upgrade() -> None:
    """What was signed here is the operator's; else whoever was on a trust list is listed, and nobody else."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("CREATE TEMPORARY TABLE kept_client AS SELECT number, client FROM manifest")
    op.add_column("manifest", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("manifest", sa.Column("standing", sa.String(length=10), nullable=False, server_default="unlisted"))
    op.add_column("manifest", sa.Column("sha256", sa.String(length=64), nullable=False, server_default=""))
    op.execute(
        "UPDATE manifest SET standing = 'operator' WHERE id IN (SELECT subject FROM audit WHERE action = 'signed')"
    )
    is_verified = sa.column("evidence", sa.JSON())["assurance"].as_string() == "verified"
    op.execute(sa.table("manifest", sa.column("standing")).update().where(is_verified).values(standing="trusted"))
    op.execute("UPDATE manifest SET listed = (standing <> 'unlisted')")
    if is_sqlite:
        # SQLite changes a table by making it anew, and the rows that refer to the old one go with it.
        op.execute("CREATE TEMPORARY TABLE kept_binding AS SELECT * FROM binding")
    with op.batch_alter_table(
        "manifest", naming_convention=_NAMES, table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        batch.drop_constraint("manifest_id_key", type_="unique")
        batch.create_unique_constraint("uq_manifest_id_listed", ["id", "listed"])
        batch.drop_column("client")
        for name, kind in (("listed", sa.Boolean()), ("standing", sa.String(10)), ("sha256", sa.String(64))):
            batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    if is_sqlite:
        op.execute("DELETE FROM binding")
        op.execute("INSERT INTO binding SELECT * FROM kept_binding")
        op.execute("DROP TABLE kept_binding")
    op.create_table(
        "registrant",
        sa.Column("manifest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["manifest"], ["manifest.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("manifest", "client"),
    )
    op.execute("INSERT INTO registrant (manifest, client) SELECT number, client FROM kept_client")
    op.execute("DROP TABLE kept_client")
