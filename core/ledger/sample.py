"""Sample history: realistic traffic made inside DuckDB, the same for the same seed, any size, marked `sample`.

What it holds: several models, users, teams and assistants, unevenly used; office hours and weekends; lengths and
times that belong together; retries, fallbacks, tool rounds, cancelled and refused calls, cache hits; a model without a
price; one price change 30 days before the end; one bad afternoon of one provider 12 days before the end. Words only
for the newest calls, so that the log page has something to open.
"""

from duckdb import DuckDBPyConnection

from core.ledger.sampled import MODELS, WORDED_CALLS, Sample
from core.ledger.sampled_words import feedback_sql, payloads_sql, votes_sql

_ERRORS = "['rate_limit', 'provider_error', 'timeout', 'connection', 'rate_limit', 'truncated', 'context_length']"
_HTTP = "[429, 529, null, null, 429, 200, 400]"


def generate(cursor: DuckDBPyConnection, sample: Sample) -> None:
    """Insert the sample into `calls`, `payloads`, `votes` and `feedback`, within the caller's transaction."""
    if sample.calls <= 0:
        return
    cursor.execute(_calls_sql(sample))
    for sql in (payloads_sql(sample), feedback_sql(sample), votes_sql(sample)):
        cursor.execute(sql)


def _slots_sql(sample: Sample) -> str:
    """One row per call: `i` counts calls, `k` counts within a turn, `t` is the turn's first call, `at` its time."""
    hours = sample.days * 24
    back = [f"{sample.u(place, 90)} < 0.10" for place in ("i", "i - 1", "i - 2", "i + 1")]
    return f"""
    hours as (
        select h, timestamp '{sample.until}' - to_hours({hours} - h::bigint) as hour_at,
            (case when isodow(hour_at) = 7 then 0.2 when isodow(hour_at) = 6 then 0.26 else 1.0 end)
            * (0.06 + exp(-pow((hour(hour_at) - 10.5) / 2.6, 2)) + 0.85 * exp(-pow((hour(hour_at) - 15.3) / 2.8, 2)))
            * (0.7 + 0.6 * h / {hours}) * (0.85 + 0.3 * {sample.u("h", 99)}) as weight
        from range({hours}) hours(h)
    ), filled as (
        select h, hour_at, sum(weight) over (order by h) as upto, weight, sum(weight) over () as whole from hours
    ), bounds as (
        select h, hour_at, floor({sample.calls} * (upto - weight) / whole)::bigint as low,
            case when h = {hours - 1} then {sample.calls} else floor({sample.calls} * upto / whole)::bigint end as high
        from filled
    ), slots as (
        select hour_at, low, high, unnest(range(low, high)) as i from bounds where high > low
    ), joined as (
        select *, i > low and {back[0]} as c1, i - 1 > low and {back[1]} as c2,
            i - 2 > low and {back[2]} as c3
        from slots
    ), chained as (
        select *, case when not c1 then 0 when not c2 then 1 when not c3 then 2 else 0 end as k, i - k as t,
            i + 1 < high and {back[3]} and not (c1 and c2 and not c3) as goes_on
        from joined
    ), timed as (
        select *, {sample.u("t", 2)} < 0.45 as uses_tools,
            hour_at + to_microseconds(((t - low + 0.2 + 0.6 * {sample.u("t", 1)}) / (high - low) * 3600e6)::bigint)
            as turn_at
        from chained
    )"""


def _calls_sql(sample: Sample) -> str:
    u, z = sample.u, sample.z
    people = max(12, min(400, 24 + sample.calls // 2500))
    return f"""
    insert into calls by name
    with models as (
        select *, sum(share) over (order by m) - share as share_from, sum(share) over (order by m) as share_to
        from {MODELS}
    ), {_slots_sql(sample)}, asked as (
        select *, {u("t", 3)} as pick, floor({people} * pow({u("t", 4)}, 2.1))::bigint as person,
            k = 2 and not uses_tools as falls_back,
            turn_at + to_microseconds((k * 4.2e6)::bigint) as started_at,
            turn_at between timestamp '{sample.until}' - interval 300 hours and
                timestamp '{sample.until}' - interval 295 hours as bad_afternoon
        from timed
    ), placed as (
        select asked.*, wanted.model as requested, serving.*
        from asked
        join models wanted on pick >= wanted.share_from and pick < wanted.share_to
        join models serving on serving.m = case when falls_back then (wanted.m + 1) % 6 else wanted.m end
    ), drawn as (
        select *,
            case
                when goes_on and not uses_tools then 'error'
                when goes_on then 'ok'
                when {u("i", 5)} < failing * (case when bad_afternoon and provider = 'openai' then 25 else 0.6 end)
                    then 'error'
                when {u("i", 6)} < 0.014 then 'cancelled'
                when {u("i", 6)} < 0.0155 then 'refused'
                when {u("i", 6)} < 0.0162 then 'interrupted'
                else 'ok'
            end as status,
            case when {u("t", 7)} < 0.62 then 'chat' when {u("t", 7)} < 0.8 then 'api'
                when {u("t", 7)} < 0.95 then 'playground' else 'experiment' end as door,
            1 + floor(7 * {u("i", 8)})::integer as mishap,
            greatest(8, (760 * exp(0.95 * {z("t", 9)}))::bigint) + 240 * k as input,
            case when bad_afternoon and provider = 'openai' then 4.0 else 1.0 end as strain
        from placed
    ), weighed as (
        select *,
            case when status <> 'ok' or k > 0 or {u("t", 11)} < 0.72 then 'off' when {u("t", 12)} < 0.68 then 'miss'
                when {u("t", 12)} < 0.9 then 'exact' else 'semantic' end as cache_state,
            cache_state in ('exact', 'semantic') as hit,
            case when caches and {u("i", 13)} < 0.34 and input > 600
                then (input * (0.45 + 0.4 * {u("i", 14)}))::bigint else 0 end as read,
            status in ('ok', 'cancelled') as counted,
            greatest(1, (words * exp(0.62 * {z("i", 15)}) * pow(input / 760.0, 0.18)
                * (case when status = 'cancelled' then 0.35 else 1 end))::bigint) as output,
            case when served_later then 0.6 else 1.0 end as markdown
        from (select *, provider = 'anthropic' and turn_at > timestamp '{sample.until}' - interval 30 days
            as served_later from drawn)
    ), clocked as (
        select *,
            case when hit then 0.002 + 0.004 * {u("i", 17)} when counted
                then strain * first_s * exp(0.34 * {z("i", 18)}) + input / 42000.0 end as ttft,
            pace * exp(0.18 * {z("i", 20)}) as speed,
            case when {u("i", 22)} < 0.2 and model like '%gpt-5' then (output * 0.4)::bigint else 0 end as thinking
        from weighed
    ), priced as (
        select *,
            case when hit then 0.0 when counted then round(price_in * (input - read), 9) end as c_input,
            case when hit then 0.0 when counted then round(price_in * 0.1 * read, 9) end as c_read,
            case when hit then 0.0 when counted then round(price_out * markdown * (output - thinking), 9) end as c_out,
            case when hit then 0.0 when counted then round(price_out * markdown * thinking, 9) end as c_thinking,
            case when status = 'refused' then 0.001 when status = 'interrupted' then null when hit then ttft + 0.002
                when counted then ttft + output / speed / sqrt(strain)
                when mishap = 3 then 30.0 else 0.08 + first_s * {u("i", 23)} end as took
        from clocked
    )
    select
        {_uuid(sample, "started_at", "i", 30)} as call_id,
        {_uuid(sample, "turn_at", "t", 32)} as turn_id,
        started_at,
        started_at + to_microseconds((took * 1e6)::bigint) as ended_at,
        'chat' as operation, 'sample' as origin, door,
        concat('person-', lpad(person::varchar, 3, '0')) as user_id,
        ['support', 'sales', 'engineering', 'research', 'marketing', 'operations'][1 + person % 6] as team_id,
        ['sample-support', 'sample-writer', 'sample-coder', 'sample-analyst', 'sample-translator', 'sample-recruiter',
            'sample-legal', null][1 + floor(8 * pow({u("t", 40)}, 1.6))::integer] as assistant_id,
        case when assistant_id is not null
            then 1 + (turn_at > timestamp '{sample.until}' - interval 45 days)::bigint
                + (turn_at > timestamp '{sample.until}' - interval 14 days)::bigint end as assistant_version,
        case when {u("t", 41)} < 0.3 then ['sample-summary', 'sample-reply', 'sample-review'][1 + t % 3]
            end as prompt_id,
        case when prompt_id is not null then 1 + (turn_at > timestamp '{sample.until}' - interval 20 days)::bigint end
            as prompt_version,
        case when door = 'chat' then concat('sample-conversation-', person, '-', t // 40) end as conversation_id,
        case when door = 'playground' then concat('sample-match-', t // 2) end as match_id,
        case when door = 'experiment' then concat('sample-experiment-', 1 + t % 3) end as experiment_id,
        case when {u("t", 42)} < 0.55 then []::varchar[] when {u("t", 42)} < 0.8 then ['production']
            when {u("t", 42)} < 0.92 then ['trial'] else ['trial', 'pricing'] end as tags,
        k + 1 as attempt, falls_back::bigint as hop, case when uses_tools or falls_back then 0 else k end as retry,
        case when uses_tools then k else 0 end as round,
        requested as requested_model, model as served_model,
        case when counted then split_part(model, '/', 2) end as response_model, provider,
        case provider when 'openai' then 'api.openai.com' when 'anthropic' then 'api.anthropic.com'
            when 'ollama' then 'localhost:11434' when 'vllm' then 'localhost:8000' end as deployment,
        case when hit then 'cache' when provider in ('openai', 'anthropic') then 'direct' else 'general' end as wire,
        {u("t", 43)} < 0.9 as stream,
        status,
        case status when 'error' then {_ERRORS}[mishap] when 'refused' then 'budget' when 'ok' then null else status end
            as error_kind,
        case status when 'error' then 'The provider did not answer as it should; sample data.' when 'refused'
            then 'The budget of this team is used up; sample data.' when 'interrupted'
            then 'The platform stopped while this call was running.' end as error_text,
        case status when 'error' then {_HTTP}[mishap] when 'ok' then case when hit then null else 200 end
            when 'cancelled' then 200 end as http_status,
        case when status = 'ok' then case when goes_on then 'tool_calls' when {u("i", 44)} < 0.02 then 'length'
            else 'stop' end end as finish_reason,
        case when counted and not hit then concat('sample-', i) end as response_id,
        case when counted then input end as input_tokens,
        case when counted then input - read end as uncached_input_tokens,
        case when counted and caches then read end as cache_read_tokens,
        case when counted then output end as output_tokens,
        case when counted then output - thinking end as visible_output_tokens,
        case when counted and thinking > 0 then thinking end as reasoning_tokens,
        case when status = 'ok' then 'provider' when counted then 'estimated' else 'none' end as usage_source,
        c_input as cost_input, c_read as cost_cache_read, c_out as cost_output, c_thinking as cost_reasoning,
        round(c_input::decimal(18,9) + c_read::decimal(18,9) + c_out::decimal(18,9) + c_thinking::decimal(18,9), 9)
            as cost_total,
        case when price_in is not null and counted then case when provider = 'ollama' then 'local, free'
            when served_later then 'sample price list 2' else 'sample price list 1' end end as price_version,
        case when hit then round(price_in * input + price_out * markdown * output, 9) end as saved,
        case when status <> 'refused' then round((price_in * input + price_out * markdown * words), 9) end
            as estimate_cost_p50,
        round(estimate_cost_p50 * 2.1, 9) as estimate_cost_p90,
        first_s + words / pace as estimate_seconds_p50, 2.2 * (first_s + words / pace) as estimate_seconds_p90,
        cache_state,
        case cache_state when 'exact' then 1.0 when 'semantic' then 0.93 + 0.06 * {u("i", 45)} end as cache_similarity,
        case when {u("i", 46)} < 0.03 then 0.4 * {u("i", 47)} else 0.0 end as queue_s,
        0.0006 + 0.0012 * {u("i", 48)} as overhead_s,
        case when counted and not hit then ttft * 0.55 end as connect_s,
        case when stream then ttft end as ttft_s,
        case when counted and stream and not hit then 0.9 / speed end as gap_p50_s,
        case when counted and stream and not hit then 2.4 / speed end as gap_p95_s,
        case when counted and stream and not hit then 2.4 / speed * exp(abs({z("i", 49)})) end as gap_max_s,
        took as total_s,
        case when uses_tools then 3 else 0 end as tools_offered,
        case when goes_on and uses_tools then 1 else 0 end as tool_calls,
        [0.2, 0.7, 1.0, null][1 + t % 4] as temperature, case when t % 3 = 0 then 1024 end as max_tokens,
        case when t % 3 = 0 then '{{"max_tokens":1024}}' end as parameters,
        [400000, 200000, 32000, 400000, 200000, 64000, 8192, 131072][1 + m] as context_window,
        false as truncated_input,
        {sample.first} + i as seq,
        case when i >= {sample.calls - WORDED_CALLS} then {sample.first} + i end as request_ref,
        case when i >= {sample.calls - WORDED_CALLS} and counted then {sample.first} + i end as response_ref
    from priced
    """


def _uuid(sample: Sample, moment: str, row: str, salt: int) -> str:
    """SQL: a UUIDv7 in text of that moment, the same for the same row and seed."""
    noise = sample.noise(row, salt)
    high = f"(epoch_ms({moment})::uhugeint << 16) | ({noise} & 4095)::uhugeint | 28672::uhugeint"
    return f"(((({high}) << 64) | (1::uhugeint << 63) | (hash({noise}) >> 2)::uhugeint)::uuid)::varchar"
