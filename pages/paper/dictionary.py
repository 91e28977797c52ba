"""The contract on paper: every table and column, for the people who make views for us."""

from itertools import groupby

from data import operational

_HEAD = """# Dictionary

The operational contract, table by table, as `xianshou contract` prints it. Views are as good as tables; only `matter` is
required, and of it the columns marked *required*. Codes are text, flags 0 or 1, times wall-clock time in the site's zone, a blank is NULL.
No column may describe a person.
"""


def contract_text() -> str:
    """The contract in Markdown, one table for each table."""
    parts = [_HEAD]
    for table, notes in groupby(operational.describe_contract(), key=lambda note: note.table):
        comment = operational.contract.tables[table].comment
        rows = [
            f"| `{note.column}` | {note.type} | {'required' if note.required else ''} | {note.meaning} |"
            for note in notes
        ]
        parts.append(
            f"## {table}\n\n{comment}\n\n| column | type | | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
        )
    return "\n".join(parts)
