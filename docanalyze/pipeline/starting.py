"""Which model file is served, how, and where: from the settings and the plan to what a server is started with."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from docanalyze import config, gguf
from docanalyze.config import Settings
from docanalyze.errors import ModelRefused, ServerError, UsageError, VocabularyError
from docanalyze.runtime import catalogue, devices, geometry, launch, plan, profiles
from docanalyze.runtime.catalogue import Reach
from docanalyze.runtime.devices import Device
from docanalyze.runtime.plan import Placement, Rules
from docanalyze.runtime.values import MIB, Geometry, Profile, Role

_SPARE = 2
"""How often a window's cache must fit into free memory for prompts that left the slot to be kept there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line says over the settings of one server: empty where it says nothing."""

    profile: str = ""
    model: Path | None = None
    context: int = 0
    binary: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """A model file. `shape` is None for an architecture whose memory is not computed: it is served all the same."""

    path: Path
    shape: Geometry | None
    architecture: str
    reach: Reach


def wanted(settings: Settings, role: Role, asked: Asked | None = None) -> launch.Wanted:
    """What the server of a role is to be started with.

    Raises UsageError where no model file is named or the profile is none, ServerError for a file that is
    no model, or for which there is no room.
    """
    asked = asked or Asked()
    usual = settings.judge_profile if role is Role.JUDGE else settings.profile
    name = asked.profile or usual
    own = config.user_file().parent / profiles.OWN_FILE
    named = None if name == profiles.AUTO else profiles.find(name, own)
    model = read(_model_file(settings, role, asked, named))
    found = devices.found()
    profile = named or _auto(settings, role, model, asked.context)
    if asked.context:
        profile = replace(profile, context=asked.context)
    profile = profiles.for_model(profile, model.reach, model.path.name)
    return launch.Wanted(
        role,
        profile,
        model.path,
        asked.binary or settings.server_binary,
        asked.port,
        ram_cache=_ram_cache(model, profile) if role is Role.MAIN else 0,
        device=_device(model, profile, found, role),
        expected=launch.Expected(model.shape, bool(found), model.architecture),
        instead=_instead(model, profile),
    )


def read(path: Path) -> Model:
    """What a model file says. ServerError for one that is none, or is cut short."""
    try:
        stat = path.stat()
    except OSError as error:
        raise ServerError(f"cannot read {path}: {error.strerror}", "name a GGUF file") from None
    return _read(path, stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _read(path: Path, _size: int, _changed: int) -> Model:
    """The same, kept for as long as the file is as it was."""
    try:
        shape = geometry.of_file(path)
    except VocabularyError as error:
        raise ServerError(error.what, error.try_) from None
    except ModelRefused:
        return _not_understood(path)
    return Model(path, shape, shape.architecture, catalogue.reach(shape))


def _not_understood(path: Path) -> Model:
    """A model whose memory nobody computes; ServerError where that is because a part of it is missing."""
    try:
        header = geometry.whole(path).header
    except (VocabularyError, ModelRefused) as error:
        raise ServerError(error.what, error.try_) from None
    architecture = str(header.metadata.get("general.architecture", ""))
    return Model(path, None, architecture, Reach(_trained(header, architecture), 0))


def placement(settings: Settings) -> Placement:
    """Where the judge goes beside the main model, both being files: as the settings say, else by the plan."""
    if settings.main_file is None:
        return Placement.CPU if settings.placement == "cpu" else Placement.TOGETHER
    if settings.placement == "one" or settings.judge_file == settings.main_file:
        return Placement.ONE
    if settings.judge_file is None:
        return Placement.TOGETHER
    if settings.placement != "auto":
        return Placement(settings.placement)
    main, judge = read(_located(settings.main_file)), read(_located(settings.judge_file))
    if main.shape is None or judge.shape is None:
        return Placement.TOGETHER
    context = 0 if settings.profile == profiles.AUTO else wanted(settings, Role.MAIN).profile.context
    return plan.here(main.shape, judge.shape, Rules(context=context)).placement


def _model_file(settings: Settings, role: Role, asked: Asked, profile: Profile | None) -> Path:
    settled = settings.judge_file if role is Role.JUDGE else settings.main_file
    of_profile = None
    if profile is not None and profile.model:
        of_profile = Path(config.beside(config.user_file().parent / profiles.OWN_FILE, profile.model))
    named = asked.model or of_profile or settled
    if named is None:
        raise UsageError(
            f"no model file is named for the {role} server",
            f"give --model FILE.gguf, or settle it: docanalyze models use --{role} FILE.gguf",
        )
    return _located(named)


def _located(named: Path) -> Path:
    """The file itself, or that of a known model which was fetched before; ServerError for one that was not.

    A name is never that of a file in the working directory.
    """
    if not config.is_name(str(named)):
        return named.expanduser()
    try:
        known, quantization = catalogue.named(str(named))
    except UsageError as error:
        raise ServerError(error.what, f"{error.try_}; a file of another name by its whole path") from None
    name = dict(known.files).get(quantization, "")
    fetched = config.models_folder() / name
    if not name or not fetched.is_file():
        raise ServerError(
            f"there is no file of {known.name} in {quantization}", f"docanalyze models pull {known.name}:{quantization}"
        )
    return fetched


def _trained(header: gguf.Gguf, architecture: str) -> int:
    """Tokens of context that a model was trained for; 0 where its file does not say."""
    trained = header.metadata.get(f"{architecture}.context_length", 0)
    return trained if isinstance(trained, int) else 0


def _auto(settings: Settings, role: Role, model: Model, context: int) -> Profile:
    """What is served where nobody says how: for the main model the plan, with room for a judge that is to stand by."""
    known = profiles.all_of()
    if role is Role.JUDGE:
        return known[profiles.JUDGE]
    if model.shape is None:
        # Of a kind that is not planned: little context fits nearly everywhere.
        small = known["cpu"]
        return replace(small, name=profiles.AUTO, layers=-1, context=min(small.context, model.reach.longest or 1 << 30))
    judge = read(_located(settings.judge_file)).shape if settings.judge_file else None
    asked = None if settings.placement == "auto" else Placement(settings.placement)
    made = plan.here(model.shape, judge, Rules(context=context, placement=asked))
    if made.recommended is None:
        raise ServerError(
            f"{model.path.name} does not fit: {made.chosen.reason}", "or name a profile: docanalyze server start cpu"
        )
    return made.recommended


def _instead(model: Model, profile: Profile) -> str:
    """What would fit where this profile does not; empty where it takes no less, or nobody knows."""
    if model.shape is None:
        return ""
    chosen = plan.here(model.shape, None, Rules()).chosen
    if chosen.best is None or chosen.best.total >= plan.row(model.shape, profile, chosen.device).total:
        return ""
    best = chosen.best.profile
    return f"the profile auto would fit: {best.context:,} tokens with a cache of {best.cache_k}/{best.cache_v}"


def _device(model: Model, profile: Profile, found: Sequence[Device], role: Role) -> int:
    """Of several devices the one to serve on, by its number; -1 for all that there are.

    The main model goes where the plan puts it, the judge elsewhere. What fits on no single device is
    spread over all.
    """
    if len(found) < 2 or model.shape is None or profile.layers == 0:
        return -1
    rows = [plan.row(model.shape, profile, device) for device in found]
    fitting = [number for number, row in enumerate(rows) if row.free >= plan.MARGIN]
    if not fitting:
        return -1
    # The main model gets the largest, so that the judge is best off on the smallest that it fits on.
    by_size = sorted(fitting, key=lambda number: found[number].size)
    return by_size[0] if role is Role.JUDGE else by_size[-1]


def _ram_cache(model: Model, profile: Profile) -> int:
    """MiB of main memory for prompts that left the slot: a whole window's cache, or none at all.

    Less than a window is of no use: what does not fit whole is not kept.
    """
    if model.shape is None:
        return 0
    window = geometry.cache_bytes(model.shape, profile.context, profile.cache_k, profile.cache_v, profile.micro_batch)
    host = devices.host()
    taken = 0 if devices.found() and profile.layers else plan.row(model.shape, profile, host).total
    room = (host.free or 0) - taken
    return -(-window // MIB) if room >= _SPARE * window + plan.MARGIN else 0
