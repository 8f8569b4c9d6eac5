"""The router finds what was added."""

from berthbook.http.routing import Router


def test_a_path_names_its_parts() -> None:
    router = Router()

    @router.get("/things/<name>")
    def thing(name: str):
        return 200, name

    assert router.find("GET", "/things/oar") == (thing, {"name": "oar"})
    assert router.find("POST", "/things/oar") is None
