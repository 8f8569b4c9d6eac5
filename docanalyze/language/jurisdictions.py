"""Whose law a contract names: states, provinces and countries, and their adjectives."""

import re

_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|"
    "Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|"
    "Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|"
    "Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|West Virginia|Virginia|"
    "Washington|Wisconsin|Wyoming|District of Columbia|Puerto Rico|Ontario|Quebec|British Columbia|Alberta|Manitoba|"
    "Saskatchewan|Nova Scotia|New Brunswick|England and Wales|England|Wales|Scotland|Northern Ireland|Ireland|"
    "United Kingdom|Hong Kong|Macau|Taiwan|Singapore|Malaysia|Indonesia|Thailand|Vietnam|Philippines|"
    "People's Republic of China|China|Japan|Republic of Korea|South Korea|Korea|India|Pakistan|Bangladesh|Sri Lanka|"
    "Israel|Egypt|United Arab Emirates|Dubai|Saudi Arabia|Qatar|Kuwait|Turkey|Greece|Cyprus|Malta|Italy|Spain|Portugal|"
    "France|Belgium|Netherlands|Luxembourg|Germany|Austria|Switzerland|Liechtenstein|Denmark|Sweden|Norway|Finland|"
    "Iceland|Poland|Czech Republic|Hungary|Romania|Bulgaria|Croatia|Slovenia|Slovakia|Estonia|Latvia|Lithuania|Ukraine|"
    "Russian Federation|Russia|Kazakhstan|Canada|Mexico|Panama|Costa Rica|Colombia|Peru|Chile|Argentina|Brazil|Uruguay|"
    "Venezuela|Bermuda|Bahamas|Barbados|Jamaica|Cayman Islands|British Virgin Islands|Jersey|Guernsey|Isle of Man|"
    "Mauritius|South Africa|Nigeria|Kenya|Ghana|Morocco|New South Wales|Victoria|Queensland|Western Australia|"
    "South Australia|Tasmania|Australia|New Zealand|Marshall Islands|Liberia|United States of America|United States"
)
_ADJECTIVES = {
    "english": "England",
    "scottish": "Scotland",
    "scots": "Scotland",
    "irish": "Ireland",
    "german": "Germany",
    "swiss": "Switzerland",
    "austrian": "Austria",
    "dutch": "Netherlands",
    "belgian": "Belgium",
    "french": "France",
    "italian": "Italy",
    "spanish": "Spain",
    "portuguese": "Portugal",
    "danish": "Denmark",
    "swedish": "Sweden",
    "norwegian": "Norway",
    "finnish": "Finland",
    "israeli": "Israel",
    "indian": "India",
    "chinese": "China",
    "japanese": "Japan",
    "korean": "Korea",
    "brazilian": "Brazil",
    "mexican": "Mexico",
    "canadian": "Canada",
    "australian": "Australia",
}
_BLANK = re.compile(r"\s+")
_SPACED = _NAMES.replace(" ", r"\s+").replace("'", "['’]")
_LAW_OF = re.compile(
    r"\blaws?\b(?:(?!\bconflict)[^.;]){0,90}?\b(?:of|in|for|by)\s+(?:the\s+)?"
    r"(?:(?:state|commonwealth|province|republic|kingdom)\s+of\s+)?"
    rf"(?P<place>{_SPACED})\b",
    re.IGNORECASE,
)
_PLACE_LAW = re.compile(rf"\b(?P<place>{_SPACED})(?:\s+(?:state|commonwealth))?(?:['’]s)?\s+laws?\b", re.IGNORECASE)
_ADJECTIVE_LAW = re.compile(rf"\b(?P<place>{'|'.join(_ADJECTIVES)})\s+(?:substantive\s+)?laws?\b", re.IGNORECASE)
_STANDING = re.compile(
    r"\b(?:organi[sz]ed|existing|incorporated|formed|registered|established|corporation|company|partnership|good\s+standing)"
    r"\b[^.;,]{0,60}$",
    re.IGNORECASE,
)
_PROPER = {name.lower(): name for name in _NAMES.split("|")}


def law_of(words: str) -> tuple[str, str] | None:
    """Whose law governs, as (the words, its name), by the first place whose law they name.

    `organised under the laws of Delaware` is no such place.
    """
    matches = [match for pattern in (_LAW_OF, _PLACE_LAW, _ADJECTIVE_LAW) for match in pattern.finditer(words)]
    for match in sorted(matches, key=lambda match: match.start()):
        if not _STANDING.search(words[: match.start()]):
            return match["place"], _name(match["place"])
    return None


def _name(written: str) -> str:
    plain = _BLANK.sub(" ", written).replace("’", "'").lower()
    return _ADJECTIVES.get(plain) or _PROPER.get(plain, written)
