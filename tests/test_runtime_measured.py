"""Speed, memory and recall, measured on the real server; a model that remembers, played by a script."""

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import llm, tokens
from docanalyze.errors import PromptTooLong
from docanalyze.llm.llamacpp import LlamaCpp
from docanalyze.runtime import monitor, recall, speed, story
from docanalyze.runtime.monitor import Monitor, Planned, Sampled
from docanalyze.runtime.recall import Recalled
from docanalyze.runtime.speed import Depth, Speed
from docanalyze.runtime.values import MIB, Check, Geometry, Outcome
from tests.llama_server import LlamaServer, model_for_all
from tests.scripted import Said, Scripted
from tests.scripted import Seen as Asked

BIG = Geometry("14B", "qwen2", 40, (8,) * 48, 128, 128, 5120, 152_064, 32_768, 8_984_000_000, 437_000_000)
PARAMETERS = 14_770_000_000


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LlamaServer, LlamaCpp]]:
    folder = tmp_path_factory.mktemp("measured")
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    with LlamaServer(model, folder / "log", n_ctx=2048, cache_ram_mib=0, threads=1) as server:
        yield server, connected(server.url)


def connected(url: str) -> LlamaCpp:
    served = llm.connect(url, tokens.packaged())
    assert isinstance(served, LlamaCpp)
    return served


def outcomes(checks: tuple[Check, ...]) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in checks}


# -- speed -----------------------------------------------------------------------------------------


def test_the_real_server_writes_all_that_is_asked_and_reads_its_window_once(
    real: tuple[LlamaServer, LlamaCpp],
) -> None:
    found = speed.measure(real[1], written=30)
    assert found.written == 30
    assert found.writing > 0
    assert [at.depth for at in found.depths] == [1024, 2031]
    assert sum(at.read for at in found.depths) <= 2048
    assert found.depths[1].read <= speed.PROBE + 16
    assert all(at.reading > 0 and at.writing > 0 for at in found.depths)
    checks = speed.checks(found, None, 0)
    assert [check.name for check in checks[2:]] == ["reading at 1,024", "reading at 2,031"]
    assert outcomes(checks)["tokens written"] is Outcome.NOT_PROVABLE
    assert outcomes(speed.checks(spoken(), None, 0))["tokens written"] is Outcome.PASSED


def test_what_would_take_too_long_is_named_and_not_passed(real: tuple[LlamaServer, LlamaCpp]) -> None:
    found = speed.measure(real[1], written=10, patience=0.0)
    assert found.skipped == (2031,)
    assert outcomes(speed.checks(found, None, 0))["reading at 2,031"] is Outcome.NOT_PROVABLE


def test_a_prompt_of_ids_has_room_for_its_answer_or_is_refused(real: tuple[LlamaServer, LlamaCpp]) -> None:
    client = real[1]
    ids = client.conversation_ids([("system", "You read."), ("user", "Hi."), ("assistant", "Yes."), ("user", "Go.")])
    text = tokens.packaged().decode([one for one in ids if one < 151_643])
    assert [words in text for words in ("You read.", "Yes.", "Go.")] == [True] * 3
    assert sum(one == 151_644 for one in ids) == 5
    reply = client.complete_ids(ids, 5, to_the_end=True)
    assert (reply.prompt_tokens, reply.output_tokens, reply.finish) == (len(ids), 5, "length")
    with pytest.raises(PromptTooLong, match="granted 2,048"):
        client.complete_ids(ids, 2_048)


def spoken(*depths: Depth, wall: float = 15.2) -> Speed:
    return Speed(60, 1000, 0.05, 15.0, wall, depths)


def test_attention_on_the_processor_shows_in_reading_at_depth() -> None:
    fine = spoken(Depth(1024, 1024, 1500.0, 60.0), Depth(32_768, 1024, 700.0, 50.0))
    fallen = spoken(Depth(1024, 1024, 200.0, 18.0), Depth(32_768, 1024, 8.0, 3.0))
    assert outcomes(speed.checks(fine, BIG, PARAMETERS))["reading at 32,768"] is Outcome.PASSED
    found = {check.name: check for check in speed.checks(fallen, BIG, PARAMETERS)}["reading at 32,768"]
    assert found.outcome is Outcome.FAILED
    assert "runs on the processor" in found.remedy
    # Where all of it runs there anyway, it says only that the machine was busy.
    plain = outcomes(speed.checks(fallen, BIG, PARAMETERS, on_device=False))
    assert plain["reading at 32,768"] is Outcome.NOT_PROVABLE


def test_the_share_allowed_at_depth_is_what_attention_costs() -> None:
    # 26 GFLOP for the weights; attention adds 1 GFLOP a thousand tokens of depth.
    assert speed.share(1024, 131_072, BIG, PARAMETERS) == pytest.approx(0.177, abs=0.01)
    local = replace(BIG, window=1024, local=(True,) * 40 + (False,) * 8)
    assert speed.share(1024, 131_072, local, PARAMETERS) > 0.5
    assert speed.share(1024, 4096, None, 0) == 0.25


def test_time_that_the_client_adds_is_held_to_a_bar() -> None:
    assert outcomes(speed.checks(spoken(), None, 0))["added by HTTP and client"] is Outcome.PASSED
    assert outcomes(speed.checks(spoken(wall=20.0), None, 0))["added by HTTP and client"] is Outcome.FAILED


def test_what_has_no_time_is_not_provable() -> None:
    fine, mute = Depth(1024, 1024, 1500.0, 60.0), Depth(32_768, 1024, 0.0, 0.0)
    silent = Speed(60, 1000, 0.0, 0.0, 15.2, (replace(fine, reading=0.0), replace(mute, reading=700.0)))
    checks = speed.checks(silent, BIG, PARAMETERS)
    assert len(checks) == 4
    assert {check.outcome for check in checks} == {Outcome.NOT_PROVABLE}
    assert all("no timings" in check.remedy for check in checks)
    found = outcomes(speed.checks(spoken(fine, mute), BIG, PARAMETERS))
    assert found["reading at 1,024"] is Outcome.PASSED
    assert found["reading at 32,768"] is Outcome.NOT_PROVABLE
    assert outcomes(speed.checks(spoken(mute), BIG, PARAMETERS))["reading at 32,768"] is Outcome.NOT_PROVABLE


def test_depths_go_up_to_the_full_window() -> None:
    assert speed.depths_within(131_072) == [1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 98_304, 131_055]
    assert speed.depths_within(1_024) == [1_007]


# -- memory ----------------------------------------------------------------------------------------


def test_the_memory_of_the_real_server_is_sampled_while_it_works(real: tuple[LlamaServer, LlamaCpp]) -> None:
    server, client = real
    where, source = monitor.source(server.process.pid, on_device=False)
    with Monitor(where, source, every=0.01) as idle:
        time.sleep(0.05)
    with Monitor(where, source, every=0.01) as busy:
        client.complete_ids(client.encode("word " * 500), 16, to_the_end=True)
    assert idle.sampled.count >= 3
    assert busy.sampled.most >= idle.sampled.least > 20 * MIB
    planned = Planned(total=60 * MIB, cache=MIB)
    found = outcomes(monitor.checks(idle.sampled, busy.sampled, planned, on_device=False))
    assert set(found.values()) == {Outcome.PASSED}


def test_memory_of_a_process_that_is_gone_is_not_provable() -> None:
    where, source = monitor.of_process(2**22 + 1)
    with Monitor(where, source) as gone:
        pass
    found = monitor.checks(gone.sampled, gone.sampled, Planned(10, 1), on_device=False)
    assert set(outcomes(found).values()) == {Outcome.NOT_PROVABLE}


def test_a_device_must_hold_what_was_planned() -> None:
    planned = Planned(total=16_000 * MIB, cache=6_912 * MIB)
    where = "of the device, by its driver"

    def of(mib: int) -> Sampled:
        return Sampled(where, mib * MIB, mib * MIB, 9)

    def found(mib: int) -> Outcome:
        return outcomes(monitor.checks(of(mib), of(mib), planned, on_device=True))["memory under load"]

    assert found(15_500) is Outcome.PASSED
    assert found(17_500) is Outcome.FAILED
    assert found(9_000) is Outcome.FAILED
    blind = Sampled("of the process", MIB, MIB, 9)
    assert outcomes(monitor.checks(blind, blind, planned, on_device=True))["memory under load"] is Outcome.NOT_PROVABLE


NVML = """
class NVMLError(Exception): pass
class Process:
    def __init__(self, pid, used=512 << 20):
        self.pid, self.usedGpuMemory = pid, used
listed = {0: [Process(4242)], 1: [Process(4242), Process(7, 1 << 30)]}
def nvmlInit(): pass
def nvmlDeviceGetCount(): return 2
def nvmlDeviceGetHandleByIndex(number): return number
def nvmlDeviceGetComputeRunningProcesses(handle): return listed[handle]
"""


def test_the_driver_is_asked_where_its_bindings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pynvml.py").write_text(NVML)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    where, source = monitor.source(4242, on_device=True)
    assert (where, source()) == ("of the device, by its driver", 1024 * MIB)
    assert monitor.source(4242, on_device=False)[0] == "of the process"
    # Two others on one device: which of them would be ours?
    assert monitor.source(1, on_device=True)[1]() is None
    listed: dict[int, list[object]] = vars(sys.modules["pynvml"])["listed"]
    listed[1].pop()
    monkeypatch.setattr(monitor, "_PROC", tmp_path / "proc")
    assert monitor.source(1, on_device=True)[1]() is None
    (tmp_path / "proc" / "self").mkdir(parents=True)
    assert monitor.source(1, on_device=True)[1]() == 1024 * MIB
    # A server whose log puts it on no device has no process there, and one that is seen here is somebody else's.
    assert monitor.source(1, on_device=True, lies_there=False)[1]() is None
    (tmp_path / "proc" / "4242").mkdir()
    assert monitor.source(1, on_device=True)[1]() is None
    listed.update({0: [], 1: []})
    assert monitor.source(1, on_device=True)[1]() is None
    sys.modules.pop("pynvml")


def test_growth_is_held_to_what_was_not_yet_touched() -> None:
    planned = Planned(total=16_000 * MIB, cache=1_000 * MIB)

    def grown(idle: int, busy: int, where: str = "of the process", *, on_device: bool = False) -> Outcome:
        first, second = (Sampled(where, mib * MIB, mib * MIB, 9) for mib in (idle, busy))
        return outcomes(monitor.checks(first, second, planned, on_device=on_device))["growth under load"]

    assert grown(2_000, 16_500) is Outcome.PASSED
    assert grown(16_000, 17_800) is Outcome.PASSED
    assert grown(16_000, 18_500) is Outcome.FAILED
    assert grown(1_000, 1_001, on_device=True) is Outcome.NOT_PROVABLE
    assert grown(16_000, 16_900, "of the device, by its driver", on_device=True) is Outcome.PASSED
    assert grown(16_000, 17_200, "of the device, by its driver", on_device=True) is Outcome.FAILED


# -- recall ----------------------------------------------------------------------------------------


class Remembering:
    """Tells what stands in a prompt of up to so many tokens; of longer ones the first half alone."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, asked: Asked) -> Said:
        turns = asked.prompt.rsplit("⟦<|im_start|>⟧user\n", 1)
        # In a document the question is the last paragraph of the one turn, in a conversation a turn of its own.
        text, question = turns if "Note 1." in turns[0] else asked.prompt.rsplit("\n\n", 1)
        if len(asked.ids) > self.most:
            text = text[: len(text) // 2]
        return Said(self.answer(text, question))

    def answer(self, text: str, question: str) -> str:
        if name := re.search(r"Write out (Resolution \d+)", question):
            found = re.search(rf"{name[1]}: [^\n]*?says otherwise\.", text)
            return found[0] if found else "I do not know."
        if "bricks" in question:
            return ", ".join(re.findall(r"barge carries (\d+) bricks", text))
        if person := re.search(r"has the locker of (\w+)", question):
            found = re.search(rf"locker of {person[1]} has the number (\d+)", text)
        else:
            place = re.search(r"depot in (\w+)\?", question)
            found = re.search(rf"depot in {place[1]} is (\d+)", text) if place else None
        return f"It is {found[1]}." if found else "I do not know."


def told(most: int, *lengths: int) -> list[Recalled]:
    with Scripted(Remembering(most), context=16_384) as server:
        return list(recall.measure(connected(server.url), lengths))


def test_a_model_that_remembers_all_is_trusted_to_the_longest_length() -> None:
    recalls = told(20_000, 2_048, 4_096)
    assert [(one.length, one.way, one.right, one.quoted) for one in recalls] == [
        (2_048, "document", 6, True),
        (2_048, "conversation", 6, True),
        (4_096, "document", 6, True),
        (4_096, "conversation", 6, True),
    ]
    assert recall.trusted(recalls) == 4_096
    found = outcomes(recall.checks(recalls, (2_048, 4_096), recalls))
    assert set(found.values()) == {Outcome.PASSED}


def test_a_model_that_forgets_is_trusted_to_where_it_did_not() -> None:
    recalls = told(5_000, 2_048, 4_096, 8_192, 16_000)
    assert recall.trusted(recalls) == 4_096
    checks = recall.checks(recalls, (2_048, 4_096, 8_192, 16_000))
    found = outcomes(checks)
    assert found["recall at 4,096, document"] is Outcome.PASSED
    assert found["recall at 8,192, document"] is Outcome.FAILED
    assert found["recall at 16,000"] is Outcome.NOT_RUN
    assert {check.name: check.seen for check in checks}["trusted length"] == "4,096 tokens"
    assert "not told" in next(check.remedy for check in checks if check.outcome is Outcome.FAILED)


def test_a_model_may_only_answer_not_think_aloud(real: tuple[LlamaServer, LlamaCpp]) -> None:
    facts = story.facts(3)
    ids = real[1].conversation_ids([("user", "Go.")])
    assert set(real[1].complete_ids(ids, 12, grammar=facts[0].grammar).text) <= set("0123456789, ")
    said = real[1].complete_ids(ids, 12, grammar=facts[-1].grammar).text
    assert said.startswith("Resolution ") and "<" not in said


def test_a_model_of_random_weights_proves_nothing(real: tuple[LlamaServer, LlamaCpp]) -> None:
    recalls = list(recall.measure(real[1], (1_200, 4_096)))
    assert {one.length for one in recalls} == {1_200}
    assert recall.trusted(recalls) is None
    found = outcomes(recall.checks(recalls, (1_200, 4_096)))
    assert set(found.values()) == {Outcome.NOT_PROVABLE, Outcome.NOT_RUN}


def test_a_quantized_cache_that_tells_less_than_a_plain_one_fails() -> None:
    plain = [Recalled(4_096, way, 6, 6, True) for way in recall.WAYS]
    worse = [replace(plain[0], right=5), plain[1]]
    assert outcomes(recall.checks(worse, (4_096,), plain))["against an f16 cache"] is Outcome.FAILED
    assert outcomes(recall.checks(plain, (4_096,), plain))["against an f16 cache"] is Outcome.PASSED
    assert outcomes(recall.checks(plain, (4_096,)))["against an f16 cache"] is Outcome.NOT_PROVABLE
    unquoted = [replace(plain[0], quoted=False), plain[1]]
    assert outcomes(recall.checks(unquoted, (4_096,), plain))["against an f16 cache"] is Outcome.FAILED


def test_lengths_end_with_the_whole_context() -> None:
    assert recall.lengths_within(32_768) == [2_048, 4_096, 8_192, 16_384, 32_768]
    assert recall.lengths_within(40_000)[-1] == 40_000
    assert recall.lengths_within(33_000)[-1] == 32_768
    assert recall.lengths_within(1_024) == []


# -- the text that is asked about ------------------------------------------------------------------


def test_every_fact_stands_once_and_apart_from_its_like() -> None:
    facts = story.facts(3)
    text = "\n\n".join(story.planted(story.text_of(tokens.packaged(), 8_000), facts))
    for fact in facts:
        for sentence in fact.sentences:
            assert text.count(sentence) == 1
    single = [text.index(fact.sentences[0]) / len(text) for fact in facts if fact.kind == "single"]
    assert len(single) == 3
    gathered = next(fact for fact in facts if fact.kind == "gathered")
    places = sorted(text.index(sentence) / len(text) for sentence in gathered.sentences)
    assert places[-1] - places[0] > 0.4
    assert story.facts(3) == facts != story.facts(4)


def test_an_answer_has_the_number_itself_and_a_quote_every_word() -> None:
    facts = story.facts(3)
    wanted = facts[0].wanted[0]
    assert facts[0].is_answered(f"The code is {wanted[:2]},{wanted[2:]}.")
    assert not facts[0].is_answered(f"1{wanted}")
    gathered = next(fact for fact in facts if fact.kind == "gathered")
    assert gathered.is_answered(",".join(gathered.wanted))
    assert not gathered.is_answered(", ".join(gathered.wanted[:3]))
    quote = facts[-1]
    words = quote.wanted[0]
    assert quote.is_answered(words.replace(" the ", "\nthe ", 1))
    assert not quote.is_answered(words.replace("copper", "silver"))
