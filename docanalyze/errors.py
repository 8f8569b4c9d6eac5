"""Every error that docanalyze raises on purpose, as one tree.

    DocanalyzeError
    ├── UsageError            what was asked makes no sense                     exit 2
    │   └── QuestionRefused       SQL or a search that is wrong, or would write
    ├── ConfigError           a settings or kind file is wrong                  exit 2
    ├── SourceError           a document cannot be read                         exit 1
    │   ├── SourceMissing         it is not there
    │   ├── SourceRefused         it is there, but not something we read
    │   ├── SourceDamaged         it is of a kind we read, but broken
    │   ├── PasswordNeeded        it is locked
    │   └── ReaderKilled          reading it broke a limit of time or memory
    ├── WindowError           the text does not fit in the room given           exit 1
    ├── VocabularyError       a model file's vocabulary is not one we count     exit 2
    ├── ModelRefused          a model file is cut short, or not one we plan     exit 2
    ├── ServerError           a model server cannot be used                     exit 3
    │   ├── ServerAbsent          nothing answers, or it went away
    │   ├── ServerRefused         it answers, but is the wrong one or wants a key
    │   ├── ServerStalled         it takes too long
    │   └── PromptTooLong         it granted less context than the prompt needs
    ├── ReplyError            one reply cannot be used: the call failed         exit 1
    ├── Stopped               by the user, before there was anything to keep    exit 130
    └── StoreError            the database cannot be used                       exit 1
        ├── StoreNewer            it was written by a newer docanalyze
        ├── StoreLocked           another process holds it
        ├── StoreUnwritable       read-only, no permission, or no space left
        ├── RunNotFound           no such run or document in it
        └── QuestionTooLong       a question to it took longer than it may

Each carries what happened and, apart, what to try. Only the command line turns one into text and
an exit code.
"""


class DocanalyzeError(Exception):
    """Root of the tree: `what` happened and what to `try_` next, each one line, without a full stop."""

    exit_code = 1

    def __init__(self, what: str, try_: str = "") -> None:
        super().__init__(f"{what}: {try_}" if try_ else what)
        self.what = what
        self.try_ = try_

    def __reduce__(self) -> tuple[type["DocanalyzeError"], tuple[str, str]]:
        # Two arguments, not the joined message: an error survives the way back from a worker process.
        return type(self), (self.what, self.try_)


class Stopped(DocanalyzeError):
    """The user stopped it before there was anything to keep."""

    exit_code = 130


class UsageError(DocanalyzeError):
    """What was asked makes no sense: an option's value, a page range, a section that no kind has."""

    exit_code = 2


class ConfigError(DocanalyzeError):
    """A settings file or a kind is wrong; says which file, which line and why."""

    exit_code = 2


class SourceError(DocanalyzeError):
    """A document cannot be read."""


class SourceMissing(SourceError):
    """The file is not there, or is not a file."""


class SourceRefused(SourceError):
    """The file is there, but of a format, size or place that is not read."""


class SourceDamaged(SourceError):
    """The file is of a format that is read, but broken beyond reading."""


class PasswordNeeded(SourceError):
    """The file is locked, and no password or a wrong one was given."""


class ReaderKilled(SourceError):
    """The reading process broke its limit of time, processor or memory, and was ended."""


class WindowError(DocanalyzeError):
    """The text does not fit in the room given, however it is split."""


class VocabularyError(DocanalyzeError):
    """A model file's vocabulary is missing, or not of a kind that is counted exactly."""

    exit_code = 2


class ModelRefused(DocanalyzeError):
    """A model file lacks a part of its weights, or is of a kind whose memory is not computed exactly."""

    exit_code = 2


class ServerError(DocanalyzeError):
    """A model server cannot be used."""

    exit_code = 3


class ServerAbsent(ServerError):
    """Nothing answers at that address, or what answered is gone."""


class ServerRefused(ServerError):
    """What answers is no model server, serves no model, or does not accept the key."""


class ServerStalled(ServerError):
    """The server is there, but does not get ready or does not go on."""


class PromptTooLong(ServerError):
    """Prompt and answer need more tokens of context than the server granted."""


class ReplyError(DocanalyzeError):
    """One reply cannot be used. The call failed; the others go on."""


class StoreError(DocanalyzeError):
    """The database cannot be used."""


class StoreNewer(StoreError):
    """The database was written by a newer docanalyze."""


class StoreLocked(StoreError):
    """Another process holds the database."""


class StoreUnwritable(StoreError):
    """The database or its folder is read-only, or the disk is full."""


class RunNotFound(StoreError):
    """No run or document of that name is in the database."""


class QuestionTooLong(StoreError):
    """A question to the database took longer than it may."""


class QuestionRefused(UsageError):
    """SQL that is wrong or does more than read, or words to search for that cannot be understood."""
