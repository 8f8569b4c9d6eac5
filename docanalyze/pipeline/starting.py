"""Which model file is served, and how: from the settings to what a server is started with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from docanalyze import config, gguf
from docanalyze.config import Settings
from docanalyze.errors import ModelRefused, ServerError, UsageError, VocabularyError
from docanalyze.gguf import Gguf
from docanalyze.runtime import geometry, launch, plan, profiles
from docanalyze.runtime.values import Profile, Role


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line says over the settings of one server: empty where it says nothing."""

    profile: str = ""
    model: Path | None = None
    context: int = 0
    binary: str = ""
    port: int = 0


def wanted(settings: Settings, role: Role, asked: Asked | None = None) -> launch.Wanted:
    """What the server of a role is to be started with.

    Raises UsageError where no model file is named or the profile is none, ServerError for a file that is
    no model.
    """
    asked = asked or Asked()
    usual = settings.judge_profile if role is Role.JUDGE else settings.profile
    own = config.user_file().parent / profiles.OWN_FILE
    named = profiles.find(asked.profile or usual, own, _auto(settings, role, asked))
    path = _model_file(settings, role, asked, named.model)
    model = _header(path)
    architecture, trained = _trained(model)
    profile = replace(named, context=asked.context) if asked.context else named
    if named.name == profiles.AUTO and trained and not asked.context and not named.yarn_factor:
        profile = replace(profile, context=min(profile.context, trained))
    profile = profiles.for_model(profile, architecture, trained, path.name)
    binary = asked.binary or settings.server_binary
    return launch.Wanted(role, profile, path, binary, asked.port, architecture=architecture)


def planned(settings: Settings, main: Path, context: int = 0) -> plan.Plan:
    """What the plan says of a main model and the judge that is settled, on this machine.

    Raises ModelRefused for a file that is cut short or of a kind that is not planned.
    """
    judge = geometry.of_file(settings.judge_file) if settings.judge_file else None
    placement = None if settings.placement == "auto" else plan.Placement(settings.placement)
    return plan.here(geometry.of_file(main), judge, plan.Rules(context=context, placement=placement))


def _model_file(settings: Settings, role: Role, asked: Asked, profiled: str) -> Path:
    settled = settings.judge_file if role is Role.JUDGE else settings.main_file
    path = asked.model or (Path(profiled).expanduser() if profiled else None) or settled
    if path is None:
        raise UsageError(
            f"no model file is named for the {role} server",
            f"give --model FILE.gguf, or settle it: docanalyze models use --{role} FILE.gguf",
        )
    return path


def _header(path: Path) -> Gguf:
    try:
        return gguf.read(path)
    except VocabularyError as error:
        raise ServerError(error.what, error.try_) from None


def _trained(model: Gguf) -> tuple[str, int]:
    """The architecture, and the tokens of context that the model was trained for; 0 where the file does not say."""
    architecture = str(model.metadata.get("general.architecture", ""))
    trained = model.metadata.get(f"{architecture}.context_length", 0)
    return architecture, trained if isinstance(trained, int) else 0


def _auto(settings: Settings, role: Role, asked: Asked) -> Callable[[], Profile]:
    """What a server is started with where nobody says how: for the main model as planned."""

    def chosen() -> Profile:
        known = profiles.all_of()
        if role is Role.JUDGE:
            return known[profiles.JUDGE]
        try:
            made = planned(settings, _model_file(settings, role, asked, ""), asked.context)
        except VocabularyError as error:
            raise ServerError(error.what, error.try_) from None
        except ModelRefused:
            # Of a kind that is not planned: little context fits nearly everywhere. What is damaged, the start tells.
            return known["cpu"]
        if made.recommended is None:
            raise ServerError(made.chosen.reason, "or name a profile: docanalyze server start cpu")
        return made.recommended

    return chosen
