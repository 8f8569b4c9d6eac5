-- Cost and speed of every model: calls, tokens, seconds, tokens a second by the server's own clock, and money.
-- :price_in  what a million tokens read cost, those of a kept prefix as well [0]
-- :price_out  what a million tokens written cost [0]
SELECT
    p.model AS model,
    k.role AS role,
    count(*) AS calls,
    count(*) FILTER (WHERE k.state = 'failed') AS failed,
    sum(k.prompt_tokens) AS prompt_tokens,
    sum(k.cached_tokens) AS cached_tokens,
    sum(k.output_tokens) AS output_tokens,
    round(sum(k.seconds), 1) AS seconds,
    round(sum(k.prompt_tokens - k.cached_tokens) / nullif(sum(s.prompt_seconds), 0), 1) AS read_per_second,
    round(sum(k.output_tokens) / nullif(sum(s.output_seconds), 0), 1) AS written_per_second,
    round(sum(k.prompt_tokens) * :price_in / 1e6 + sum(k.output_tokens) * :price_out / 1e6, 4) AS money,
    count(DISTINCT k.run_id) AS runs
FROM calls AS k
LEFT JOIN fingerprints AS p ON p.id = k.fingerprint_id
LEFT JOIN call_prompts AS s ON s.call_id = k.id
GROUP BY p.model, k.role
ORDER BY seconds DESC, model, role
