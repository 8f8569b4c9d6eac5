"""Servers of ours proven and compared: found or started, gone through the steps, what came of it stored."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from docanalyze import config
from docanalyze.config import Settings
from docanalyze.errors import DocanalyzeError, ModelRefused, ServerAbsent, ServerError, UsageError, VocabularyError
from docanalyze.model import Event, Notify
from docanalyze.pipeline import starting
from docanalyze.pipeline.starting import Asked
from docanalyze.runtime import bench, devices, geometry, launch, plan, profiles, program, proof, verify
from docanalyze.runtime.devices import Device
from docanalyze.runtime.monitor import Planned
from docanalyze.runtime.recall import Recalled
from docanalyze.runtime.values import CacheType, Geometry, Profile, Role, Running
from docanalyze.runtime.verify import Effort, Subject, Verification
from docanalyze.store import Store

_BESIDE = "beside"
"""A folder in the runtime folder: of a server that is started beside another to compare with."""


def prove(settings: Settings, role: Role, effort: Effort, notify: Notify) -> tuple[Verification, int]:
    """Proves the server of a role that runs; what came of it, and the number that it is stored under."""
    folder = config.runtime_folder(settings)
    running = next((one for one in launch.running(folder) if one.role is role and one.ready_seconds), None)
    if running is None:
        flag = " --judge" if role is Role.JUDGE else ""
        raise ServerAbsent(f"no {role} server of docanalyze runs", f"docanalyze server start{flag} --detach starts one")
    say = _saying(notify, "prove")
    with Store.open(settings.db) as store:
        beside = _Beside(store, folder, effort, say)
        found = verify.verify(beside.subject(running), effort, say)
        return found, store.put_proof(verify.as_proof(found))


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison showed: its rows, the model's name, and the number that it is stored under."""

    rows: tuple[bench.Row, ...]
    model: str
    number: int


def compare(settings: Settings, names: Sequence[str], asked: Asked, effort: Effort, notify: Notify) -> Compared:
    """Starts each of these profiles in turn, proves it, stops it.

    UsageError for a profile that is none, and while another server of ours takes memory and time.
    """
    folder = config.runtime_folder(settings)
    if launch.running(folder):
        raise UsageError("a server of docanalyze runs, and would be measured with the others", "docanalyze server stop")
    wanted, refused = _wanted(settings, names, asked)

    @contextmanager
    def serve(profile: Profile) -> Iterator[Subject]:
        with launch.held(wanted[profile.name], folder) as running:
            yield subject(running)

    say = _saying(notify, "compare")
    measured = bench.measure([one.profile for one in wanted.values()], serve, effort, say)
    rows = sorted([*measured, *refused], key=lambda row: names.index(row.profile.name))
    model = next(iter(wanted.values())).model_file.name
    with Store.open(settings.db) as store:
        numbers = [store.put_proof(verify.as_proof(row.found)) if row.found else None for row in rows]
        number = store.put_benchmark(bench.as_benchmark(rows, model, numbers))
    return Compared(tuple(rows), model, number)


def _wanted(settings: Settings, names: Sequence[str], asked: Asked) -> tuple[dict[str, launch.Wanted], list[bench.Row]]:
    """What each profile is to be started with, and those that this model cannot be served with at all."""
    own = config.user_file().parent / profiles.OWN_FILE
    known = {name: profiles.find(name, own) for name in names if name != profiles.AUTO}
    wanted: dict[str, launch.Wanted] = {}
    refused: list[bench.Row] = []
    last: UsageError | ServerError | None = None
    for name in names:
        try:
            wanted[name] = starting.wanted(settings, Role.MAIN, replace(asked, profile=name))
        except (UsageError, ServerError) as error:
            last = error
            refused.append(bench.Row(known.get(name, Profile(name, 0)), error=error.what))
    if last is not None and not wanted:
        raise last
    return wanted, refused


def subject(running: Running) -> Subject:
    """What a server is held to: the geometry of its file, the plan for the devices that are here."""
    found = devices.found() if running.profile.layers else ()
    shape = _shape(running.model_file)
    planned = None
    if shape is not None:
        place = Device("all devices", sum(one.size for one in found)) if found else devices.host()
        row = plan.row(shape, running.profile, place)
        planned = Planned(row.total, row.cache)
    return Subject(running, shape, planned, bool(found))


def _shape(path: Path) -> Geometry | None:
    """The geometry of a model file; None of an architecture that is not understood."""
    try:
        return geometry.of_file(path)
    except (ModelRefused, VocabularyError):
        return None


def _saying(notify: Notify, stage: str) -> Callable[[str], None]:
    def say(text: str) -> None:
        if text:
            notify(Event(stage, text))

    return say


# -- against f16 -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Beside:
    """What the same model tells with an f16 cache: as stored, else measured beside it where there is room."""

    store: Store
    folder: Path
    effort: Effort
    say: Callable[[str], None]

    def subject(self, running: Running) -> Subject:
        """A server with what it is compared with."""
        held = subject(running)

        def plain(lengths: Sequence[int]) -> tuple[Recalled, ...]:
            rope = proof.rope(running.profile)
            known = verify.as_recalled(self.store.recalls(running.model_sha256, str(CacheType.F16), rope))
            return known or self._measured(held, lengths)

        return replace(held, plain=plain)

    def _measured(self, held: Subject, lengths: Sequence[int]) -> tuple[Recalled, ...]:
        """Of a second server, at those lengths that memory has room for now; nothing where it does not start."""
        profile = _fitting(held, lengths)
        if profile is None:
            return ()
        self.say(f"the same with an f16 cache, {profile.context:,} tokens")
        binary = held.running.binary or program.WHEEL
        expected = launch.Expected(held.geometry, held.on_device)
        wanted = launch.Wanted(Role.MAIN, profile, held.running.model_file, binary, expected=expected)
        effort = replace(
            self.effort, steps=frozenset({1, 4}), lengths=[one for one in lengths if one <= profile.context]
        )
        try:
            with launch.held(wanted, self.folder / _BESIDE) as beside:
                found = verify.verify(subject(beside), effort, self.say)
        except DocanalyzeError as error:
            # What was measured of the server itself is kept, whatever befalls the one beside it.
            self.say(f"no comparison with f16: {error.what}")
            return ()
        self.store.put_proof(verify.as_proof(found))
        return found.recalls


def _fitting(held: Subject, lengths: Sequence[int]) -> Profile | None:
    """The longest of the lengths for which a second server with an f16 cache fits beside the first, now."""
    if held.geometry is None:
        return None
    device = max(devices.found(), key=lambda one: one.free or 0) if held.on_device else devices.host()
    for length in sorted(set(lengths), reverse=True):
        profile = replace(
            held.running.profile, name="f16", context=length, cache_k=CacheType.F16, cache_v=CacheType.F16
        )
        if plan.row(held.geometry, profile, device).total + plan.MARGIN <= (device.free or 0):
            return profile
    return None
