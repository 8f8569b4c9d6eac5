"""`docanalyze server plan`: what fits on a card, computed, before anything is downloaded or started."""


def plan() -> None:
    """Say which configurations fit on a card, and which to take."""


COMMANDS = (("plan", plan),)
