"""What was proven of servers comes back as it was stored, and outlives the runs that they served."""

from dataclasses import replace
from pathlib import Path

from docanalyze.model import Fingerprint
from docanalyze.store import Benchmark, BenchmarkRow, CheckRow, Proof, RecallRow, SpeedRow, Store
from tests.store_material import a_document, a_run

SERVED = Fingerprint("big.gguf", "ab" * 32, "Q4_K_M", "q8_0", "q8_0", 131_072, "yarn 4 x 32768", "b1", "CUDA0")
PROOF = Proof(
    SERVED,
    "main",
    "auto",
    "2026-11-26T10:00:00+00:00",
    12.5,
    "pass",
    (CheckRow(1, "cache types", "K q8_0", "K q8_0", "pass"), CheckRow(2, "memory", "1", "\ud800", "fail", "look")),
    (SpeedRow(1_024, 900.5, 60.25),),
    (RecallRow(2_048, "conversation", 6, 5, True), RecallRow(2_048, "document", 6, 6, False)),
    65_536,
)


def test_a_proof_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        assert store.proof() is None
        number = store.put_proof(PROOF)
        store.put_proof(replace(PROOF, profile="other", recalls=(), trusted=None))
        found = store.proof(number)
        assert found is not None
        assert replace(found, checks=found.checks[:1]) == replace(PROOF, checks=PROOF.checks[:1])
        last = store.proof()
        assert last is not None
        assert (last.profile, last.recalls, last.trusted) == ("other", (), None)
        assert store.verify() == []


def test_the_trusted_length_is_of_the_same_file_cache_and_positions(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        assert store.trusted(SERVED) is None
        store.put_proof(PROOF)
        assert store.trusted(replace(SERVED, context=32_768, build="b2", device="CPU")) == 65_536
        for other in (
            replace(SERVED, file_sha256="cd" * 32),
            replace(SERVED, cache_k="q4_0"),
            replace(SERVED, cache_v="f16"),
            replace(SERVED, rope=""),
            replace(SERVED, file_sha256=""),
        ):
            assert store.trusted(other) is None
        store.put_proof(replace(PROOF, trusted=None))
        assert store.trusted(SERVED) == 0
        store.put_proof(replace(PROOF, recalls=(), trusted=None))
        assert store.trusted(SERVED) == 0


def test_the_longest_length_counts_until_a_later_proof_fails_within_it(tmp_path: Path) -> None:
    def proven(trusted: int | None, *lengths: int) -> Proof:
        return replace(PROOF, trusted=trusted, recalls=tuple(RecallRow(one, "document", 6, 6, True) for one in lengths))

    with Store.open(tmp_path / "x.db") as store:
        for proof, counts in (
            (proven(32_768, 2_048, 32_768), 32_768),
            (proven(131_072, 2_048, 131_072), 131_072),
            # Asked for less, or failed beyond it: nothing new.
            (proven(2_048, 2_048), 131_072),
            (proven(131_072, 131_072, 262_144), 131_072),
            (proven(2_048, 2_048, 262_144), 131_072),
            (proven(4_096, 4_096, 131_072), 4_096),
            (proven(8_192, 8_192), 8_192),
            (proven(None, 2_048), 0),
            (proven(2_048, 2_048), 2_048),
        ):
            store.put_proof(proof)
            assert store.trusted(SERVED) == counts
            f16 = replace(proof, fingerprint=replace(SERVED, cache_k="f16", cache_v="f16", rope=""))
            store.put_proof(f16)
        assert [row.length for row in store.recalls("ab" * 32, "f16")] == [2_048]
    with Store.open(tmp_path / "y.db") as store:
        for proof in (proven(8_192, 2_048, 8_192), proven(2_048, 2_048)):
            store.put_proof(replace(proof, fingerprint=replace(SERVED, cache_k="f16", cache_v="f16", rope="")))
        assert [row.length for row in store.recalls("ab" * 32, "f16")] == [2_048, 8_192]


def test_what_an_f16_cache_told_is_found_by_the_model_file(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        store.put_proof(PROOF)
        store.put_proof(replace(PROOF, fingerprint=replace(SERVED, cache_k="f16", cache_v="f16", rope="")))
        assert store.recalls("ab" * 32, "f16") == PROOF.recalls
        assert store.recalls("ab" * 32, "f16", "yarn 2 x 32768") == ()
        assert store.recalls("cd" * 32, "f16") == ()


def test_a_benchmark_comes_back_with_what_did_not_start(tmp_path: Path) -> None:
    with Store.open(tmp_path / "x.db") as store:
        number = store.put_proof(PROOF)
        rows = (
            BenchmarkRow("baseline", 32_768, "f16", "f16", error="out of memory"),
            BenchmarkRow("a", 32_768, "q8_0", "q8_0", 3264.0, 10_600.0, 63.9, proof=number),
        )
        benchmark = Benchmark("2026-11-26T10:00:00+00:00", "a card", "big.gguf", rows)
        assert store.benchmark(store.put_benchmark(benchmark)) == benchmark
        assert store.benchmark(99) is None
        assert store.verify() == []


def test_what_served_a_proof_outlives_the_runs_that_it_served(tmp_path: Path) -> None:
    document = a_document()
    run = a_run(document)
    served = [call.reply.fingerprint for call in run.calls if call.reply]
    with Store.open(tmp_path / "x.db") as store:
        store.put_document(document)
        store.start_run(run)
        number = store.put_proof(replace(PROOF, fingerprint=served[0]))
        store.forget(run.id)
        found = store.proof(number)
        assert found is not None
        assert found.fingerprint == served[0]
        assert store.verify() == []
