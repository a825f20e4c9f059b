-- The dice: numbers in (0, 1), bell-shaped numbers and ids that depend on a row, a salt and the seed only.
create or replace temp macro noise(row_no, salt) as hash(row_no * 128 + salt + (seed() % 1000000)::bigint * 1000000007);
create or replace temp macro dice(row_no, salt) as (noise(row_no, salt) >> 11)::double * 1.1102230246251565e-16 + 1e-17;
create or replace temp macro bell(row_no, salt) as
    sqrt(-2 * ln(dice(row_no, salt))) * cos(2 * pi() * dice(row_no, salt + 1));
create or replace temp macro uuid_at(moment, row_no, salt) as (((
    (epoch_ms(moment)::uhugeint << 16) | (noise(row_no, salt) & 4095)::uhugeint | 28672::uhugeint) << 64
    | (1::uhugeint << 63) | (hash(noise(row_no, salt)) >> 2)::uhugeint)::uuid)::varchar;

-- An hour has the rows `low` to `high`. Two neighbours may be the panes of one comparison: `pane_a` is the first of them,
-- and neither continues a turn. Every `strands`-th chat turn of an hour is of the same conversation: they interleave.
create or replace temp macro pane_a(row_no, low) as low + ((row_no - low) // 2) * 2;
create or replace temp macro compares(row_no, low, high) as
    pane_a(row_no, low) + 1 < high and dice(pane_a(row_no, low), 50) < 0.04;
create or replace temp macro continues(row_no, low, high) as
    row_no > low and dice(row_no, 90) < 0.10 and not compares(row_no, low, high);
create or replace temp macro strands(low, high) as greatest(1, (high - low) // 9);

create or replace temp table sample_models as select * from (values
    (0, 'openai/gpt-5-mini', 'openai', 0.27, 2.5e-7, 2e-6, 0.48, 95.0, 260, 0.012, true),
    (1, 'anthropic/claude-sonnet-4-5', 'anthropic', 0.19, 3e-6, 1.5e-5, 0.95, 62.0, 420, 0.011, true),
    (2, 'demo/swift', 'demo', 0.14, 1.5e-7, 6e-7, 0.15, 160.0, 180, 0.004, false),
    (3, 'openai/gpt-5', 'openai', 0.11, 1.25e-6, 1e-5, 1.6, 48.0, 520, 0.014, true),
    (4, 'anthropic/claude-haiku-4-5', 'anthropic', 0.10, 1e-6, 5e-6, 0.42, 140.0, 240, 0.009, true),
    (5, 'demo/scholar', 'demo', 0.08, 3e-6, 1.5e-5, 0.5, 75.0, 380, 0.006, false),
    (6, 'ollama/llama3.1:8b', 'ollama', 0.06, 0.0, 0.0, 0.7, 28.0, 230, 0.02, false),
    (7, 'vllm/qwen2.5-72b', 'vllm', 0.05, null, null, 0.55, 38.0, 310, 0.018, false)
) models(m, model, provider, share, price_in, price_out, first_s, pace, words, failing, caches);

insert into calls by name
with models as (
    select *, sum(share) over (order by m) - share as share_from, sum(share) over (order by m) as share_to
    from sample_models
), hours as (
    select h, newest() - to_hours(days() * 24 - h::bigint) as hour_at,
        (case when isodow(hour_at) = 7 then 0.2 when isodow(hour_at) = 6 then 0.26 else 1.0 end)
        * (0.06 + exp(-pow((hour(hour_at) - 10.5) / 2.6, 2)) + 0.85 * exp(-pow((hour(hour_at) - 15.3) / 2.8, 2)))
        * (0.7 + 0.6 * h / (days() * 24)) * (0.85 + 0.3 * dice(h, 99)) as weight
    from range(days() * 24) hours(h)
), filled as (
    select h, hour_at, sum(weight) over (order by h) as upto, weight, sum(weight) over () as whole from hours
), bounds as (
    select h, hour_at, floor(wanted() * (upto - weight) / whole)::bigint as low,
        case when h = days() * 24 - 1 then wanted() else floor(wanted() * upto / whole)::bigint end as high
    from filled
), slots as (
    select hour_at, low, high, unnest(range(low, high)) as i from bounds where high > low
), joined as (
    select *, continues(i, low, high) as c1, continues(i - 1, low, high) as c2, continues(i - 2, low, high) as c3
    from slots
), chained as (
    select *, case when not c1 then 0 when not c2 then 1 when not c3 then 2 else 0 end as k, i - k as t,
        i + 1 < high and continues(i + 1, low, high) and not (c1 and c2 and not c3) as goes_on
    from joined
), opened as (
    select *, compares(t, low, high) as compared, case when compared then pane_a(t, low) else t end as question,
        case when compared then 'playground' when dice(t, 7) < 0.72 then 'chat' when dice(t, 7) < 0.94 then 'api'
            else 'experiment' end as door,
        case when door = 'chat' then low + (t - low) % strands(low, high) else question end as topic
    from chained
), timed as (
    select *, dice(t, 2) < 0.45 as uses_tools,
        hour_at
            + to_microseconds(((question - low + 0.2 + 0.6 * dice(question, 1)) / (high - low) * 3600e6)::bigint)
        as turn_at
    from opened
), asked as (
    select *,
        -- the second pane holds another model: none has a share above 0.27
        case when compared and t > question then (dice(question, 3) + 0.27 + 0.46 * dice(t, 3)) % 1
            else dice(t, 3) end as pick,
        floor(people() * pow(dice(topic, 4), 2.1))::bigint as person,
        k = 2 and not uses_tools as falls_back,
        turn_at + to_microseconds((k * 4.2e6)::bigint) as started_at,
        turn_at between newest() - interval 300 hours and
            newest() - interval 295 hours as bad_afternoon
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
            when dice(i, 5) < failing * (case when bad_afternoon and provider = 'openai' then 25 else 0.6 end)
                then 'error'
            when dice(i, 6) < 0.014 then 'cancelled'
            when dice(i, 6) < 0.0155 then 'refused'
            when dice(i, 6) < 0.0162 then 'interrupted'
            else 'ok'
        end as status,
        1 + floor(7 * dice(i, 8))::integer as mishap,
        greatest(8, (760 * exp(0.95 * bell(question, 9)))::bigint) + 240 * k as input,
        case when bad_afternoon and provider = 'openai' then 4.0 else 1.0 end as strain
    from placed
), weighed as (
    select *,
        case when status <> 'ok' or k > 0 or door in ('playground', 'experiment') or dice(t, 11) < 0.69 then 'off' when dice(t, 12) < 0.68 then 'miss'
            when dice(t, 12) < 0.9 then 'exact' else 'semantic' end as cache_state,
        cache_state in ('exact', 'semantic') as hit,
        case when caches and dice(i, 13) < 0.34 and input > 600
            then (input * (0.45 + 0.4 * dice(i, 14)))::bigint else 0 end as read,
        status in ('ok', 'cancelled') as counted,
        greatest(1, (words * exp(0.62 * bell(i, 15)) * pow(input / 760.0, 0.18)
            * (case when status = 'cancelled' then 0.35 else 1 end))::bigint) as output,
        case when served_later then 0.6 else 1.0 end as markdown
    from (select *, provider = 'anthropic' and turn_at > newest() - interval 30 days
        as served_later from drawn)
), clocked as (
    select *,
        case when hit then 0.002 + 0.004 * dice(i, 17) when counted
            then strain * first_s * exp(0.34 * bell(i, 18)) + input / 42000.0 end as ttft,
        pace * exp(0.18 * bell(i, 20)) as speed,
        case when dice(i, 22) < 0.2 and model like '%gpt-5' then (output * 0.4)::bigint else 0 end as thinking
    from weighed
), priced as (
    select *,
        case when hit then 0.0 when counted then round(price_in * (input - read), 9) end as c_input,
        case when hit then 0.0 when counted then round(price_in * 0.1 * read, 9) end as c_read,
        case when hit then 0.0 when counted then round(price_out * markdown * (output - thinking), 9) end as c_out,
        case when hit then 0.0 when counted then round(price_out * markdown * thinking, 9) end as c_thinking,
        case when status = 'refused' then 0.001 when status = 'interrupted' then null when hit then ttft + 0.002
            when counted then ttft + output / speed / sqrt(strain)
            when mishap = 3 then 30.0 else 0.08 + first_s * dice(i, 23) end as took
    from clocked
)
select
    uuid_at(started_at, i, 30) as call_id,
    uuid_at(turn_at, t, 32) as turn_id,
    started_at,
    started_at + to_microseconds((took * 1e6)::bigint) as ended_at,
    'chat' as operation, 'sample' as origin, door,
    concat('person-', lpad(person::varchar, 3, '0')) as user_id,
    ['support', 'sales', 'engineering', 'research', 'marketing', 'operations'][1 + person % 6] as team_id,
    ['sample-support', 'sample-writer', 'sample-coder', 'sample-analyst', 'sample-translator', 'sample-recruiter',
        'sample-legal', null][1 + floor(8 * pow(dice(topic, 40), 1.6))::integer] as assistant_id,
    case when assistant_id is not null
        then 1 + (turn_at > newest() - interval 45 days)::bigint
            + (turn_at > newest() - interval 14 days)::bigint end as assistant_version,
    case when dice(question, 41) < 0.3 then ['sample-summary', 'sample-reply', 'sample-review'][1 + question % 3]
        end as prompt_id,
    case when prompt_id is not null then 1 + (turn_at > newest() - interval 20 days)::bigint end
        as prompt_version,
    case when door = 'chat' then concat('sample-conversation-', topic) end as conversation_id,
    case when compared then concat('sample-match-', question) end as match_id,
    case when door = 'experiment' then concat('sample-experiment-', 1 + t % 3) end as experiment_id,
    case when dice(question, 42) < 0.55 then []::varchar[] when dice(question, 42) < 0.8 then ['production']
        when dice(question, 42) < 0.92 then ['trial'] else ['trial', 'pricing'] end as tags,
    k + 1 as attempt, falls_back::bigint as hop, case when uses_tools or falls_back then 0 else k end as retry,
    case when uses_tools then k else 0 end as round,
    requested as requested_model, model as served_model,
    case when counted then split_part(model, '/', 2) end as response_model, provider,
    case provider when 'openai' then 'api.openai.com' when 'anthropic' then 'api.anthropic.com'
        when 'ollama' then 'localhost:11434' when 'vllm' then 'localhost:8000' end as deployment,
    case when hit then 'cache' when provider in ('openai', 'anthropic') then 'direct' else 'general' end as wire,
    dice(t, 43) < 0.9 as stream,
    status,
    case status when 'error' then ['rate_limit', 'provider_error', 'timeout', 'connection', 'rate_limit', 'truncated', 'context_length'][mishap] when 'refused' then 'budget' when 'ok' then null else status end
        as error_kind,
    case status when 'error' then 'The provider did not answer as it should; sample data.' when 'refused'
        then 'The budget of this team is used up; sample data.' when 'interrupted'
        then 'The platform stopped while this call was running.' end as error_text,
    case status when 'error' then [429, 529, null, null, 429, 200, 400][mishap] when 'ok' then case when hit then null else 200 end
        when 'cancelled' then 200 end as http_status,
    case when status = 'ok' then case when goes_on then 'tool_calls' when dice(i, 44) < 0.02 then 'length'
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
    case cache_state when 'exact' then 1.0 when 'semantic' then 0.93 + 0.06 * dice(i, 45) end as cache_similarity,
    case when dice(i, 46) < 0.03 then 0.4 * dice(i, 47) else 0.0 end as queue_s,
    0.0006 + 0.0012 * dice(i, 48) as overhead_s,
    case when counted and not hit then ttft * 0.55 end as connect_s,
    case when stream then ttft end as ttft_s,
    case when counted and stream and not hit then 0.9 / speed end as gap_p50_s,
    case when counted and stream and not hit then 2.4 / speed end as gap_p95_s,
    case when counted and stream and not hit then 2.4 / speed * exp(abs(bell(i, 49))) end as gap_max_s,
    took as total_s,
    case when uses_tools then 3 else 0 end as tools_offered,
    case when goes_on and uses_tools then 1 else 0 end as tool_calls,
    [0.2, 0.7, 1.0, null][1 + t % 4] as temperature, case when t % 3 = 0 then 1024 end as max_tokens,
    case when t % 3 = 0 then '{"max_tokens":1024}' end as parameters,
    [400000, 200000, 32000, 400000, 200000, 64000, 8192, 131072][1 + m] as context_window,
    false as truncated_input,
    first_seq() + i as seq,
    case when i >= wanted() - 400 then first_seq() + i end as request_ref,
    case when i >= wanted() - 400 and counted then first_seq() + i end as response_ref
from priced;
