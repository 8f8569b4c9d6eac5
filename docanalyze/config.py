"""Settings: flag > environment > the working directory's file > the user's file > default.

The working directory's `docanalyze.toml` may have come with the documents, so it may set only what
does no harm, and nothing at all when it lies inside a folder that is analysed. Stages never import
this module: they take plain arguments.
"""

import json
import os
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from docanalyze.errors import ConfigError

LOCAL_FILE = "docanalyze.toml"
FULL_WINDOW = 131_072
TRUSTED = 0
"""A window of this size is the length up to which the model was proven to recall: `--window trusted`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: what it is called, whether a local file may set it, and its meaning."""

    name: str
    local: bool
    help: str

    @property
    def variable(self) -> str:
        return f"DOCANALYZE_{self.name.upper()}"

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"


SETTINGS = (
    Setting("db", False, "the database (default: outputs/docanalyze.db)"),
    Setting("out", True, "the folder of reports and the log (default: beside the database)"),
    Setting("kind", True, "the kind of analysis (default: detected)"),
    Setting(
        "window",
        True,
        "tokens of context: template, text and answer; or trusted, as many as were proven (default: 131072)",
    ),
    Setting("lang", True, "the language that answers are asked for in (default: English)"),
    Setting("prompts", False, "a folder of your own kinds (default: prompts beside the configuration)"),
    Setting("main_url", False, "the server of the model that finds (default: none, the built-in analyst)"),
    Setting("judge_url", False, "the server of the model that judges (default: none, rules alone)"),
    Setting("main_model", False, "the main model's name, where a server has several"),
    Setting("judge_model", False, "the judge's name, where a server has several"),
    Setting("allow_remote", False, "whether a server may be on another machine (default: no)"),
    Setting("temperature", True, "how freely the main model draws words, 0 to 2 (default: 0, the likeliest)"),
    Setting("seed", True, "what the drawing of words begins with (default: 0)"),
    Setting("main_file", False, "the main model's file, which is served when it is needed (default: none)"),
    Setting("judge_file", False, "the judge's file, which is served when it is needed (default: none)"),
    Setting("server_binary", False, "the llama-server that serves them (default: on PATH, else the wheel)"),
    Setting("profile", False, "how the main model is served (default: auto)"),
    Setting("judge_profile", False, "how the judge is served (default: judge)"),
    Setting("placement", False, "where the judge stands: auto, together, in-turn, cpu, one (default: auto)"),
    Setting("keep_server", False, "whether servers that a run started go on after it (default: no)"),
    Setting(
        "prefix_cache", False, "room for what servers read, kept on disk, such as 20GB; 0 for none (default: 20GB)"
    ),
    Setting("price_in", True, "money for a million tokens that a model reads, for what a batch costs (default: none)"),
    Setting("price_out", True, "money for a million tokens that a model writes (default: none)"),
    Setting("runtime", False, "the folder of servers, their keys and logs (default: docanalyze in the state folder)"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a whole invocation, each value already decided between its sources."""

    db: Path = Path("outputs/docanalyze.db")
    out: Path = Path("outputs")
    kind: str = ""
    window: int = FULL_WINDOW
    lang: str = "English"
    prompts: Path | None = None
    main_url: str = ""
    judge_url: str = ""
    main_model: str = ""
    judge_model: str = ""
    allow_remote: bool = False
    temperature: float = 0.0
    seed: int = 0
    main_file: Path | None = None
    judge_file: Path | None = None
    server_binary: str = ""
    profile: str = "auto"
    judge_profile: str = "judge"
    placement: str = "auto"
    keep_server: bool = False
    prefix_cache: int = 20_000_000_000
    price_in: float = 0.0
    price_out: float = 0.0
    runtime: Path | None = None

    @property
    def database_files(self) -> tuple[Path, ...]:
        """The database, and what SQLite writes beside it."""
        return tuple(self.db.with_name(f"{self.db.name}{end}") for end in ("", "-wal", "-shm"))


def user_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's own settings stand, whether or not the file is there."""
    if named := environment.get("DOCANALYZE_CONFIG"):
        return Path(named)
    return _standard(environment, "XDG_CONFIG_HOME", "APPDATA", ".config") / "config.toml"


def queries_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's own saved questions stand, whether or not there are any."""
    return user_file(environment).parent / "queries"


def runtime_folder(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path:
    """Where servers, their keys and logs are kept."""
    if settings.runtime is not None:
        return settings.runtime
    # On Windows one folder is both for state and for data.
    return _standard(environment, "XDG_STATE_HOME", "LOCALAPPDATA", ".local/state", of_windows="runtime")


def models_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where `docanalyze models pull` puts model files."""
    if named := environment.get("DOCANALYZE_MODELS"):
        return Path(named)
    return _standard(environment, "XDG_DATA_HOME", "LOCALAPPDATA", ".local/share") / "models"


def _standard(
    environment: Mapping[str, str], variable: str, windows_variable: str, home: str, *, of_windows: str = ""
) -> Path:
    """Our folder where a system keeps one sort of file: as a variable says, else below the home directory."""
    if base := environment.get(variable):
        return Path(base) / "docanalyze"
    if sys.platform == "win32" and (base := environment.get(windows_variable)):
        return Path(base) / "docanalyze" / of_windows
    return Path.home() / home / "docanalyze"


def write_user(values: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> Path:
    """Sets texts in the user's file, and leaves what else stands there as it is; empty ones go. Returns the file.

    Raises ConfigError where the file is wrong as it is, or cannot be written.
    """
    path = user_file(environment)
    _read(path, local=False)
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        kept = [line for line in before.splitlines() if line.partition("=")[0].strip().strip("\"'") not in values]
        # A TOML text is written as a JSON one is.
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items() if value]
        after = "".join(f"{line}\n" for line in (*kept, *lines))
        tomllib.loads(after)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_text(after, encoding="utf-8")
        part.replace(path)
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be written: {error}", "set them in it yourself") from None
    return path


def api_key(role: str, environment: Mapping[str, str] = os.environ) -> str:
    """The key for the server of a role, from the environment alone: a command line can be read by others."""
    return environment.get(f"DOCANALYZE_{role.upper()}_KEY", "")


def resolve(
    flags: Mapping[str, object],
    sources: Sequence[str] = (),
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Decides every setting. `flags` holds what the command line gave, None where it gave nothing.

    Raises ConfigError naming the file or variable at fault.
    """
    user_path = user_file(environment)
    user = _read(user_path, local=False)
    chosen: dict[str, tuple[object, str]] = {
        name: (_of_user(user_path, name, value), str(user_path)) for name, value in user.items()
    }
    local_path = Path.cwd() / LOCAL_FILE
    if not _inside_a_source(local_path, sources):
        local = _read(local_path, local=True)
        chosen |= {name: (value, LOCAL_FILE) for name, value in local.items()}
    for setting in SETTINGS:
        if given := environment.get(setting.variable):
            chosen[setting.name] = (given, setting.variable)
        if flags.get(setting.name) is not None:
            chosen[setting.name] = (flags[setting.name], setting.flag)
    return _settings(chosen, user_path)


def _settings(chosen: dict[str, tuple[object, str]], user_path: Path) -> Settings:
    default = Settings()

    def text(name: str, otherwise: str) -> str:
        value, origin = chosen.get(name, (otherwise, ""))
        if not isinstance(value, str | Path):
            raise ConfigError(f"{origin}: {name} must be text, not {value!r}", "put it in quotes")
        return str(value)

    db = Path(text("db", str(default.db)))
    out = Path(text("out", str(db.parent)))
    prompts = Path(text("prompts", str(user_path.parent / "prompts")))
    return Settings(
        db=db,
        out=out,
        kind=text("kind", ""),
        window=_window(*chosen.get("window", (default.window, ""))),
        lang=text("lang", default.lang),
        prompts=prompts if "prompts" in chosen or prompts.is_dir() else None,
        main_url=text("main_url", ""),
        judge_url=text("judge_url", ""),
        main_model=text("main_model", ""),
        judge_model=text("judge_model", ""),
        allow_remote=_truth(*chosen.get("allow_remote", (False, ""))),
        temperature=_temperature(*chosen.get("temperature", (0.0, ""))),
        seed=_seed(*chosen.get("seed", (0, ""))),
        main_file=_file(text("main_file", "")),
        judge_file=_file(text("judge_file", "")),
        server_binary=text("server_binary", ""),
        profile=text("profile", default.profile),
        judge_profile=text("judge_profile", default.judge_profile),
        placement=_placement(*chosen.get("placement", (default.placement, ""))),
        keep_server=_truth(*chosen.get("keep_server", (False, ""))),
        prefix_cache=_size(*chosen.get("prefix_cache", (default.prefix_cache, ""))),
        price_in=_price("price_in", *chosen.get("price_in", (0.0, ""))),
        price_out=_price("price_out", *chosen.get("price_out", (0.0, ""))),
        runtime=_file(text("runtime", "")),
    )


def _of_user(file: Path, name: str, value: object) -> object:
    """What the user's file sets. What is run or served never depends on where one happens to stand."""
    if not isinstance(value, str) or not value:
        return value
    if name == "runtime":
        return str(file.parent.absolute() / Path(value).expanduser())
    return beside(file, value) if name in ("main_file", "judge_file", "server_binary") else value


def beside(file: Path, text: str) -> str:
    """A path in a file of the user's, which begins at that file's folder; a name is left as it is."""
    return text if is_name(text) else str(file.parent.absolute() / Path(text).expanduser())


def is_name(text: str) -> bool:
    """Whether a text names a known model or a program on PATH, and is no path."""
    return not any(sign in text.lower() for sign in (os.sep, "/", ".gguf", "~"))


PLACEMENTS = ("auto", "together", "in-turn", "cpu", "one")


def _placement(value: object, origin: str) -> str:
    if value not in PLACEMENTS:
        raise ConfigError(f"{origin}: no placement of the judge: {value}", f"give {', '.join(PLACEMENTS)}")
    return str(value)


def _file(name: str) -> Path | None:
    return Path(name).expanduser() if name else None


def _truth(value: object, origin: str) -> bool:
    said = str(value).strip().lower()
    if said not in _TRUE | _FALSE:
        raise ConfigError(f"{origin}: neither yes nor no: {value}", "give true or false")
    return said in _TRUE


_TRUE, _FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off", ""})


def _size(value: object, origin: str) -> int:
    match = _SIZE.fullmatch(str(value).strip())
    if match is None:
        raise ConfigError(f"{origin}: prefix_cache is not a size: {value}", "give it as 20GB, or 0 for none")
    return int(float(match[1]) * _FACTORS[match[2].lower()])


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def _price(name: str, value: object, origin: str) -> float:
    try:
        price = float(str(value))
    except ValueError:
        price = -1.0
    if not 0.0 <= price < float("inf"):
        raise ConfigError(f"{origin}: {name} is no price: {value}", "give money for a million tokens, such as 0.15")
    return price


def _temperature(value: object, origin: str) -> float:
    try:
        temperature = float(str(value))
    except ValueError:
        temperature = -1.0
    if not 0.0 <= temperature <= 2.0:
        raise ConfigError(f"{origin}: temperature must be from 0 to 2, not {value}", "give 0 for the likeliest words")
    return temperature


def _seed(value: object, origin: str) -> int:
    try:
        seed = int(str(value))
    except ValueError:
        seed = -1
    if not 0 <= seed < 2**31:
        raise ConfigError(f"{origin}: seed must be a number from 0 on, not {value}", "give --seed 1")
    return seed


_TRUSTED_WORD = "trusted"


def _window(value: object, origin: str) -> int:
    if value == _TRUSTED_WORD:
        return TRUSTED
    try:
        window = int(str(value).replace("_", "").replace(",", ""))
    except ValueError:
        raise ConfigError(
            f"{origin}: window is not a number: {value}", "give tokens, such as 32768, or trusted"
        ) from None
    if window < 1:
        raise ConfigError(f"{origin}: window must be at least 1, not {window}", "give tokens, such as 32768")
    return window


def _read(path: Path, *, local: bool) -> dict[str, object]:
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "mend or remove it") from None
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", "mend that line") from None
    known = {setting.name: setting for setting in SETTINGS}
    for name, value in table.items():
        if name not in known:
            raise ConfigError(f"{path}: unknown setting {name!r}", f"known are {', '.join(known)}")
        if local and not known[name].local:
            raise ConfigError(
                f"{path}: {name} may not be set in a working directory",
                f"set it in {user_file()}, in {known[name].variable} or with {known[name].flag}",
            )
        if local and name == "out" and not _below(Path(str(value))):
            raise ConfigError(f"{path}: out must lie below the working directory", f"not {value}")
    return table


def _below(path: Path) -> bool:
    here = Path.cwd().resolve()
    return (here / path).resolve().is_relative_to(here)


def _inside_a_source(path: Path, sources: Sequence[str]) -> bool:
    folders = (Path(source).resolve() for source in sources if is_folder(source))
    return any(path.resolve().is_relative_to(folder) for folder in folders)


def is_folder(source: str) -> bool:
    """Whether a source is a folder; a name that no file can have is none."""
    try:
        return Path(source).is_dir()
    except (OSError, ValueError):
        return False


def as_pairs(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The settings as (name, value), for a Run to keep."""
    pairs = ((field.name, str(getattr(settings, field.name) or "")) for field in fields(settings))
    return tuple((name, _TRUSTED_WORD if name == "window" and not value else value) for name, value in pairs)
