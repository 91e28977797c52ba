"""What intake remembers of each batch: who brought it, what was found, and how to undo it. Never a raw row, never a value unmasked."""

import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, String, Table, Text

intake = MetaData()

import_batch = Table(
    "import_batch",
    intake,
    Column("batch_id", Integer, primary_key=True, autoincrement=True, comment="number of the batch"),
    Column("imported_at", DateTime, nullable=False, comment="when, in the site's wall-clock time"),
    Column("actor_post", String(60), nullable=False, comment="post that brought it"),
    Column("actor_verified", Integer, nullable=False, comment="1: the post was verified"),
    Column("profile", String(60), nullable=False, comment="name of the mapping profile"),
    Column("source_system", String(40), nullable=False, comment="system the files come from"),
    Column("file_names", Text, nullable=False, comment="names of the files, one a line"),
    Column("file_hashes", Text, nullable=False, comment="SHA-256 of the files, one a line"),
    Column("rows_read", Integer, nullable=False, comment="rows read"),
    Column("inserted", Integer, nullable=False, comment="new matters"),
    Column("updated", Integer, nullable=False, comment="changed matters"),
    Column("unchanged", Integer, nullable=False, comment="matters already stored as they are"),
    Column("refused", Integer, nullable=False, comment="rows refused"),
    Column("repeated", Integer, nullable=False, comment="rows that repeat another row of the batch"),
    Column("reports_counted", Integer, nullable=False, comment="reports against officials, counted and not stored"),
    Column("first_on", Date, comment="first registration day among the rows"),
    Column("last_on", Date, comment="last registration day among the rows"),
    Column("tally", Text, nullable=False, comment="number of findings by code, as JSON"),
    Column("undone_at", DateTime, comment="when the batch was undone"),
    Column("undone_by", String(60), comment="post that undid it"),
    comment="One import.",
)

import_finding = Table(
    "import_finding",
    intake,
    Column("batch_id", Integer, primary_key=True, comment="the batch"),
    Column("finding_no", Integer, primary_key=True, comment="order within the batch"),
    Column("file_name", String(200), comment="the file"),
    Column("row_no", Integer, comment="row in the file, the header being row 1; empty when the whole file is meant"),
    Column("column_name", String(120), comment="the file's own column name"),
    Column("tier", String(20), nullable=False, comment="blocking, unrecognised or doubtful"),
    Column("code", String(40), nullable=False, comment="what was found"),
    Column("masked_value", String(60), comment="the value, masked"),
    comment="One thing found in one cell, row or file of a batch.",
)

import_change = Table(
    "import_change",
    intake,
    Column("batch_id", Integer, primary_key=True, comment="the batch"),
    Column("table_name", String(30), primary_key=True, comment="matter, area, category or organisation"),
    Column("row_key", String(60), primary_key=True, comment="key of the row"),
    Column("action", String(10), nullable=False, comment="insert or update"),
    Column("previous", Text, comment="for an update: the overwritten columns as they were, as JSON"),
    sa.Index("import_change_key", "row_key"),
    comment="One row that a batch wrote, so that it can be undone.",
)

import_report = Table(
    "import_report",
    intake,
    Column("batch_id", Integer, primary_key=True, comment="the batch"),
    Column("month", Date, primary_key=True, comment="first day of the month"),
    Column("area_code", String(40), primary_key=True, comment="a street or wider"),
    Column("reports", Integer, nullable=False, comment="reports against officials in the batch"),
    comment="What a batch contributes to report_count: a month, a street, a number.",
)
