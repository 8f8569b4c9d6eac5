"""Named serving configurations: the packaged ones, the user's own, and `auto`, which the plan decides."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from docanalyze.errors import ConfigError, UsageError
from docanalyze.runtime.catalogue import Reach
from docanalyze.runtime.values import CacheType, Profile

AUTO = "auto"
JUDGE, JUDGE_ON_CPU = "judge", "judge-cpu"
OWN_FILE = "profiles.toml"
_PACKAGED = "profiles.toml"

_NUMBERS = {
    "context": (256, 1 << 24),
    "batch": (1, 1 << 20),
    "micro_batch": (1, 1 << 20),
    "layers": (-1, 10_000),
    "threads": (0, 4096),
    "yarn_context": (0, 1 << 24),
    "reported_mb": (0, 1 << 24),
}
_FRACTIONS = {"yarn_factor": (0.0, 1024.0), "reported_rate": (0.0, 1e6)}
_TEXTS = ("model", "title")
_TYPES = ("cache_k", "cache_v")
_KNOWN = ("context", *_TYPES, "model", "flash", "batch", "micro_batch", "layers", "threads", "yarn_factor",
          "yarn_context", "title", "reported_mb", "reported_rate")  # fmt: skip


def all_of(own: Path | None = None) -> dict[str, Profile]:
    """Every profile by its name; those of the user's own file decide over the packaged ones.

    Raises ConfigError naming file, profile and value.
    """
    packaged = files("docanalyze.runtime").joinpath(_PACKAGED).read_text(encoding="utf-8")
    found = parse(packaged, _PACKAGED)
    if own is not None:
        try:
            found |= parse(own.read_text(encoding="utf-8"), str(own))
        except FileNotFoundError:
            return found
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{own} cannot be read: {error}", "mend or remove it") from None
    return found


def find(name: str, own: Path | None = None) -> Profile:
    """The profile of a name; UsageError for an unknown one."""
    known = all_of(own)
    if name not in known:
        raise UsageError(f"there is no profile {name!r}", f"known are {', '.join([*known, AUTO])}")
    return known[name]


def parse(content: str, origin: str) -> dict[str, Profile]:
    """The profiles of a file, each a table; nothing in it that is not known is passed over."""
    try:
        tables = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin}: {error}", "mend that line") from None
    return {name: _profile(name, table, origin) for name, table in tables.items()}


def for_model(profile: Profile, reach: Reach, name: str) -> Profile:
    """The profile as that model needs it: positions are stretched for a context beyond what it was trained for.

    UsageError for a context that the model cannot be served with. `name` is the model's.
    """
    if profile.yarn_factor or not reach.longest:
        return profile
    if profile.context > reach.longest:
        raise UsageError(
            f"{name} knows {reach.longest:,} tokens of context at most, the profile {profile.name} wants "
            f"{profile.context:,}",
            f"give --context {reach.longest}, or a profile of your own with yarn_factor and yarn_context",
        )
    factor = reach.factor(profile.context)
    return replace(profile, yarn_factor=factor, yarn_context=reach.yarn_from if factor else 0)


def _profile(name: str, table: object, origin: str) -> Profile:
    where = f"{origin}, profile {name}"
    if name == AUTO:
        raise ConfigError(f"{where}: {AUTO} is what the plan decides", "give it another name")
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: it is no table", f"begin it with [{name}]")
    for key in table:
        if key not in _KNOWN:
            raise ConfigError(f"{where}: unknown value {key!r}", f"known are {', '.join(_KNOWN)}")
    if "context" not in table:
        raise ConfigError(f"{where}: it has no context", "give tokens, such as context = 32768")
    return _checked(Profile(name=name, **_values(table, where)), where)


def _values(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in _NUMBERS:
            found[key] = _number(key, value, where)
        elif key in _FRACTIONS:
            found[key] = _fraction(key, value, where)
        elif key in _TYPES:
            found[key] = cache_type(value, f"{where}: {key}")
        elif key in _TEXTS:
            found[key] = _of(str, key, value, where)
        else:
            found[key] = _of(bool, key, value, where)
    return found


def cache_type(value: object, where: str) -> CacheType:
    """A cache type by its name; ConfigError for another."""
    try:
        return CacheType(str(value))
    except ValueError:
        raise ConfigError(f"{where}: unknown cache type {value!r}", f"known are {', '.join(CacheType)}") from None


def _checked(profile: Profile, where: str) -> Profile:
    if profile.cache_v.is_quantized and not profile.flash:
        raise ConfigError(f"{where}: quantized values need flash attention", "leave out flash = false")
    if profile.micro_batch > profile.batch:
        raise ConfigError(f"{where}: micro_batch is larger than batch", "give at most the batch")
    if (profile.yarn_factor > 0) != (profile.yarn_context > 0):
        raise ConfigError(f"{where}: yarn_factor and yarn_context belong together", "give both or none")
    return profile


def _number(key: str, value: object, where: str) -> int:
    least, most = _NUMBERS[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{where}: {key} must be a number from {least} to {most}, not {value!r}", "mend it")
    return value


def _fraction(key: str, value: object, where: str) -> float:
    least, most = _FRACTIONS[key]
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{where}: {key} must be a number from {least:g} to {most:g}, not {value!r}", "mend it")
    return float(value)


def _of(kind: type, key: str, value: object, where: str) -> object:
    if not isinstance(value, kind):
        wanted = "true or false" if kind is bool else "text"
        raise ConfigError(f"{where}: {key} must be {wanted}, not {value!r}", "mend it")
    return value
