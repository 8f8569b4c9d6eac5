"""What can go wrong, as one tree. The server turns each into a status, the command into exit code 1."""


class BerthbookError(Exception):
    """Something that can be said to a user in one line."""

    status = 400


class NotFoundError(BerthbookError):
    """There is no such berth, boat or booking."""

    status = 404


class TakenError(BerthbookError):
    """The berth is booked already."""

    status = 409


class NotAllowedError(BerthbookError):
    """Only the harbour office may do this."""

    status = 401
