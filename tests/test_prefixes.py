"""Prefixes kept on disk: saved and taken up by the real server, and files that must not be believed."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze import llm, tokens
from docanalyze.llm import Ask, LlamaCpp, Progress, Sampling, Slot
from docanalyze.model import Reply
from docanalyze.runtime import prefixes
from docanalyze.runtime.shelf import Shelf, forget
from docanalyze.runtime.values import CacheType, Geometry, Profile, Role, Running
from tests.conftest import Command
from tests.llama_server import LlamaServer, model_for_all

SAMPLE = (Path(__file__).parent.parent / "samples" / "contract.txt").read_text(encoding="utf-8")[:2400]
MUCH = 1 << 30
NEAR = 16
TEMPLATES_END = 8
GREEDY = Sampling()


def running(server: LlamaServer, **more: object) -> Running:
    told = Running(
        Role.MAIN, server.process.pid, server.port, "", Profile("test", 8192), Path("tiny.gguf"), "a" * 64,
        server.log, "", "1", "2026-01-01T00:00:00",
    )  # fmt: skip
    return replace(told, **more)  # type: ignore[arg-type]


class Desk:
    """A client of a server, with a folder of prefixes: what it was told, and what was noted."""

    def __init__(self, server: LlamaServer, folder: Path, limit: int = MUCH, **more: object) -> None:
        served = llm.connect(server.url, tokens.packaged())
        assert isinstance(served, LlamaCpp)
        self.served = served
        self.notes: list[str] = []
        self.told: list[str] = []
        self.shelf = Shelf(folder, limit)
        prefixes.keep(served, running(server, **more), folder, limit, self.notes.append)

    def ask(self, question: str, document: str = SAMPLE, document_id: str = "doc") -> Reply:
        ask = Ask("You read.", document, question, 4, document_id=document_id)
        self.after_prefix = self.served.count_ask(ask) - self.served.count_ask(replace(ask, question=""))
        return self.served.complete(ask, GREEDY, self.watch)

    def watch(self, progress: Progress) -> None:
        self.told.append(progress.waiting)

    @property
    def taken_up(self) -> bool:
        return any("taken up from disk" in waiting for waiting in self.told)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_for_all(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefixes")


@pytest.fixture(scope="module")
def server(model: Path, folder: Path) -> Iterator[LlamaServer]:
    with serving(model, folder) as started:
        yield started


def serving(model: Path, folder: Path) -> LlamaServer:
    return LlamaServer(model, folder / "log", slot_save_path=f"{folder}/", cache_ram_mib=0)


# -- the real server -------------------------------------------------------------------------------


def test_after_a_restart_nothing_of_the_document_is_computed_again(model: Path, tmp_path: Path) -> None:
    with serving(model, tmp_path) as first:
        desk = Desk(first, tmp_path)
        before = desk.ask("What is paid?")
        assert before.cached_tokens == 0 and not desk.taken_up
        first.kill()
    with serving(model, tmp_path) as second:
        desk = Desk(second, tmp_path)
        other = desk.ask("Who is bound, and by what?")
        assert desk.taken_up and desk.notes == []
        assert other.prompt_tokens - other.cached_tokens <= desk.after_prefix + NEAR
        again = desk.ask("What is paid?")
        assert again.text == before.text
    [kept] = desk.shelf.kept()
    path = desk.shelf.path(kept.key)
    assert kept.document_id == "doc" and kept.size == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600 and tmp_path.stat().st_mode & 0o777 == 0o700
    assert [file for file in tmp_path.iterdir() if file.suffix == ".part"] == []


def test_what_the_slot_holds_is_not_taken_up_again(server: LlamaServer, folder: Path) -> None:
    Desk(server, folder).ask("What is paid?")
    later = Desk(server, folder)
    reply = later.ask("Who pays?")
    assert reply.prompt_tokens - reply.cached_tokens <= later.after_prefix + NEAR and not later.taken_up


def test_a_document_that_another_pushed_out_comes_from_disk(server: LlamaServer, folder: Path) -> None:
    desk = Desk(server, folder)
    desk.ask("What is paid?")
    desk.ask("What is paid?", SAMPLE[::-1], "other")
    desk.told.clear()
    reply = desk.ask("Who pays?")
    assert desk.taken_up and reply.prompt_tokens - reply.cached_tokens <= desk.after_prefix + NEAR
    assert {kept.document_id for kept in desk.shelf.kept()} >= {"doc", "other"}


@pytest.mark.parametrize("harm", ["cut short", "altered", "other form", "not said", "another's"])
def test_a_damaged_file_is_ignored_and_the_server_lives(
    server: LlamaServer, tmp_path: Path, folder: Path, harm: str
) -> None:
    own = Desk(server, folder)
    own.ask("What is paid?", document_id=harm)
    [kept] = [kept for kept in own.shelf.kept() if kept.document_id in ("doc", harm)]
    path = own.shelf.path(kept.key)
    whole = path.read_bytes()
    if harm == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif harm == "altered":
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    elif harm == "other form":
        part = own.shelf.part(kept.key)
        part.write_bytes(b"junk" * 100)
        assert own.shelf.put(kept.key, part, "doc", Slot(2000, 400)) == ""
    elif harm == "not said":
        path.with_suffix(".json").write_text("[" * 100_000)
    else:
        said = path.with_suffix(".json")
        said.write_text(said.read_text().replace(kept.key, "b" * 64))
    own.ask("Say something else.", SAMPLE[::-1], "other")
    desk = Desk(server, folder)
    reply = desk.ask("Who pays?")
    assert reply.cached_tokens < 64 and server.process.poll() is None
    if harm in ("cut short", "altered"):
        assert "is damaged: ignored and deleted" in desk.notes[0]
    elif harm == "other form":
        assert "was refused by the server" in desk.notes[0]
    assert desk.shelf.is_whole(desk.shelf.find(kept.key) or kept), "it was saved anew"


def test_a_server_without_a_folder_for_them_answers_and_says_so_once(model: Path, tmp_path: Path) -> None:
    with LlamaServer(model, tmp_path / "log") as bare:
        desk = Desk(bare, tmp_path)
        desk.ask("What is paid?")
        desk.ask("What is paid?", SAMPLE[::-1])
    [note] = desk.notes
    assert "not kept on disk" in note and "--slot-save-path" in note
    assert desk.shelf.kept() == []


def test_what_is_larger_than_the_limit_is_not_kept(server: LlamaServer, tmp_path: Path, folder: Path) -> None:
    desk = Desk(server, folder, limit=1000, version="small")
    desk.ask("What is paid?")
    assert "prefix_cache" in desk.notes[0] and not [file for file in folder.iterdir() if file.suffix == ".part"]


def test_a_prefix_that_turns_out_to_be_of_no_use_is_the_last(server: LlamaServer, folder: Path) -> None:
    desk = Desk(server, folder, version="sliding")
    desk.ask("What is paid?")
    desk.ask("Something else.", SAMPLE[::-1], "other")
    ask = Ask("You read.", SAMPLE, "Who pays?", 4)
    around, (shared, _) = desk.served.around, desk.served._ids(ask)
    assert around is not None
    # What a model with a sliding window does: the file is taken up, and then cannot be cut back.
    around.before(ask, shared, desk.watch)
    around.after(ask, shared, Reply("", desk.served.fingerprint, prompt_tokens=len(shared)), desk.watch)
    assert "was of use for only 0 of" in desk.notes[-1]
    count = len(desk.shelf.kept())
    Desk(server, folder, version="sliding").ask("What is paid?")
    assert len(desk.shelf.kept()) == count, "not even by the next command"


def test_what_another_put_into_the_slot_is_not_kept_as_this_document(server: LlamaServer, folder: Path) -> None:
    desk, others = Desk(server, folder, version="two"), Desk(server, folder, version="another")
    others.served.around = None
    ask = Ask("You read.", SAMPLE, "What is paid?", 4, document_id="mine")
    around, (shared, _) = desk.served.around, desk.served._ids(ask)
    assert around is not None
    count = len(desk.shelf.kept())
    for document in (SAMPLE[:1600], SAMPLE[::-1][: len(SAMPLE) - 1]):
        around.before(ask, shared, desk.watch)
        reply = others.ask("What is paid?")
        others.ask("What is paid?", document)
        around.after(ask, shared, reply, desk.watch)
    assert len(desk.shelf.kept()) == count and list(folder.glob("*.part")) == [] and desk.notes == []


def test_the_ids_in_a_file_say_whose_it_is(server: LlamaServer, folder: Path) -> None:
    # As many tokens as the call had, and others: a document's words in another order.
    desk = Desk(server, folder, version="same length")
    count = len(desk.shelf.kept())
    save = desk.served.save_slot

    def another(name: str) -> Slot:
        saved = save(name)
        path = folder / name
        path.write_bytes(path.read_bytes()[:28] + b"\1\0\0\0" * 300 + path.read_bytes()[1228:])
        return saved

    desk.served.save_slot = another  # type: ignore[method-assign]
    for _ in range(4):
        desk.ask("What is paid?", document_id="mine")
    assert len(desk.shelf.kept()) == count and list(folder.glob("*.part")) == []
    [note] = desk.notes
    assert "others use it, too" in note, "and 10 GB are not written for nothing again and again"


def test_a_file_kept_under_a_wrong_name_is_damaged_and_says_nothing_of_the_model(
    server: LlamaServer, folder: Path
) -> None:
    desk = Desk(server, folder, version="wrong name")
    desk.ask("What is paid?", document_id="mine")
    ask = Ask("You read.", SAMPLE, "What is paid?", 4)
    key = prefixes.key_of(desk.served._ids(ask)[0], prefixes.served_by(running(server, version="wrong name")))
    desk.ask("What is paid?", SAMPLE[::-1], "other")
    part = desk.shelf.part(key)
    saved = desk.served.save_slot(part.name)
    assert desk.shelf.put(key, part, "mine", saved) == ""
    later = Desk(server, folder, version="wrong name")
    later.ask("Who pays?")
    assert "is damaged: ignored and deleted" in later.notes[0]
    assert not later.shelf.is_unfit(prefixes.key_of((), prefixes.served_by(running(server, version="wrong name"))))


def test_a_call_of_another_after_a_prefix_was_taken_up_says_nothing_of_the_model(
    server: LlamaServer, folder: Path
) -> None:
    desk, other = Desk(server, folder, version="between"), Desk(server, folder, version="between")
    desk.ask("What is paid?")
    desk.ask("Something else.", SAMPLE[::-1], "other")
    ask = Ask("You read.", SAMPLE, "Who pays?", 4)
    around, (shared, _) = desk.served.around, desk.served._ids(ask)
    assert around is not None
    around.before(ask, shared, desk.watch)
    other.ask("Who pays?", SAMPLE[::-1], "other")
    around.after(ask, shared, Reply("", desk.served.fingerprint, prompt_tokens=len(shared)), desk.watch)
    assert desk.taken_up and desk.notes == []
    assert not desk.shelf.is_unfit(prefixes.key_of((), prefixes.served_by(running(server, version="between"))))


def test_none_are_kept_where_there_is_no_room_for_any(server: LlamaServer, folder: Path) -> None:
    assert Desk(server, folder, limit=0).served.around is None


def test_short_texts_and_no_documents_are_left_alone(server: LlamaServer, folder: Path) -> None:
    desk = Desk(server, folder, version="short")
    count = len(desk.shelf.kept())
    desk.ask("What is paid?", "Nothing.")
    desk.served.choose(Ask("You judge.", "", "Is it so?", 1), ("A", "B"))
    assert len(desk.shelf.kept()) == count and desk.notes == []


# -- what makes two prefixes the same --------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"model_sha256": "b" * 64},
        {"version": "2"},
        {"profile": Profile("x", 8192, CacheType.Q8_0)},
        {"profile": Profile("x", 8192, cache_v=CacheType.Q8_0)},
        {"profile": Profile("x", 8192, yarn_factor=4.0, yarn_context=32_768)},
        {"profile": Profile("x", 8192, flash=False)},
    ],
    ids=lambda changed: " ".join(map(str, changed)),
)
def test_a_prefix_is_of_one_model_and_one_way_to_serve_it(server: LlamaServer, changed: dict[str, object]) -> None:
    one, other = running(server), running(server, **changed)
    ids = list(range(600))
    assert prefixes.key_of(ids, prefixes.served_by(one)) != prefixes.key_of(ids, prefixes.served_by(other))


def test_a_longer_context_and_another_start_leave_a_prefix_valid(server: LlamaServer) -> None:
    one = running(server)
    later = replace(one, pid=1, port=2, key="k", started="later", profile=Profile("y", 131_072))
    assert prefixes.served_by(one) == prefixes.served_by(later)


def test_bytes_of_a_token_are_those_of_the_reference() -> None:
    layers = (8,) * 48
    geometry = Geometry("14B", "qwen2", 40, layers, 128, 128, 5120, 152_064, 32_768, 0, 0)
    profile = Profile("x", 131_072, CacheType.Q8_0, CacheType.Q8_0)
    assert prefixes.bytes_per_token(geometry, profile) == 104_448 + 16


# -- the shelf -------------------------------------------------------------------------------------


def put(shelf: Shelf, key: str, document: str, size: int = 100) -> str:
    part = shelf.part(key)
    part.write_bytes(b"x" * size)
    problem = shelf.put(key, part, document, Slot(10, size))
    if not problem:
        stamp = time.time() - 1000 + len(shelf.kept())
        os.utime(shelf.path(key).with_suffix(".json"), (stamp, stamp))
    return problem


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "prefixes", 250)
    shelf.tidy()
    return shelf


def test_the_least_recently_used_goes_first(shelf: Shelf) -> None:
    assert [put(shelf, "one", "a"), put(shelf, "two", "b")] == ["", ""]
    shelf.used("one")
    assert put(shelf, "three", "c") == ""
    assert {kept.key for kept in shelf.kept()} == {"one", "three"}
    assert not shelf.path("two").exists()


def test_one_that_is_too_large_evicts_no_other(shelf: Shelf) -> None:
    put(shelf, "one", "a")
    assert "takes 0 MiB" in put(shelf, "large", "b", 300)
    assert [kept.key for kept in shelf.kept()] == ["one"]


def test_a_full_disk_is_said_before_it_is_full(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 1 << 60)
    assert "the disk has" in shelf.make_room(1 << 59)


def test_forget_deletes_those_of_a_document_and_what_is_nobodys(shelf: Shelf) -> None:
    put(shelf, "one", "a")
    put(shelf, "two", "b")
    shelf.part("half").write_bytes(b"x")
    (shelf.folder / "lost.slot").write_bytes(b"x")
    assert forget(shelf.folder, {"a"}) == 3
    assert sorted(file.name for file in shelf.folder.iterdir()) == ["two.json", "two.slot"]
    assert forget(shelf.folder / "nowhere", {"a"}) == 0 and forget(shelf.folder, ()) == 0


def test_what_nobody_finished_is_tidied_away(shelf: Shelf) -> None:
    old = time.time() - 10_000
    put(shelf, "one", "a")
    for name in ("half.1.part", "lost.slot", "alone.json"):
        (shelf.folder / name).write_bytes(b"x")
        os.utime(shelf.folder / name, (old, old))
    (shelf.folder / "now.2.part").write_bytes(b"x")
    shelf.tidy()
    assert sorted(file.name for file in shelf.folder.iterdir()) == ["now.2.part", "one.json", "one.slot"]


# -- from the shell --------------------------------------------------------------------------------


def test_the_next_command_reads_nothing_again_and_forget_deletes_it(
    docanalyze: Command, model: Path, here: Path
) -> None:
    settings = here.parent / "config" / "docanalyze"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(f'main_file = "{model}"\nprofile = "small"\n')
    (settings / "profiles.toml").write_text("[small]\ncontext = 3072\nlayers = 0\n")
    slots = here.parent / "state" / "docanalyze" / "slots"
    Path("a.txt").write_text(SAMPLE)
    for section in ("law", "term"):
        docanalyze("a.txt", "--section", section, "--quiet")
        [call] = [call for call in docanalyze("show", "--calls", "--json").json["calls"] if call["role"] == "analyst"]
        if section == "law":
            assert call["cached_tokens"] == 0 and [file.suffix for file in slots.glob("*.slot")] == [".slot"]
    after_prefix = tokens.packaged()(call["prompt"]) + TEMPLATES_END
    assert call["prompt_tokens"] - call["cached_tokens"] <= after_prefix + NEAR
    documents = {run["document"]["id"] for run in docanalyze("show", "--json").json["runs"]}
    assert docanalyze("forget", documents.pop()).out.strip().endswith("1 kept prefix file")
    assert list(slots.glob("*.slot")) + list(slots.glob("*.json")) == []
