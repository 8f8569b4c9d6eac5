"""A code base and a model: the real server over a packed window, scripted answers over one and over several."""

import json
import re
from pathlib import Path

import pytest

from docanalyze import llm, pipeline, tokens
from docanalyze.config import Settings
from docanalyze.ingest import TreeOptions, Worker
from docanalyze.llm.door import Patience
from docanalyze.model import Detail, Event, Label, Match, Run, RunState
from docanalyze.store import Store
from tests.llama_server import LlamaServer, model_for_all
from tests.scripted import Said, Scripted, Seen

SAMPLE = Path(__file__).parent.parent / "samples" / "repo"
FAST = Patience(loading=2.0, tries=2, first_pause=0.01, longest_pause=0.02)


def silent(_: Event) -> None:
    return


def served(url: str) -> llm.Served:
    return llm.connect(url, tokens.packaged(), patience=FAST)


def two_sections(folder: Path) -> Path:
    """A folder of kinds with one of two questions."""
    kind = folder / "two"
    kind.mkdir(parents=True)
    section = 'name = "{0}"\ntitle = "{0}"\nquestion = "What is the {0}?"\nmethod = "none"\nlimit = 1\n'
    listed = "".join(f"[[section]]\n{section.format(name)}" for name in ("purpose", "entry"))
    (kind / "kind.toml").write_text(f'title = "Two"\n{listed}', encoding="utf-8")
    return folder


def test_the_real_server_reads_a_code_base_once_and_answers_each_question(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    settings = Settings(kind="two", prompts=two_sections(tmp_path / "kinds"), window=5_120)
    code = pipeline.CodeBase(TreeOptions(processes=1))
    task = pipeline.Task(str(SAMPLE), settings, code=code)
    with LlamaServer(model, tmp_path / "log", n_ctx=5_120) as server, Store.open(tmp_path / "a.db") as store:
        main = served(server.url)
        models = pipeline.Models(main, None, llm.Sampling(1.0, 5), answer=400, least=1)
        with Worker() as worker:
            run, _ = pipeline.run(task, store, worker, silent, models)
        assert store.verify() == []
    assert run.state is RunState.DONE
    assert run.coverage is not None
    assert {one.detail for one in run.coverage.files} >= {Detail.FULL, Detail.OUTLINE, Detail.NAME}
    first, *others = [call for call in run.calls if call.reply is not None and call.role in ("analyst", "repair")]
    assert first.reply is not None and first.reply.prompt_tokens > run.windows[0].tokens
    for call in others:
        assert call.reply is not None and call.reply.cached_tokens > run.windows[0].tokens, "the window is read once"
    # Nonsense is never shown as proven.
    said = [finding for finding in run.findings if not finding.absence]
    assert said and all(f.verdict is not None and f.verdict.label is Label.UNSUPPORTED for f in said)


def analysed(tmp_path: Path, root: Path, server: Scripted, *, whole: bool = False, window: int = 16_384) -> Run:
    settings = Settings(kind="two", prompts=two_sections(tmp_path / "kinds"), window=window)
    task = pipeline.Task(str(root), settings, code=pipeline.CodeBase(TreeOptions(processes=1), whole=whole))
    with Store.open(tmp_path / "a.db") as store, Worker() as worker:
        run, _ = pipeline.run(task, store, worker, silent, pipeline.Models(served(server.url), None, answer=300))
        assert store.verify() == []
        located = store.document_of(run)
    for finding in run.findings:
        for evidence in finding.evidence:
            for span in evidence.spans:
                assert located.file_at(span) is not None
    return run


def test_a_model_cites_a_path_and_is_proven_in_its_lines(tmp_path: Path) -> None:
    def script(seen: Seen) -> Said:
        assert "[" in seen.prompt and "src/berthbook/errors.py" in seen.prompt
        number = int(re.search(r"\[(\d+)\] src/berthbook/errors\.py", seen.prompt)[1])  # type: ignore[index]
        quotes = [{"text": "class BerthbookError(Exception):", "segments": [number]}]
        invented = [{"text": "class NoSuchThing(BerthbookError):", "segments": [number]}]
        said = [
            {"statement": "Errors stand under BerthbookError.", "quotes": quotes, "fields": {}},
            {"statement": "There is NoSuchThing.", "quotes": invented, "fields": {}},
        ]
        return Said(
            json.dumps({"findings": said[:1] if "purpose" in seen.prompt.rsplit("Section:", 1)[1] else said[1:]})
        )

    with Scripted(script) as server:
        run = analysed(tmp_path, SAMPLE, server)
    purpose, entry = (next(f for f in run.findings if f.section == name) for name in ("purpose", "entry"))
    [proven] = purpose.evidence
    assert proven.match is Match.EXACT and proven.in_place is True
    assert purpose.verdict is not None and purpose.verdict.label is Label.CONSISTENT
    assert entry.evidence[0].match is Match.MISSING
    assert entry.verdict is not None and entry.verdict.label is Label.UNSUPPORTED


def test_a_long_answer_goes_on_after_the_file_that_stands_last_in_the_window(
    tmp_path: Path,
) -> None:
    gone_on: list[str] = []

    def script(seen: Seen) -> Said:
        if "You have answered this" in seen.prompt:
            gone_on.append(seen.prompt.rsplit("Section:", 1)[1])
            return Said('{"findings":[]}')
        heads = [int(number) for number in re.findall(r"^\[(\d+)\] [\w/.-]+$", seen.prompt, re.MULTILINE)]
        highest = heads.index(max(heads[:-1]))
        assert highest < len(heads) - 2, "files stand in the order in which one reads them"
        quotes = [{"text": "what is cited", "segments": [number]} for number in heads[highest : highest + 2]]
        last.append(heads[highest + 1])
        said = json.dumps({"findings": [{"statement": "It goes on.", "quotes": quotes, "fields": {}}]})
        return Said(said[:-2] + ',{"statement":"half of', finish="length")

    last: list[int] = []
    kinds = two_sections(tmp_path / "kinds")
    text = (kinds / "two" / "kind.toml").read_text(encoding="utf-8")
    (kinds / "two" / "kind.toml").write_text(text.replace("limit = 1", "limit = 9"), encoding="utf-8")
    settings = Settings(kind="two", prompts=kinds, window=16_384)
    task = pipeline.Task(str(SAMPLE), settings, code=pipeline.CodeBase(TreeOptions(processes=1)))
    with Scripted(script) as server, Store.open(tmp_path / "a.db") as store, Worker() as worker:
        pipeline.run(task, store, worker, silent, pipeline.Models(served(server.url), None, answer=300))
    assert len(gone_on) == 2
    for prompt in gone_on:
        assert f"up to part [{last[0]}]" in prompt


def test_several_windows_share_one_overview_and_their_findings_are_one(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for folder in ("alpha", "beta", "gamma"):
        (root / folder).mkdir(parents=True)
        for number in range(6):
            body = "".join(f"    total += {folder}_{number}_{line}\n" for line in range(60))
            (root / folder / f"part{number}.py").write_text(f"def work{number}(total):\n{body}", encoding="utf-8")
    (root / "README.md").write_text("# Works\n\nIt adds up what three parts give.\n", encoding="utf-8")
    windows: set[str] = set()

    def script(seen: Seen) -> Said:
        windows.add(re.split(r"(?:BEGIN|END) DOCUMENT \d", seen.prompt)[1])
        quotes = [{"text": "It adds up what three parts give.", "segments": []}]
        return Said(json.dumps({"findings": [{"statement": "It adds up.", "quotes": quotes, "fields": {}}]}))

    with Scripted(script) as server:
        run = analysed(tmp_path, root, server, whole=True, window=6_144)
    assert len(run.windows) > 2
    assert len(windows) == len(run.windows)
    overviews = {text.partition("\nPart ")[0].partition("Code base root")[2] for text in windows}
    assert len(overviews) == 1 and overviews != {""}, "one overview stands in front of each"
    assert run.coverage is not None
    assert {one.detail for one in run.coverage.files} == {Detail.FULL}
    assert {one.window for one in run.coverage.files} == {window.number for window in run.windows}
    for name in ("purpose", "entry"):
        [finding] = [finding for finding in run.findings if finding.section == name]
        assert len(finding.calls) == len(run.windows), "what every window found is one, and nothing of it is lost"
