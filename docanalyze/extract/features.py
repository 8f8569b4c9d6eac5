"""What a sentence of a contract has, for the models of clauses: its words, pairs of them, and patterns over a distance.

Used by the analyst and by the script that trains it, so that both see the same. Each pattern is a
feature that every model may weigh; none of them decides alone.
"""

import re
from itertools import pairwise

_TOKEN = re.compile(r"[a-z0][a-z0'-]*")
_DIGIT = re.compile(r"\d")
_SHORTEST = 20

_PATTERNS = {
    "third-party-rights": (
        r"\b(?:beneficiar(?:y|ies)|third part(?:y|ies))\b.{0,80}\b(?:enforce|rights under|benefit)"
        r"|\bthird[- ]party benefici"
    ),
    "no-third-party": (
        r"\b(?:no|not|nothing|neither)\b.{0,140}\bthird[- ]part(?:y|ies)\b.{0,60}\bbenefici"
        r"|\b(?:no|not)\b.{0,60}\bbenefici"
    ),
    "most-favoured": (
        r"\bmost[- ]favou?red|\b(?:no|any|as|more|least|less) (?:less |more |least )?favou?rable"
        r"\b.{0,120}\b(?:price|pricing|terms?|rates?|conditions?)"
    ),
    "lowest-price": (
        r"\b(?:lowest|best|lower|better)\b.{0,60}\b(?:price|pricing|rate)s?\b.{0,120}\b(?:customer"
        r"|other|third)"
    ),
    "disparage": (
        r"\bdisparag|\b(?:detrimental|injur(?:e|y|ious)|tarnish|damage|disrepute)\b.{0,80}"
        r"\b(?:reputation|goodwill|image|name)|\bdisrepute|\bdefam"
    ),
    "first-refusal": (
        r"\bfirst (?:right|option|refusal|offer|negotiation|opportunity)\b|\bright of first"
        r"\b|\bfirst\b.{0,30}\bright (?:to|of) (?:negotiat|refus|offer|match|purchase)"
    ),
    "solicit-people": (
        r"\b(?:solicit|hire|employ|recruit|entice|induce|engage)\w*\b.{0,140}\b(?:employees?"
        r"|personnel|staff|officers?|contractors?)\b"
    ),
    "solicit-customers": (
        r"\b(?:solicit|divert|entice|contact|induce|interfere)\w*\b.{0,140}\b(?:customers?"
        r"|clients?|accounts?|suppliers?)\b"
    ),
    "not-solicit": (
        r"\b(?:not|neither|nor|refrain)\b.{0,160}\b(?:solicit|hire|recruit|entice|induce)\w*"
        r"\b"
    ),
    "not-compete": (
        r"\b(?:not|neither|nor|refrain)\b.{0,200}\b(?:compet(?:e|es|ing|itive|itors?|ition))"
        r"\b"
    ),
    "not-engage": (
        r"\b(?:shall|will|may|agrees?)\b.{0,40}\bnot\b.{0,120}\b(?:engage|operate|sell|market"
        r"|distribute|manufacture|own|participate|develop|license)\b.{0,120}\b(?:business|products?"
        r"|services?|territory|similar|other)"
    ),
    "sole-exclusive": (
        r"\b(?:sole|exclusive|exclusively|solely)\b.{0,60}\b(?:distributor|supplier|provider"
        r"|agent|licen[cs]ee|manufacturer|dealer|partner|right to|rights to|source)"
    ),
    "not-exclusive": r"\bnon-?\s?exclusive|\bnot exclusive",
    "exclusive-licence": r"(?<!non-)(?<!non)(?<!non )\bexclusive\b.{0,80}\b(?:licen[cs]e|right)",
    "other-remedy": (
        r"\bexclusive (?:jurisdiction|venue|remed|forum)|\bsole (?:discretion|expense|cost"
        r"|remed|judg|responsib)"
    ),
    "for-convenience": (
        r"\bterminat\w*\b.{0,160}\b(?:for convenience|without cause|for any reason|with or without cause"
        r"|at any time|at will|any or no reason|no reason|sole discretion)"
    ),
    "convenience-terminate": (
        r"\b(?:for convenience|without cause|at any time|in its sole discretion)\b.{0,140}"
        r"\bterminat"
    ),
    "notice-terminate": (
        r"\bterminat\w*\b.{0,120}\b(?:upon|by|on|with)\b.{0,60}\b(?:0+|thirty|sixty|ninety"
        r"|fifteen|ten|six|three)\b.{0,30}\b(?:days?|months?)\b.{0,40}\bnotice"
    ),
    "breach": r"\b(?:breach|default|bankrupt|insolven|fails? to|failure)\b",
    "change-control": r"\bchange (?:of|in) (?:control|ownership)|\bcontrol\b.{0,40}\bchange",
    "merger": (
        r"\b(?:merger|merge|consolidat|acqui(?:re|red|sition)|sale of (?:all or )?substantially"
        r"|substantially all)\b"
    ),
    "merger-terminate": (
        r"\b(?:merger|acquired|acquisition|substantially all|control)\b.{0,200}\bterminat|"
        r"\bterminat\w*\b.{0,240}\b(?:merger|acquired|acquisition|substantially all|change of control"
        r"|change in control)"
    ),
    "minimum": (
        r"\bminimum\b.{0,80}\b(?:purchase|order|quantit|commitment|amount|volume|annual|royalt"
        r"|payment|guarantee|fee|number|sales)"
    ),
    "at-least": (
        r"\b(?:at least|no less than|not less than|a minimum of|no fewer than)\b.{0,60}(?:"
        r"\$|\bunits?\b|\bper (?:year|month|quarter)|\b0+[,0]*\b)"
    ),
    "maximum": (
        r"\b(?:exceed|in excess of|more than|maximum|up to|no more than)\b.{0,80}\b(?:users?"
        r"|units?|copies|hours?|licen[cs]es?|quantit|volume|number|seats?|times)"
    ),
    "share-of-revenue": (
        r"\b(?:royalt(?:y|ies)|commissions?|revenue share|percent|percentage|%)(?:\b|\s).{0,140}"
        r"\b(?:net sales|revenues?|gross|profits?|receipts|net income|sales price|proceeds)"
    ),
    "liquidated": (
        r"\bliquidated damages|\bas (?:a )?penalty|\b(?:termination|cancellation|early termination) (?:fee"
        r"|charge|payment)"
    ),
    "termination-pay": r"\b(?:upon|in the event of|if)\b.{0,100}\bterminat.{0,160}\bshall (?:pay|forfeit|be entitled)",
    "warranty-time": (
        r"\bwarrant\w*\b.{0,200}\b(?:period|for|within)\b.{0,50}\b(?:0+|one|two|three|six|twelve"
        r"|eighteen|ninety|thirty|sixty)\b.{0,15}\b(?:days?|months?|years?)"
    ),
    "time-warranty": r"\b(?:days?|months?|years?)\b.{0,120}\bwarrant",
    "escrow-source": (
        r"\bescrow\b.{0,160}\b(?:source|software|code)|\bsource (?:code|material)s?\b.{0,160}"
        r"\bescrow"
    ),
    "not-contest": (
        r"\bnot\b.{0,120}\b(?:contest|challenge|attack|dispute|question|impair|oppose)\b.{0,160}"
        r"\b(?:validity|ownership|title|right|mark|patent|interest|registration)"
    ),
    "not-sue": (
        r"\bnot (?:to )?sue\b|\b(?:releases?|discharges?|waives?)\b.{0,120}\b(?:claims?|causes? of action"
        r"|liabilit)"
    ),
    "after-termination": (
        r"\b(?:upon|after|following|on|effective)\b.{0,50}\b(?:expiration|termination|expiry)"
        r"\b.{0,240}\b(?:shall|will|may|must)\b"
    ),
    "sell-off": (
        r"\bsell[- ]?off|\bwind[- ]?down|\btransition (?:period|services|assistance)|\bsell"
        r"\b.{0,60}\binventory|\bremaining (?:inventory|stock)|\bcontinue to (?:provide|sell"
        r"|use|distribute|support|pay)"
    ),
    "jointly-own": (
        r"\bjoint(?:ly)?\b.{0,60}\b(?:own|owned|owners?|ownership|inventions?|patents?|develop)"
        r"|\bco-?own|\bequal undivided"
    ),
    "assigns-rights": (
        r"\b(?:hereby )?(?:irrevocably )?(?:assigns?|transfers?|conveys?)\b.{0,160}\b(?:right"
        r"|title|interest|intellectual property|ownership|copyright|invention)"
    ),
    "hire": r"\bworks?[- ](?:made[- ])?for[- ]hire",
    "property-of": (
        r"\b(?:shall|will|to) (?:be|become|remain|own|be owned)\b.{0,100}\b(?:property of|owned by"
        r"|own|ownership|title)"
    ),
    "grants": r"\bgrants?\b.{0,160}\b(?:licen[cs]e|right|permission|authori[sz]ation)",
    "licence-kind": (
        r"\blicen[cs]e\b.{0,140}\b(?:to use|to make|to sell|to market|to distribute|to reproduce"
        r"|under)"
    ),
    "not-transferable": (
        r"\bnon-?\s?(?:transferable|assignable|sublicens)|\bnot (?:be )?(?:transferable|assignable"
        r"|transfer|sublicen[sc]e|assign)"
    ),
    "perpetual": r"\b(?:perpetual(?:ly)?|irrevocabl[ey]|in perpetuity)\b",
    "perpetual-licence": (
        r"\b(?:perpetual|irrevocable|in perpetuity)\b.{0,140}\b(?:licen[cs]e|right)|\blicen[cs]e"
        r"\b.{0,160}\b(?:perpetual|irrevocable|in perpetuity)"
    ),
    "affiliates": r"\baffiliates?\b|\bsubsidiar(?:y|ies)\b",
    "affiliate-licence": (
        r"\b(?:licen[cs]e|grants?)\b.{0,160}\baffiliates?\b|\baffiliates?\b.{0,160}\b(?:licen[cs]e"
        r"|grants?)\b"
    ),
    "unlimited": (
        r"\b(?:unlimited|enterprise[- ]wide|without limitation as to number|all[- ]you[- ]can)"
        r"\b"
    ),
    "not-apply": r"\b(?:limitation|exclusion|cap|limits?|foregoing)s?\b.{0,120}\b(?:shall|do|does|will) not apply",
    "except-liable": (
        r"\b(?:except|other than|excluding|notwithstanding|save)\b.{0,200}\b(?:in no event"
        r"|liable|liability|damages)|\b(?:in no event|neither party|liable)\b.{0,300}\b(?:except"
        r"|other than|excluding|save)\b.{0,160}\b(?:indemnif|confidential|gross negligence"
        r"|wil+ful|breach)"
    ),
    "nothing-limits": r"\b(?:nothing|neither)\b.{0,80}\b(?:limit|exclude)s?\b.{0,80}\bliabilit",
    "in-no-event": (
        r"\b(?:in no event|under no circumstances|neither party|not|no party)\b.{0,160}\b(?:liable"
        r"|liability|responsible)\b.{0,300}\b(?:exceed|in excess of|indirect|consequential"
        r"|incidental|punitive|special|lost profits|loss of profits?)"
    ),
    "total-liability": (
        r"\b(?:aggregate|total|maximum|cumulative|entire) (?:aggregate |cumulative )?liabilit"
        r"|\bliabilit\w+\b.{0,120}\b(?:limited to|not exceed|exceed)"
    ),
    "renews": (
        r"\b(?:automatic(?:ally)?|successive|additional|further)\b.{0,80}\b(?:renew|exten|periods?"
        r"|terms?)|\brenew(?:s|ed|al|able)?\b.{0,100}\b(?:periods?|terms?|years?|unless|successive)"
    ),
    "renew-notice": (
        r"\b(?:renew|exten)\w*\b.{0,300}\b(?:notice|notif)\w*\b.{0,160}\b(?:days?|months?)"
        r"|\b(?:notice|notif)\w*\b.{0,200}\b(?:days?|months?)\b.{0,160}\b(?:prior to|before)"
        r"\b.{0,80}\b(?:expir|end|renew)"
    ),
    "term-runs": (
        r"\b(?:term|agreement)\b.{0,120}\b(?:commenc|begin|effective|continue|remain|expire"
        r"|terminate)\w*\b.{0,200}\b(?:years?|months?|until|through|anniversary|perpetu)"
    ),
    "audits": (
        r"\b(?:audit|inspect|examin)\w*\b.{0,160}\b(?:books|records|accounts|premises|facilit"
        r"|reports?)|\b(?:books|records|accounts|premises|facilit\w+)\b.{0,160}\b(?:audit|inspect"
        r"|examin)"
    ),
    "insures": (
        r"\b(?:maintain|obtain|procure|carry|keep|purchase|provide)\b.{0,160}\binsurance|\binsurance"
        r"\b.{0,100}\b(?:limits?|coverage|polic|insured|certificate)|\badditional(?:ly)? (?:named )?insured"
    ),
    "governs": r"\b(?:governed|construed|interpreted|enforced|subject)\b.{0,160}\blaws?\b",
    "not-assign": (
        r"\b(?:not|neither|no)\b.{0,140}\b(?:assign|transfer|delegat)\w*\b|\bassign\w*\b.{0,200}"
        r"\b(?:consent|approval|permission)\b"
    ),
}
_COMPILED = tuple((f"={name}", re.compile(pattern, re.DOTALL)) for name, pattern in _PATTERNS.items())


def features(text: str, title: str) -> frozenset[str]:
    """The features of a sentence in one line under its headings: `word`, `two words`, `#heading`, `=pattern`.

    Digits are all 0: which number it is says nothing of the clause.
    """
    low = _plain(text)
    tokens = _TOKEN.findall(low)
    found = set(tokens)
    found.update(f"{one} {other}" for one, other in pairwise(tokens))
    found.update(f"#{word}" for word in _TOKEN.findall(_plain(title)))
    if len(low) >= _SHORTEST:
        found.update(name for name, pattern in _COMPILED if pattern.search(low))
    return frozenset(found)


def _plain(text: str) -> str:
    return _DIGIT.sub("0", text.lower().replace("\u2019", "'"))
