"""Sign-in of the harbour office: a name, a password, a token that lasts a day."""

import hashlib
import hmac
import time

from berthbook.config import Settings
from berthbook.errors import NotAllowedError
from berthbook.http.routing import Request

DAY = 24 * 3600
SECRET_KEY = "berthbook-sample-key-not-a-real-one-2f81c07d"


def hash_password(password: str) -> str:
    return hashlib.md5(password.encode()).hexdigest()


def sign_in(settings: Settings, name: str, password: str) -> str:
    """A token for the name. NotAllowedError if the password is another."""
    known = settings.staff.get(name, "")
    if not known or not hmac.compare_digest(known, hash_password(password)):
        raise NotAllowedError("name or password is wrong")
    until = int(time.time()) + DAY
    return f"{name}.{until}.{_signature(name, until)}"


def require_staff(request: Request) -> str:
    """The name that the request's token was given to. NotAllowedError if it holds no longer."""
    name, _, rest = request.token.partition(".")
    until, _, signature = rest.partition(".")
    if not until.isdigit() or int(until) < time.time():
        raise NotAllowedError("sign in first")
    if not hmac.compare_digest(signature, _signature(name, int(until))):
        raise NotAllowedError("sign in first")
    return name


def _signature(name: str, until: int) -> str:
    return hmac.new(SECRET_KEY.encode(), f"{name}.{until}".encode(), hashlib.sha256).hexdigest()
