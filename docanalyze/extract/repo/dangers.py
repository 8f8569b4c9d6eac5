"""The signs of what matters for security: what runs commands, queries and data, what is believed, what is weak."""

from docanalyze.extract.repo.masks import Where
from docanalyze.extract.repo.signs import CSHARP, GO, JAVA, PAGES, PHP, PYTHON, RUBY, RUST, SCRIPT, SHELL, C, Sign, sign

UNCHECKED = "Certificates are not checked"
SEVERE: tuple[Sign, ...] = (
    sign(
        "Text is run as code by eval or exec",
        "eval( exec(",
        r"(?<![\w.])(?<!def )(?:eval|exec)\((?!\s*[\"'])",
        PYTHON,
        confidence=0.7,
    ),
    sign(
        "Text is run as code by eval or Function",
        "eval( Function( Function.",
        r"(?<![\w.$])(?:eval|Function(?:\.apply|\.call)?)\(",
        SCRIPT,
        confidence=0.7,
    ),
    sign("Text is run as code by eval", "eval(", r"(?<![\w.$])eval\(", PHP | RUBY, confidence=0.7),
    sign(
        "A command goes through a shell",
        "shell=True os.system os.popen shell+=",
        r"\bshell\s*=\s*True\b|\bos\.(?:system|popen)\(",
        PYTHON,
        confidence=0.75,
    ),
    sign(
        "A command goes through a shell",
        "child_process execSync shell_exec passthru",
        r"\b(?:execSync|child_process\.exec|shell_exec|passthru|proc_open)\(|\bexec\(\s*`",
        SCRIPT | PHP,
        confidence=0.7,
    ),
    sign(
        "A command goes through a shell",
        "exec.Command getRuntime",
        r"exec\.Command\(\s*\"(?:/bin/)?(?:ba)?sh\"|getRuntime\(\)\.exec\(",
        GO | JAVA,
        confidence=0.7,
    ),
    sign(
        "A command goes through a shell",
        "system( popen(",
        r"(?<![\w.>])(?:std::)?(?:system|_?popen)\(",
        C,
        confidence=0.7,
    ),
    sign(
        "Data is read that can run code when loaded",
        "pickle marshal shelve dill joblib yaml. torch",
        r"\b(?:c?[pP]ickle|marshal|dill|joblib)\.loads?\(|\bshelve\.open\(|\byaml\.(?:unsafe_)?load\((?![^)\n]*Safe)",
        PYTHON,
        confidence=0.7,
    ),
    sign(
        "Data is read that can run code when loaded",
        "unserialize ObjectInputStream Marshal.load YAML.load BinaryFormatter",
        r"\bunserialize\(|\bnew ObjectInputStream\(|\bMarshal\.load\(|\bYAML\.load\(|\bBinaryFormatter\b",
        PHP | JAVA | RUBY | CSHARP,
        confidence=0.7,
    ),
    sign(
        "HTML is put into a page as it is",
        "innerHTML outerHTML dangerouslySetInnerHTML document.write insertAdjacentHTML v-html",
        r"\.(?:inner|outer)HTML\s*\+?=(?!=)(?!\s*(?:[\"'`]{2}|[\"'][^\"'$]*[\"']\s*;|[A-Z][A-Z0-9_]*\s*;))|dangerouslySetInnerHTML|\bdocument\.write\(|\.insertAdjacentHTML\(|\bv-html=",
        PAGES,
        confidence=0.7,
    ),
    sign(
        "HTML is not escaped, or marked as safe",
        "mark_safe Markup( html_safe autoescape",
        r"\bmark_safe\(|\bMarkup\((?![\"'])|\.html_safe\b|\bautoescape\s*=\s*False",
        PYTHON | RUBY,
        confidence=0.65,
    ),
    sign(
        UNCHECKED,
        "verify=False verify+= rejectUnauthorized InsecureSkipVerify _create_unverified_context CERT_NONE VERIFYPEER danger_accept",
        r"\bverify\s*=\s*False\b|rejectUnauthorized\s*:\s*false|InsecureSkipVerify\s*:\s*true|_create_unverified_context|\bCERT_NONE\b|VERIFYPEER\s*,\s*(?:false|0)|danger_accept_invalid_certs\(true",
        confidence=0.8,
    ),
)
SERIOUS: tuple[Sign, ...] = (
    sign(
        "Any site may call it (CORS with *)",
        "Allow-Origin allow_origins CORS_ cors(",
        r"Access-Control-Allow-Origin[\"']?\s*[,:=\]]+\s*[\"']?\*|\ballow_origins\s*=\s*\[\s*[\"']\*|\bCORS_(?:ORIGIN_)?ALLOW_ALL(?:_ORIGINS)?\s*=\s*True|\bcors\(\s*\)|\ballowedOrigins\(\s*\"\*",
        where=Where.ANY,
        confidence=0.7,
    ),
    sign(
        "Everybody may read and write a file (mode 777)",
        "777",
        r"\bchmod\([^)\n]*0?o?777|\bchmod\s+(?:-R\s+)?(?:0?777|a\+rwx)|\bos\.umask\(\s*0\s*\)",
        where=Where.ANY,
        confidence=0.7,
    ),
    sign(
        "Debugging is switched on",
        "DEBUG debug",
        r"^DEBUG\s*=\s*True\b|\.run\([^)\n]*\bdebug\s*=\s*True",
        PYTHON,
        confidence=0.6,
    ),
    sign(
        "A temporary file is made in a way that others can foresee",
        "mktemp",
        r"\btempfile\.mktemp\(",
        PYTHON,
        confidence=0.7,
    ),
    sign(
        "An archive is unpacked as it is",
        "extractall unpack_archive",
        r"\.extractall\((?![^)\n]*filter)|\bunpack_archive\(",
        PYTHON,
        confidence=0.6,
    ),
    sign(
        "The server listens on all addresses",
        '("", 0.0.0.0',
        r"\b\w*(?:[Ss]erver|bind|listen|serve)\w*\(\(\s*[\"'](?:0\.0\.0\.0)?[\"']\s*,|\bhost\s*=\s*[\"']0\.0\.0\.0[\"']|--host[ =]0\.0\.0\.0|ListenAndServe\(\s*\":",
        where=Where.ANY,
        confidence=0.6,
    ),
    sign(
        "Strings are copied without a bound",
        "strcpy strcat sprintf gets(",
        r"\b(?:strcpy|strcat|sprintf|vsprintf|gets)\s*\(",
        C,
        confidence=0.6,
    ),
    sign("Code marked unsafe", "unsafe", r"\bunsafe\s*(?:\{|fn\b|impl\b)", RUST, confidence=0.7),
    sign(
        "Remote text is piped into a shell",
        "curl wget",
        r"\b(?:curl|wget)\b[^\n|]*\|\s*(?:sudo\s+)?(?:ba|z)?sh\b",
        SHELL,
        Where.ANY,
        confidence=0.7,
    ),
)
HASH = sign(
    "",
    "md5 MD5 sha1 SHA1 SHA-1",
    r"\bhashlib\.(?P<a>md5|sha1)\((?![^)\n]*usedforsecurity\s*=\s*False)|createHash\(\s*[\"'](?P<b>md5|sha1)[\"']|getInstance\(\s*\"(?P<c>MD5|SHA-?1)\"|\b(?P<d>md5|sha1)\.(?:New|Sum)\(|(?<![\w.>])(?P<e>md5|sha1)\(\s*\$",
    PYTHON | SCRIPT | JAVA | GO | PHP,
)
RANDOM = sign(
    "",
    "random. Math.random",
    r"\brandom\.(?:choice|choices|randint|random|randrange|sample)\(|\bMath\.random\(\)",
    PYTHON | SCRIPT,
)
STARTED = "Other programs are started"
SUBPROCESSES: tuple[Sign, ...] = (
    sign(
        STARTED,
        "subprocess spawn fork exec.C Command::new ProcessBuilder",
        r"\bsubprocess\.(?:run|Popen|call|check_call|check_output)\(|\bcreate_subprocess_\w+\(|\bos\.(?:spawn|posix_spawn|exec|fork)\w*\(|"
        r"\bexec\.(?:Command(?:Context)?\(|Cmd\{)|\bCommand::new\(|\bnew ProcessBuilder\(",
        PYTHON | GO | RUST | JAVA,
    ),
    sign(
        STARTED,
        "child_process execa cross-spawn",
        r"(?<!function )\b(?:spawn|execFile|fork|execa)(?:Sync|Async)?\(|\bpromisify\((?:\w+\.)?exec(?:File)?\)",
        SCRIPT,
    ),
)
