"""A server of ours goes through the steps of the proof; profiles are compared, in a table and a drawing."""

import csv
import io
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import DocanalyzeError, ModelRefused, ReplyError, ServerAbsent, ServerError
from docanalyze.runtime import bench, verify
from docanalyze.runtime.monitor import Planned
from docanalyze.runtime.recall import WAYS, Recalled
from docanalyze.runtime.values import MIB, CacheType, Check, Geometry, Outcome, Profile, Role, Running
from docanalyze.runtime.verify import Effort, Subject, Verification
from docanalyze.store import Store
from tests.llama_server import LlamaServer, model_for_all

TINY = Geometry("tiny", "qwen2", 2, (1, 1), 32, 32, 64, 151_665, 131_072, 38_926_848, 0)
PROFILE = Profile("tiny", 2048, CacheType.Q8_0, CacheType.Q8_0, layers=0, reported_mb=9, reported_rate=2.5)
PLANNED = Planned(64 * MIB, MIB // 4)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    folder = tmp_path_factory.mktemp("verified")
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    asked = {"cache_type_k": 8, "cache_type_v": 8, "verbosity": 4, "n_ctx": 2048, "cache_ram_mib": 0, "threads": 1}
    with LlamaServer(model, folder / "log", **asked) as server:
        pid, log = server.process.pid, folder / "log"
        running = Running(Role.MAIN, pid, server.port, "", PROFILE, model, "ab" * 32, log, "", "the wheel", "", 1.0)
        yield Subject(running, TINY, PLANNED)


def by_name(found: Verification) -> dict[str, Check]:
    return {check.name: check for check in found.checks}


@pytest.fixture(scope="module")
def proven(subject: Subject) -> Verification:
    said: list[str] = []
    found = verify.verify(subject, Effort(written=16, lengths=(1_200,)), said.append)
    assert {"memory while idle", "memory under load", "speed", "quality"} <= set(said)
    return found


def test_all_four_steps_of_the_real_server(proven: Verification) -> None:
    checks = by_name(proven)
    assert {check.step for check in proven.checks} == {1, 2, 3, 4}
    assert {check.outcome for check in proven.checks if check.step == 1} == {Outcome.PASSED}
    assert {check.outcome for check in proven.checks if check.step == 2} == {Outcome.PASSED}
    assert checks["trusted length"].outcome is Outcome.NOT_PROVABLE
    assert proven.trusted is None
    assert proven.fingerprint.proven
    assert proven.speed is not None
    assert [depth.depth for depth in proven.speed.depths] == [1024, 2031]


def test_a_verification_is_stored_with_all_it_found(proven: Verification, tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        kept = store.proof(store.put_proof(verify.as_proof(proven)))
        assert kept == verify.as_proof(proven)
        assert store.trusted(proven.fingerprint) == 0
        assert store.verify() == []


def test_steps_that_were_not_chosen_are_named(subject: Subject) -> None:
    found = verify.verify(subject, Effort(frozenset({1})))
    left = [(check.step, check.name) for check in found.checks if check.outcome is Outcome.NOT_RUN]
    assert left == [(2, "device"), (3, "speed"), (4, "quality")]
    assert found.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (replace(PROFILE, cache_k=CacheType.Q4_0), "cache types"),
        (replace(PROFILE, context=4096), "context of a slot"),
        (replace(PROFILE, yarn_factor=4, yarn_context=512), "positions"),
    ],
)
def test_a_server_that_does_otherwise_than_asked_fails(subject: Subject, wrong: Profile, name: str) -> None:
    asked = replace(subject, running=replace(subject.running, profile=wrong))
    found = verify.verify(asked, Effort(frozenset({1})))
    assert by_name(found)[name].outcome is Outcome.FAILED
    assert found.outcome is Outcome.FAILED
    assert not found.fingerprint.proven


def test_without_its_log_nothing_of_the_cache_is_proven(subject: Subject, tmp_path: Path) -> None:
    blind = replace(subject, running=replace(subject.running, log=tmp_path / "gone"))
    found = verify.verify(blind, Effort(frozenset({1})))
    assert by_name(found)["cache types"].outcome is Outcome.NOT_PROVABLE
    assert found.outcome is Outcome.NOT_PROVABLE
    assert (found.fingerprint.cache_k, found.fingerprint.proven) == ("", False)


def test_a_server_that_is_gone_is_said_to_be(subject: Subject) -> None:
    gone = replace(subject, running=replace(subject.running, port=1))
    with pytest.raises(ServerAbsent):
        verify.verify(gone, Effort(frozenset({1})))


def test_f16_is_asked_for_only_where_something_is_to_be_trusted(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    def plain(lengths: Sequence[int]) -> tuple[Recalled, ...]:
        asked.append(list(lengths))
        return tuple(Recalled(length, way, 6, 6, True) for length in lengths for way in WAYS)

    held = replace(subject, plain=plain)
    effort = Effort(frozenset({4}), lengths=(1_200,))
    assert "against an f16 cache" in by_name(verify.verify(held, effort))
    assert asked == []
    told = [Recalled(1_200, way, 6, 5, True) for way in WAYS]
    monkeypatch.setattr("docanalyze.runtime.recall.measure", lambda *_, **__: iter(told))
    found = verify.verify(held, effort)
    assert asked == [[1_200, 1_200]]
    assert by_name(found)["against an f16 cache"].outcome is Outcome.FAILED
    assert found.trusted == 1_200
    f16 = replace(PROFILE, cache_k=CacheType.F16, cache_v=CacheType.F16)
    found = verify.verify(replace(held, running=replace(subject.running, profile=f16)), effort)
    assert "against an f16 cache" not in by_name(found)


# -- comparing -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(subject: Subject) -> list[bench.Row]:
    @contextmanager
    def serve(profile: Profile) -> Iterator[Subject]:
        if profile.name == "<big>":
            raise ServerError("not enough memory: 24,576 MiB were asked | of 8,192", "take less")
        yield subject

    wanted = [PROFILE, Profile("<big>", 131_072)]
    return bench.measure(wanted, serve, Effort(bench.STEPS, written=16, depths=(1_024,)))


def test_a_profile_that_does_not_start_stops_no_other(rows: list[bench.Row]) -> None:
    assert [row.error[:17] for row in rows] == ["", "not enough memory"]
    assert rows[0].cache_mib == pytest.approx(0.26)
    assert rows[0].total_mib is not None
    assert rows[0].per_gb == pytest.approx(2048 / (rows[0].total_mib / 1024))
    assert bench.cells(rows[0])[:4] == ("tiny", "2,048", "q8_0", "0.26")
    assert bench.cells(rows[1]) == ("<big>", "131,072", "f16", *"–––––")


@pytest.mark.parametrize("error", [ReplyError("no text came"), ModelRefused("cut short"), ServerError("gone")])
def test_a_profile_that_fails_after_its_start_leaves_the_rows_before_it(
    subject: Subject, proven: Verification, monkeypatch: pytest.MonkeyPatch, error: DocanalyzeError
) -> None:
    @contextmanager
    def serve(_: Profile) -> Iterator[Subject]:
        yield subject

    def verified(*_: object) -> Verification:
        told.append(1)
        if len(told) > 1:
            raise error
        return proven

    told: list[int] = []
    monkeypatch.setattr(bench, "verify", verified)
    rows = bench.measure([PROFILE, replace(PROFILE, name="late")], serve, Effort(bench.STEPS))
    assert [(row.found is not None, row.error) for row in rows] == [(True, ""), (False, error.what)]
    assert f"late failed: {error.what}" in bench.as_markdown(rows, "x")
    assert (rows[0].why, rows[1].why) == ("", f"late failed: {error.what}")


def test_the_table_has_what_the_original_had(rows: list[bench.Row]) -> None:
    table = bench.as_markdown(rows, "a|b.gguf")
    assert table.startswith("a\\|b.gguf on CPU")
    assert "| configuration | context | cache type | cache MB | total MB | tokens/s |" in table
    assert "- tiny: 9 MB, 2.5 tokens/s" in table
    assert "&lt;big> did not start: not enough memory: 24,576 MiB were asked \\| of 8,192" in table


def test_the_csv_reads_back_and_holds_no_formula(rows: list[bench.Row]) -> None:
    risky = [*rows, bench.Row(Profile("=1+1", 256), error="-x")]
    read = list(csv.DictReader(io.StringIO(bench.as_csv(risky))))
    assert float(read[0]["cache_mib"]) == pytest.approx(0.26)
    assert read[1]["cache_mib"] == ""
    assert (read[2]["configuration"], read[2]["error"]) == ("'=1+1", "'-x")


def test_the_drawing_is_well_formed_whatever_things_are_called(rows: list[bench.Row]) -> None:
    root = ET.fromstring(bench.as_svg(rows, "<script>&"))
    text = "".join(root.itertext())
    assert "<big>" in text
    assert "Memory under load, <script>&" in text
    widths = [float(rect.attrib["width"]) for rect in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert max(widths) == 554
    assert "weights, buffers and the rest" in text


def test_a_comparison_is_stored_with_its_proofs(rows: list[bench.Row], tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        proofs = [store.put_proof(verify.as_proof(row.found)) if row.found else None for row in rows]
        kept = store.benchmark(store.put_benchmark(bench.as_benchmark(rows, "tiny.gguf", proofs)))
        assert kept is not None
        assert [row.proof for row in kept.rows] == [1, None]
        assert kept.rows[1].error.startswith("not enough memory")
        assert os.fspath(store.path).endswith("x.db")
        assert store.verify() == []
