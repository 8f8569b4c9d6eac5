"""Serving configurations beside each other, as in the report that this began with: memory, speed, and the
tokens of context that a GB buys. As Markdown, CSV and a drawing."""

import csv
import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from docanalyze import store
from docanalyze.errors import DocanalyzeError
from docanalyze.runtime.monitor import Sampled
from docanalyze.runtime.values import MIB, Profile
from docanalyze.runtime.verify import Effort, Say, Subject, Verification, silent, verify

STEPS = frozenset({1, 2, 3})
"""Recall is no part of a comparison: it takes hours."""


@dataclass(frozen=True, slots=True)
class Row:
    """One configuration: as it was asked for, and what came of it. `error` says why nothing did.

    `started` is whether it served when that happened.
    """

    profile: Profile
    found: Verification | None = None
    error: str = ""
    started: bool = False

    @property
    def why(self) -> str:
        """Why nothing came of it, with its name; empty where something did."""
        if not self.error:
            return ""
        return f"{self.profile.name} {'failed' if self.started else 'did not start'}: {self.error}"

    @property
    def context(self) -> int:
        return self.found.fingerprint.context if self.found else self.profile.context

    @property
    def cache(self) -> str:
        """The cache types as proven; those asked for where nothing is."""
        served = self.found.fingerprint if self.found else None
        keys = served.cache_k if served and served.cache_k else str(self.profile.cache_k)
        values = served.cache_v if served and served.cache_v else str(self.profile.cache_v)
        return keys if keys == values else f"{keys}/{values}"

    @property
    def cache_mib(self) -> float | None:
        return self.found.seen.cache_mib if self.found else None

    @property
    def total_mib(self) -> float | None:
        sampled: Sampled | None = self.found.busy if self.found else None
        return sampled.most / MIB if sampled and sampled.count else None

    @property
    def writing(self) -> float | None:
        return self.found.speed.writing if self.found and self.found.speed else None

    @property
    def seconds(self) -> float | None:
        """For a thousand tokens."""
        return self.found.speed.seconds_for_thousand if self.found and self.found.speed else None

    @property
    def per_gb(self) -> float | None:
        """Tokens of context for each GB of the total."""
        return self.context / (self.total_mib / 1024) if self.total_mib else None


Serve = Callable[[Profile], AbstractContextManager[Subject]]
"""Serves a profile for the length of a block."""


def measure(wanted: Sequence[Profile], serve: Serve, effort: Effort, say: Say = silent) -> list[Row]:
    """Each profile in turn, started, measured, stopped. One that does not start or fails stops no other."""
    rows = []
    for profile in wanted:
        started = False
        say(f"{profile.name}: starting")

        def told(text: str, name: str = profile.name) -> None:
            say(f"{name}: {text}")

        try:
            with serve(profile) as subject:
                started = True
                rows.append(Row(subject.running.profile, verify(subject, effort, told)))
        except DocanalyzeError as error:
            rows.append(Row(profile, error=error.what, started=started))
    return rows


def machine_of(rows: Sequence[Row]) -> str:
    """The devices that served, as their names stand in the logs."""
    names = dict.fromkeys(row.found.fingerprint.device for row in rows if row.found and row.found.fingerprint.device)
    return "; ".join(names)


def as_benchmark(rows: Sequence[Row], model: str, proofs: Sequence[int | None]) -> store.Benchmark:
    """A comparison as it is stored; `proofs` are the stored verifications of its rows."""
    listed = []
    for row, number in zip(rows, proofs, strict=True):
        served = row.found.fingerprint if row.found else None
        keys, values = (served.cache_k, served.cache_v) if served else ("", "")
        listed.append(
            store.BenchmarkRow(
                row.profile.name,
                row.context,
                keys or str(row.profile.cache_k),
                values or str(row.profile.cache_v),
                row.cache_mib,
                row.total_mib,
                row.writing,
                row.error,
                number,
            )
        )
    return store.Benchmark(datetime.now(UTC).isoformat(timespec="seconds"), machine_of(rows), model, tuple(listed))


# -- tables ----------------------------------------------------------------------------------------

COLUMNS = (
    "configuration", "context", "cache type", "cache MB", "total MB", "tokens/s", "s for 1,000 tokens",
    "context per GB",
)  # fmt: skip


def cells(row: Row) -> tuple[str, ...]:
    """A row as it is read; a dash for what was not measured."""
    return (
        row.profile.name,
        f"{row.context:,}" if row.context else "–",
        row.cache if row.context else "–",
        _number(row.cache_mib, 0 if (row.cache_mib or 0) >= 100 else 2),
        _number(row.total_mib, 0),
        _number(row.writing, 1),
        _number(row.seconds, 1),
        _number(row.per_gb, 0),
    )


def _number(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:,.{places}f}"


def as_markdown(rows: Sequence[Row], model: str) -> str:
    """The table, with what served above and what did not start below."""
    lines = [f"{_plain(model)} on {_plain(machine_of(rows)) or 'no device'}", ""]
    lines += [_line(COLUMNS), _line(["---", *["---:"] * (len(COLUMNS) - 1)])]
    lines += [_line([_plain(cell) for cell in cells(row)]) for row in rows]
    reported = [row for row in rows if row.profile.reported_mb or row.profile.reported_rate]
    if reported:
        lines += ["", "Reported of these profiles, as they are packaged, when this began, on another machine:", ""]
        lines += [
            f"- {_plain(row.profile.name)}: {row.profile.reported_mb:,} MB, {row.profile.reported_rate:.1f} tokens/s"
            for row in reported
        ]
    lines += [f"\n{_plain(row.why)}" for row in rows if row.error]
    return "\n".join(lines) + "\n"


def _line(found: Sequence[str]) -> str:
    return f"| {' | '.join(found)} |"


def _plain(text: str) -> str:
    """Words that come from files and logs, on one line of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def as_csv(rows: Sequence[Row]) -> str:
    """The same figures, unrounded; empty for what was not measured."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["configuration", "context", "cache_type", "cache_mib", "total_mib", "tokens_per_second",
         "seconds_for_1000_tokens", "context_tokens_per_gb", "error"]
    )  # fmt: skip
    for row in rows:
        figures = (row.cache_mib, row.total_mib, row.writing, row.seconds, row.per_gb)
        shown = ["" if value is None else f"{value:.3f}" for value in figures]
        writer.writerow([_cell(row.profile.name), row.context, row.cache, *shown, _cell(row.error)])
    return out.getvalue()


def _cell(text: str) -> str:
    """Words that a spreadsheet would take for a formula are quoted."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


# -- drawing ---------------------------------------------------------------------------------------

_WIDTH, _ROW, _LEFT, _BAR = 760, 46, 190, 554
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.s{fill:#59636e;font-size:12px}.b{fill:#eef1f4}"
    ".c{fill:#3b6ea5}.o{fill:#a9c1da}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.s{fill:#9198a1}.b{fill:#21262d}.c{fill:#79b0ea}.o{fill:#3b5775}}"
)


def as_svg(rows: Sequence[Row], model: str) -> str:
    """Memory of each configuration as a bar: cache and the rest, with its speed at the end."""
    largest = max((row.total_mib or row.cache_mib or 0.0 for row in rows), default=0.0) or 1.0
    height = 96 + _ROW * len(rows)
    title = f"Memory under load, {model}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text x="16" y="26">{escape(title)}</text>',
        f'<text class="s" x="16" y="44">{escape(machine_of(rows))}</text>',
    ]
    for position, row in enumerate(rows):
        parts += _bar(row, 60 + _ROW * position, largest)
    foot = 72 + _ROW * len(rows)
    for at, kind, words in ((_LEFT, "c", "cache"), (_LEFT + 90, "o", "weights, buffers and the rest")):
        parts.append(f'<rect class="{kind}" x="{at}" y="{foot}" width="12" height="12" rx="2"/>')
        parts.append(f'<text class="s" x="{at + 18}" y="{foot + 11}">{words}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bar(row: Row, top: int, largest: float) -> list[str]:
    cache, total = row.cache_mib or 0.0, row.total_mib or row.cache_mib or 0.0
    told = row.error or f"{_number(row.total_mib, 0)} MB, {_number(row.writing, 1)} tokens/s"
    wide = _BAR * total / largest
    of_cache = min(_BAR * cache / largest, wide)
    label = f"{row.context:,} tokens, {row.cache}"
    return [
        f'<text x="16" y="{top + 12}">{escape(row.profile.name)}</text>',
        f'<text class="s" x="16" y="{top + 28}">{escape(label)}</text>',
        f'<rect class="b" x="{_LEFT}" y="{top}" width="{_BAR}" height="18" rx="3"/>',
        f'<rect class="o" x="{_LEFT}" y="{top}" width="{wide:.1f}" height="18" rx="3"/>',
        f'<rect class="c" x="{_LEFT}" y="{top}" width="{of_cache:.1f}" height="18" rx="3">'
        f"<title>cache: {_number(row.cache_mib, 0)} MB</title></rect>",
        f'<text class="s" x="{_LEFT}" y="{top + 34}">{escape(told)}</text>',
    ]
