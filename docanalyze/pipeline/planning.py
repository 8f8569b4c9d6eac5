"""What is decided before the first call: Kind, Sections, Windows, and who is asked."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from docanalyze import extract, pack, prompts, rank, tokens
from docanalyze.config import FULL_WINDOW, TRUSTED, Settings
from docanalyze.errors import UsageError
from docanalyze.ingest import ReadOptions, TreeOptions, TreeReader, Worker
from docanalyze.llm import Ask, Sampling, Served
from docanalyze.model import Coverage, Document, Event, Kind, Notify, Role, Section, Window
from docanalyze.pipeline.clock import Clock, hashed
from docanalyze.store import Store

ANSWER_TOKENS = 4096
"""Room kept for an answer, or a quarter of the window where that is less."""

ASKED = "asked"
"""The method of a question of the user's own."""


CODE_BASE = "repo"
"""The Kind of a code base where none is asked for."""


@dataclass(frozen=True, slots=True)
class Models:
    """The model servers of an invocation. Without `main` the built-in analyst finds; without `judge`
    rules alone judge. `answer` bounds an answer in tokens, `least` is how many entries one must have.
    `in_turn` means that each stops the other: all is found before anything is judged. `trusted` is up to how
    many tokens the main model was proven to recall: 0 where that failed, None where it was never measured.
    `finding` and `judging` stand around all calls over one Document: where several Documents are worked on at
    once, they wait there for their turn."""

    main: Served | None = None
    judge: Served | None = None
    sampling: Sampling = field(default_factory=Sampling)
    escalate: bool = False
    keep_prompts: bool = True
    answer: int = ANSWER_TOKENS
    least: int = 0
    in_turn: bool = False
    trusted: int | None = None
    finding: Callable[[], AbstractContextManager[None]] = nullcontext
    judging: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True, slots=True)
class CodeBase:
    """How a source is read and packed that is a code base. `focus` are patterns of paths that matter more;
    `whole` takes as many Windows as all its text needs, instead of one at mixed detail."""

    options: TreeOptions = field(default_factory=TreeOptions)
    focus: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of one source. `sections` empty means all, `pages` None means all.

    `questions` are the user's own. `retry_failed` goes on with a Run of which calls failed.
    `include_hidden` shows the analyst text that people do not see. `code` says that the source is a code base.
    """

    source: str
    settings: Settings
    options: ReadOptions = field(default_factory=ReadOptions)
    sections: tuple[str, ...] = ()
    pages: frozenset[int] | None = None
    redo: bool = False
    questions: tuple[str, ...] = ()
    retry_failed: bool = False
    include_hidden: bool = False
    code: CodeBase | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided before the first call, and who is asked. `calls` counts those to the analyst.

    `watched` is what the Document holds for other eyes than its reader's: found by then, as it decides which Sections
    there are.
    """

    document: Document
    kind: Kind
    why: str
    sections: tuple[Section, ...]
    windows: tuple[Window, ...]
    coverage: Coverage
    text_tokens: int
    fixed_tokens: int
    answer_tokens: int
    context: int
    key: str
    stages: tuple[tuple[str, float], ...]
    analyst: str = extract.NAME
    watched: tuple[extract.Watched, ...] = ()

    @property
    def calls(self) -> int:
        return len(self.windows) * len(self.sections)

    @property
    def prompt_tokens(self) -> int:
        """Tokens that a model must compute: each Window once, and what surrounds it for each call."""
        reserved = 0 if self.analyst == extract.NAME else _FOR_REPAIR
        return sum(window.tokens for window in self.windows) + self.calls * (self.fixed_tokens - reserved)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided of a Document without counting a token: who is asked what, and by which key a Run is known."""

    kind: Kind
    why: str
    sections: tuple[Section, ...]
    key: str
    watched: tuple[extract.Watched, ...] = ()


def prepare(task: Task, worker: Worker, notify: Notify, models: Models | None = None) -> Plan:
    """Reads and packs: everything short of the first call, and nothing of it stored."""
    clock = Clock()
    document = read(task, worker, notify, clock)
    return packed(task, document, notify, models or Models(), clock)


def read(task: Task, worker: Worker, notify: Notify, clock: Clock, store: Store | None = None) -> Document:
    """The Document of the source. Files of a code base that the store knows by content are not parsed again."""
    with clock.stage("read"):
        if task.code is None:
            return worker.read(task.source, task.options, notify)
        known: Mapping[str, str] = store.parsed() if store is not None else {}
        with TreeReader() as reader:
            document = reader.read(task.source, task.code.options, notify, known)
            if store is not None:
                store.keep_parsed(reader.fresh)
        return document


def packed(
    task: Task, document: Document, notify: Notify, models: Models, clock: Clock, decided: Decided | None = None
) -> Plan:
    """What is asked of a Document that was read, with its Windows."""
    with clock.stage("pack"):
        planned = plan(task, document, models, decided)
    notify(Event("pack", f"{planned.text_tokens:,} tokens, {_windows_line(planned.windows)}"))
    return replace(planned, stages=clock.stages())


def decide(task: Task, document: Document, models: Models) -> Decided:
    """Kind, Sections and key. Starts no server that is not yet there."""
    if task.pages is not None:
        _require_pages(task.pages, document)
    kind, why = _kind(task, document)
    sections = _sections(kind, task)
    if models.main is None and document.tree is None and sections and all(map(extract.needs_code, sections)):
        # Nothing found would look like an answer.
        raise UsageError(f"without a model only a code base answers the kind {kind.name}", "docanalyze repo takes one")
    watched = extract.watched(document)
    sections = (*sections, *(one.section for one in watched))
    return Decided(kind, why, sections, _run_key(task, document, kind, sections, models), watched)


def plan(task: Task, document: Document, models: Models | None = None, decided: Decided | None = None) -> Plan:
    """Decides kind, Sections and Windows of a Document that is read already."""
    models = models or Models()
    decided = decided or decide(task, document, models)
    kind, sections = decided.kind, decided.sections
    count = models.main.count if models.main is not None else tokens.packaged()
    context = _context(task, models)
    fixed = _fixed_tokens(document, kind, sections, task.settings.lang, models.main)
    answer = min(models.answer, context // 4)
    room = pack.room(context, fixed, answer)
    windows, coverage = _windows(task, document, room, count)
    analyst = models.main.fingerprint.model if models.main is not None else extract.NAME
    return Plan(
        document,
        kind,
        decided.why,
        sections,
        windows,
        coverage,
        text_tokens=_text_tokens(document, count),
        fixed_tokens=fixed,
        answer_tokens=answer,
        context=context,
        key=decided.key,
        stages=(),
        analyst=analyst,
        watched=decided.watched,
    )


def _windows(
    task: Task, document: Document, room: int, count: Callable[[str], int]
) -> tuple[tuple[Window, ...], Coverage]:
    if task.code is None or document.tree is None:
        return pack.into_windows(document, room, count, pages=task.pages, include=_included(task))
    rank.require_focus(document.tree, task.code.focus)
    graph = rank.graph(document.tree)
    ranks = rank.rank(graph, task.code.focus)
    focused = rank.focused(document.tree, task.code.focus)
    return pack.into_mixed(document, room, count, ranks, graph, focused=focused, whole=task.code.whole)


def _text_tokens(document: Document, count: Callable[[str], int]) -> int:
    """Tokens of the whole text; of a code base as its reading counted them, file by file."""
    if document.tree is None:
        return count(document.text)
    return sum(file.tokens for file in document.tree.files)


def _context(task: Task, models: Models) -> int:
    """Tokens of context: as asked, or as granted where that is less."""
    granted = models.main.context if models.main is not None else 0
    asked = window_of(task, models)
    return min(asked, granted) if granted else asked


def window_of(task: Task, models: Models) -> int:
    """Tokens of context that are asked for; UsageError for the trusted ones where none are known."""
    if task.settings.window != TRUSTED:
        return task.settings.window
    if models.main is None:
        # The built-in analyst forgets nothing.
        return FULL_WINDOW
    if models.trusted:
        return models.trusted
    name = models.main.fingerprint.model
    if models.trusted is None:
        why = f"no trusted length is known of {name} with this cache"
        raise UsageError(why, "docanalyze server verify --steps 4 measures it; or give --window in tokens")
    raise UsageError(
        f"for {name} with this cache no length could be proven up to which it recalls", "give --window in tokens"
    )


def _kind(task: Task, document: Document) -> tuple[Kind, str]:
    folder = task.settings.prompts
    if task.settings.kind:
        return prompts.find(task.settings.kind, folder), "as asked"
    if task.code is not None:
        return prompts.find(CODE_BASE, folder), "a code base"
    return prompts.detect(document, prompts.kinds(folder))


def _sections(kind: Kind, task: Task) -> tuple[Section, ...]:
    """Those named, else all; with questions and no Section named, the questions alone."""
    questions = tuple(_asked(question) for question in dict.fromkeys(task.questions))
    known = [section.name for section in kind.sections]
    for name in task.sections:
        if name not in known:
            raise UsageError(f"the kind {kind.name} has no section {name!r}", f"it has {', '.join(known)}")
    if task.sections:
        return (*(section for section in kind.sections if section.name in task.sections), *questions)
    return questions or kind.sections


def _asked(question: str) -> Section:
    """A question of the user's own as a Section like any other."""
    words = " ".join(question.split())
    if not words:
        raise UsageError("an empty question", "write it after --ask, in quotes")
    name = f"ask-{hashlib.sha256(words.encode()).hexdigest()[:8]}"
    return Section(name, words, words, ASKED, limit=8)


def _require_pages(pages: frozenset[int], document: Document) -> None:
    if not document.pages:
        raise UsageError(f"{document.source.name} has no pages", "leave out --pages")
    if not any(page.number in pages for page in document.pages):
        raise UsageError(
            f"{document.source.name} has {len(document.pages)} pages, none of those asked for",
            f"give --pages within 1-{len(document.pages)}",
        )


def _fixed_tokens(
    document: Document, kind: Kind, sections: Sequence[Section], language: str, main: Served | None
) -> int:
    """Tokens of the whole prompt without the document's text, with the longest question."""
    frame = prompts.render_document("", document.source.name).text
    system = prompts.render_system().text
    questions = [prompts.render_question(kind, section, language).text for section in sections]
    if main is not None:
        longest = max(questions, key=main.count)
        return main.count_ask(Ask(system, frame, longest, 0)) + _FOR_REPAIR
    packaged = tokens.packaged()
    return tokens.count_chat(packaged, system, frame + max(questions, key=packaged))


_FOR_REPAIR = 1024
"""Tokens that a repair or a continuation may be longer than the question."""


def _windows_line(windows: Sequence[Window]) -> str:
    if len(windows) == 1:
        return f"one window of {windows[0].tokens:,} tokens"
    return f"{len(windows)} windows of at most {max((w.tokens for w in windows), default=0):,} tokens"


def _run_key(task: Task, document: Document, kind: Kind, sections: Sequence[Section], models: Models) -> str:
    """What makes the same analysis. Who judges is not part of it: a Run may be judged again."""
    pages = sorted(task.pages) if task.pages is not None else None
    names = [section.name for section in sections]
    language = task.settings.lang
    if models.main is None:
        window = window_of(task, models)
        analyst: list[object] = [extract.NAME, extract.fingerprint().file_sha256]
    else:
        window = _context(task, models)
        frames = [prompts.render_system().template_sha256, prompts.render_document("", "").template_sha256]
        analyst = ["model", *models.main.identity, str(models.sampling), models.answer, models.least, *frames]
    included: list[str] = sorted(_included(task))
    if task.code is not None:
        included += ["code", *task.code.focus, str(task.code.whole)]
    return hashed([document.id, kind.name, kind.sha256, names, analyst, window, language, pages, *included])


def _included(task: Task) -> frozenset[Role]:
    """Roles that stand apart and go into Windows all the same."""
    return frozenset({Role.HIDDEN}) if task.include_hidden else frozenset()
