"""A code base in the Markdown report: what it is made of, and its tree as a list with folders folded."""

from collections.abc import Iterator, Sequence

from docanalyze.report.commonmark import bullets, escape
from docanalyze.report.plain import counted
from docanalyze.report.tree import CodeBase, Folder, Row, Share

MOST_FILES = 300
"""Files listed one by one: a text cannot be folded."""
_MOST_PATHS = 20


def tree_blocks(base: CodeBase) -> Iterator[str]:
    """The section on a code base, block by block."""
    yield "## Code base"
    lines = [f"{name}: {escape(value)}" for name, value in base.facts]
    lines += [f"Languages, by lines: {_shares(base.languages)}"] if base.languages else []
    lines += [f"In view, by detail: {_shares(base.spent)}"] if base.spent else []
    yield bullets(lines)
    yield "### Files"
    if not base.spent:
        yield "What became of each file was not recorded."
    if base.told:
        yield base.told
    if base.usual:
        yield f"Why not more is in view, of many: {_usual(base.usual)}. Other reasons stand with the file."
    yield "\n".join(_folder(base.root, 0))
    if base.secrets:
        yield "### Masked secrets"
        yield bullets(_listed(base.secret_lines, base.more_secrets))
    if base.submodules:
        yield "### Submodules"
        yield bullets(_listed(base.submodules, base.more_submodules))
    if base.asides:
        yield "### Not read"
        yield bullets(_aside(one.reason, one.files, one.paths, one.more) for one in base.asides)


def _usual(reasons: Sequence[tuple[str, int]]) -> str:
    return "; ".join(f"{escape(reason)} ({counted(count, 'file')})" for reason, count in reasons)


def _shares(shares: Sequence[Share]) -> str:
    return "; ".join(f"{escape(one.name)} {escape(one.percent)} ({one.told})" for one in shares)


def _folder(folder: Folder, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for one in folder.folders:
        told = ", ".join(filter(None, [counted(one.files, "file"), _tokens(one.tokens), _findings(one.findings)]))
        yield f"{indent}- **{escape(one.name + '/')}** ({told}{f': {one.told}' if one.told else ''})"
        yield from _folder(one, depth + 1)
    for row in folder.rows:
        yield f"{indent}- {escape(row.name)}{_row(row)}"
    if folder.more:
        yield f"{indent}- *{folder.more}*"


def _row(row: Row) -> str:
    level = f"{row.level.shape} {row.level.name}" if row.level else ""
    tokens = counted(int(row.tokens.replace(",", "")), "token") if row.tokens else ""
    whole = f" of {row.whole}" if row.whole else ""
    rank = f"rank {row.rank:,}" if row.rank else ""
    told = ", ".join(filter(None, [level, f"{tokens}{whole}".strip(), rank, _findings(row.findings)]))
    return f": {told}{f'; {escape(row.reason)}' if row.reason else ''}" if told or row.reason else ""


def _tokens(count: int) -> str:
    return counted(count, "token") if count else ""


def _findings(count: int) -> str:
    return counted(count, "finding") if count else ""


def _listed(paths: Sequence[str], more: int) -> list[str]:
    shown = list(map(escape, paths[:_MOST_PATHS]))
    left = more + max(0, len(paths) - _MOST_PATHS)
    return [*shown, f"and {left:,} more"] if left else shown


def _aside(reason: str, files: int, paths: Sequence[str], more: int) -> str:
    count = f" ({counted(files, 'file')})" if files else ""
    return f"{escape(reason)}{count}: {', '.join(_listed(paths, more))}"
