"""Names that every program of a language has without importing them from the code base: builtins, what the types of
the language carry, and the best known of its standard library."""

import builtins
from functools import cache

_KNOWN = {
    "python": (
        "ABC Any Awaitable BytesIO Callable ChainMap Context Counter Decimal Enum Event Executor Fraction Future "
        "Generator Generic Hashable IntEnum Iterable Iterator Literal Lock Logger Mapping Match NamedTuple "
        "Namespace Optional OrderedDict Path Pattern Popen Protocol Queue RLock Semaphore Sequence StringIO Task "
        "Thread Timer TypeVar TypedDict UUID Union date datetime debug defaultdict deque field info isoformat "
        "join mkdir namedtuple partial read readline sleep strftime time timedelta total_seconds warn warning "
        "wraps write writelines"
    ),
    "javascript": (
        "AbortController Array ArrayBuffer Blob Boolean Buffer DataView Date Error Event EventEmitter EventTarget "
        "File FormData Headers Intl JSON Map Math Number Object Promise Proxy Reflect RegExp Request Response Set "
        "String Symbol TypeError URL URLSearchParams WeakMap WeakSet add apply at bind call catch charAt "
        "charCodeAt clear close concat delete emit endsWith entries every exec fetch fill filter finally find "
        "findIndex flat flatMap forEach from get has includes indexOf isArray join keys lastIndexOf map match off "
        "on once padEnd padStart parse pop push reduce reject replace replaceAll resolve reverse set shift slice "
        "some sort splice split startsWith stringify substring test then toString trim unshift values write"
    ),
    "rust": (
        "Arc AsyncRead BTreeMap BTreeSet Box Builder Bytes Cell Clone Command Context Cow Default Drop Duration "
        "Entry Error File Fn FnMut FnOnce From Future HashMap HashSet Instant Into Iterator Layout Mutex Notify "
        "Option Ordering Output Path PathBuf Pin Poll Rc Read RefCell Result RwLock Some String Thread ToString "
        "Vec Wake Waker Weak Write as_mut as_ref as_slice as_str build clear clone cmp collect contains default "
        "deref drain drop eq expect extend filter find flush fmt from get get_mut hash insert into into_iter "
        "is_empty is_none is_some iter iter_mut join len load lock map map_err new next ok poll pop push "
        "push_back read remove replace send set spawn split store swap take to_owned to_string try_from try_into "
        "unwrap unwrap_or update wake wake_by_ref write"
    ),
    "go": (
        "Add Buffer Builder Bytes Close Closer Command Cond Conn Context Cookie Copy Done Duration Err Error "
        "Errorf Fatal File Flush Get Handler Header Is Len Less Listener Lock Logger Mutex New Next Once Open "
        "Pool Print Printf Println RWMutex Read ReadAll Reader Request Reset Response Run Scan Seek Server Set "
        "Sprintf String Swap Time Timer Unlock Unwrap Value Wait WaitGroup Write WriteString Writer"
    ),
    "java": (
        "ArrayList Boolean Builder Callable Class Collection Collectors Comparable Comparator Consumer Double "
        "Duration Entry Error Exception Executor File Files Function Future HashMap HashSet InputStream Instant "
        "Integer Iterable Iterator List Logger Long Map Math Object Objects Optional OutputStream Override Path "
        "Pattern Predicate Queue Reader Record Runnable Set Stream String StringBuilder Supplier System Thread "
        "Throwable Writer accept add apply build builder clear close compareTo contains containsKey equals filter "
        "forEach format get getName hashCode isEmpty iterator join length map next of orElse parse put read "
        "remove run size start stop stream test toString valueOf values write"
    ),
}
_TYPES: tuple[type, ...] = (dict, list, str, bytes, bytearray, set, tuple, int, float, object, BaseException)


@cache
def standard(family: str) -> frozenset[str]:
    """The names of a language that say nothing of the code base."""
    known = frozenset(_KNOWN.get(family, "").split())
    if family != "python":
        return known
    return known.union(dir(builtins), *(dir(one) for one in _TYPES))
