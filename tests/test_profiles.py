"""Profiles: those that come with it, the user's own, and what each means to a server."""

from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import ConfigError, UsageError
from docanalyze.runtime import command, profiles
from docanalyze.runtime.catalogue import Reach
from docanalyze.runtime.command import Order
from docanalyze.runtime.program import Program
from docanalyze.runtime.values import CacheType, Profile
from tests.standin import HELP, OLD_HELP

NEW = Program(Path("/opt/llama-server"), "b9200 (abc)", HELP)
OLD = Program(Path("/opt/llama-server"), "b4000 (abc)", OLD_HELP)


def order(profile: Profile, context_key: str = "") -> Order:
    return Order(profile, Path("/m/model.gguf"), 4711, "secret", Path("/r/slots"), context_key=context_key)


def flags(profile: Profile, program: Program = NEW) -> dict[str, str]:
    """Flags with what follows them."""
    words = command.flags(program, order(profile))
    return {one: after for one, after in zip(words, [*words[1:], ""], strict=True) if one.startswith("--")}


# -- files -----------------------------------------------------------------------------------------


def test_the_packaged_profiles() -> None:
    found = profiles.all_of()
    assert [*found][:4] == ["baseline", "a", "b", "c"]
    measured = [(one.context, str(one.cache_k), str(one.cache_v)) for one in found.values()][:4]
    assert measured == [
        (32_768, "f16", "f16"), (32_768, "q8_0", "q8_0"), (65_536, "q8_0", "q8_0"), (131_072, "q4_0", "q4_0"),
    ]  # fmt: skip
    assert found["cpu"].layers == 0 and found["c"].layers == -1
    assert all(one.title for one in found.values())


def test_the_users_own_decide_over_the_packaged(tmp_path: Path) -> None:
    own = tmp_path / "profiles.toml"
    own.write_text('[c]\ncontext = 1024\n[mine]\ncontext = 2048\ncache_v = "q8_0"\nmodel = "m.gguf"\n')
    found = profiles.all_of(own)
    assert found["c"].context == 1024 and found["a"].context == 32_768
    assert found["mine"] == Profile("mine", 2048, cache_v=CacheType.Q8_0, model="m.gguf")
    assert profiles.all_of(tmp_path / "none.toml") == profiles.all_of()


def test_an_unknown_profile_is_named() -> None:
    assert profiles.find("b") == profiles.all_of()["b"]
    with pytest.raises(UsageError, match=r"no profile 'd'.*baseline.*auto"):
        profiles.find("d")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[x]\ncontext = 1024\ncolour = 1", "profile x: unknown value 'colour'"),
        ("[x]\ntitle = 'no context'", "profile x: it has no context"),
        ("[x]\ncontext = 12", "context must be a number from 256"),
        ("[x]\ncontext = true", "context must be a number"),
        ("[x]\ncontext = 1024\ncache_k = 'q4_K'", "cache_k: unknown cache type 'q4_K': known are f32, f16"),
        ("[x]\ncontext = 1024\ncache_v = 'q8_0'\nflash = false", "quantized values need flash attention"),
        ("[x]\ncontext = 1024\nflash = 'on'", "flash must be true or false"),
        ("[x]\ncontext = 1024\ntitle = 1", "title must be text"),
        ("[x]\ncontext = 1024\nyarn_factor = 4", "belong together"),
        ("[x]\ncontext = 1024\nyarn_factor = nan\nyarn_context = 1024", "yarn_factor must be a number"),
        ("[x]\ncontext = 1024\nmicro_batch = 4096", "micro_batch is larger"),
        ("[auto]\ncontext = 1024", "auto is what the plan decides"),
        ("x = 1", "profile x: it is no table"),
        ("[x]\ncontext = \ntitle = 1", "line 2"),
    ],
)
def test_a_wrong_profile_is_named(tmp_path: Path, content: str, said: str) -> None:
    own = tmp_path / "profiles.toml"
    own.write_text(content)
    with pytest.raises(ConfigError) as caught:
        profiles.all_of(own)
    assert said in str(caught.value) and str(own) in str(caught.value) and "\n" not in str(caught.value)


# -- longer than trained ---------------------------------------------------------------------------


TO_32K, TO_1M = Reach(131_072, 32_768), Reach(1_010_000, 0)


@pytest.mark.parametrize(
    ("context", "reach", "factor", "original"),
    [
        (32_768, TO_32K, 0.0, 0),
        (65_536, TO_32K, 2.0, 32_768),
        (131_072, TO_32K, 4.0, 32_768),
        (131_072, TO_1M, 0.0, 0),
        (131_072, Reach(0, 0), 0.0, 0),
    ],
)
def test_positions_are_stretched_only_beyond_what_was_trained(
    context: int, reach: Reach, factor: float, original: int
) -> None:
    fitted = profiles.for_model(Profile("x", context), reach, "m.gguf")
    assert (fitted.yarn_factor, fitted.yarn_context) == (factor, original)
    own = Profile("x", context, yarn_factor=1.5, yarn_context=1000)
    assert profiles.for_model(own, reach, "m.gguf") == own


@pytest.mark.parametrize(("context", "reach"), [(131_073, TO_32K), (40_000, Reach(32_768, 0))])
def test_a_context_that_a_model_does_not_know_is_refused(context: int, reach: Reach) -> None:
    with pytest.raises(UsageError, match=rf"m.gguf knows {reach.longest:,} tokens.*give --context {reach.longest}"):
        profiles.for_model(Profile("x", context), reach, "m.gguf")


def test_a_stretched_length_is_never_a_token_short() -> None:
    for context in range(32_769, 131_073, 997):
        fitted = profiles.for_model(Profile("x", context), TO_32K, "m.gguf")
        assert fitted.yarn_factor * fitted.yarn_context >= context


# -- flags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", profiles.all_of().values(), ids=lambda profile: profile.name)
def test_every_profile_says_outright_what_decides_memory(profile: Profile) -> None:
    said = flags(profile)
    assert said["--ctx-size"] == str(profile.context)
    assert (said["--cache-type-k"], said["--cache-type-v"]) == (profile.cache_k, profile.cache_v)
    assert (said["--parallel"], said["--fit"], said["--flash-attn"]) == ("1", "off", "on")
    assert said["--n-gpu-layers"] == ("0" if profile.layers == 0 else "all")
    assert ("--device" in said) == (profile.layers == 0)
    assert said["--host"] == "127.0.0.1" and said["--port"] == "4711" and said["--log-verbosity"] == "4"
    assert said["--cache-ram"] == "0" and said["--slot-save-path"] == "/r/slots"
    assert {"--metrics", "--jinja", "--no-ui", "--no-context-shift", "--offline"} <= said.keys()


def test_an_older_build_is_told_in_its_own_words() -> None:
    profile = profiles.all_of()["a"]
    words = command.flags(OLD, order(profile))
    said = flags(profile, OLD)
    assert said["--n-gpu-layers"] == "999" and "--no-webui" in said and "--no-ui" not in said
    assert words[words.index("--flash-attn") + 1].startswith("--")
    # At that level it would write prompts into its log.
    assert "--log-verbosity" not in said
    assert not {"--fit", "--cache-ram", "--offline", "--jinja"} & said.keys()


def test_yarn_and_the_lifted_limit() -> None:
    profile = profiles.for_model(profiles.all_of()["c"], TO_32K, "m.gguf")
    said = flags(profile)
    assert (said["--rope-scaling"], said["--rope-scale"], said["--yarn-orig-ctx"]) == ("yarn", "4", "32768")
    assert "--override-kv" not in said
    lifted = command.flags(NEW, order(profile, "qwen2.context_length"))
    assert lifted[lifted.index("--override-kv") + 1] == "qwen2.context_length=int:131072"


def test_no_key_stands_on_the_command_line_and_nobody_else_decides() -> None:
    profile = profiles.all_of()["cpu"]
    assert not any("secret" in word for word in command.flags(NEW, order(profile)))
    base = {"PATH": "/bin", "LLAMA_ARG_CTX_SIZE": "1", "LLAMA_API_KEY": "old", "LLAMA_LOG_FILE": "x", "GGML_X": "1"}
    base |= {"LLAMA_ATTN_ROT_DISABLE": "1", "LLAMA_SET_ROWS": "0"}
    found = command.environment(order(profile), base)
    assert found["LLAMA_API_KEY"] == "secret" and found["GGML_X"] == "1" and found["CUDA_VISIBLE_DEVICES"] == "-1"
    assert [name for name in found if name.startswith("LLAMA_")] == ["LLAMA_API_KEY"]
    on_all = order(profiles.all_of()["c"])
    assert "CUDA_VISIBLE_DEVICES" not in command.environment(on_all, base)
    pinned = command.environment(replace(on_all, device=1), base)
    assert (pinned["CUDA_DEVICE_ORDER"], pinned["CUDA_VISIBLE_DEVICES"]) == ("PCI_BUS_ID", "1")


@pytest.mark.parametrize(
    ("shown", "device", "said"),
    [("2,3", 1, "3"), ("2, 3", 0, "2"), ("3,1,-1,0", 1, "1"), ("GPU-1a2b,GPU-3c4d", 1, "GPU-1a2b,GPU-3c4d")],
)
def test_a_card_that_the_user_hides_is_never_taken(shown: str, device: int, said: str) -> None:
    on_one = replace(order(profiles.all_of()["c"]), device=device)
    found = command.environment(on_one, {"CUDA_VISIBLE_DEVICES": shown, "CUDA_DEVICE_ORDER": "FASTEST_FIRST"})
    # Numbers mean what they mean to who gave them.
    assert (found["CUDA_VISIBLE_DEVICES"], found["CUDA_DEVICE_ORDER"]) == (said, "FASTEST_FIRST")
