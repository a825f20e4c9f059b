-- Sums and histograms per hour, and the views that join them with the calls that came since.
create table rollup_progress (seq bigint);
create table calls_hourly_rolled (
    hour timestamp, origin varchar, operation varchar, door varchar, team_id varchar, provider varchar,
    requested_model varchar, served_model varchar, status varchar, error_kind varchar, cache_state varchar,
    fallback boolean, retried boolean, calls bigint, turns bigint, errors bigint, unpriced bigint, input_tokens
    bigint, output_tokens bigint, cost_total decimal(18,9), saved decimal(18,9), usage_unknown bigint,
    usage_estimated bigint, uncached_input_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint,
    reasoning_tokens bigint, cost_input decimal(18,9), cost_cache_read decimal(18,9), cost_cache_write
    decimal(18,9), cost_output decimal(18,9), cost_reasoning decimal(18,9), total_s double, total_known bigint,
    ttft_s double, ttft_known bigint, overhead_s double, overhead_known bigint, queue_s double, queue_known
    bigint, tool_calls bigint
);
create table users_hourly_rolled (
    hour timestamp, origin varchar, user_id varchar, team_id varchar, calls bigint, turns bigint, errors bigint,
    unpriced bigint, input_tokens bigint, output_tokens bigint, cost_total decimal(18,9), saved decimal(18,9)
);
create table assistants_hourly_rolled (
    hour timestamp, origin varchar, assistant_id varchar, assistant_version bigint, prompt_id varchar,
    prompt_version bigint, served_model varchar, calls bigint, turns bigint, errors bigint, unpriced bigint,
    input_tokens bigint, output_tokens bigint, cost_total decimal(18,9), saved decimal(18,9)
);
create table tags_hourly_rolled (
    hour timestamp, origin varchar, tag varchar, served_model varchar, calls bigint, turns bigint, errors bigint,
    unpriced bigint, input_tokens bigint, output_tokens bigint, cost_total decimal(18,9), saved decimal(18,9)
);
create table histogram_hourly_rolled (
    hour timestamp, origin varchar, provider varchar, requested_model varchar, served_model varchar, status
    varchar, cached boolean, metric varchar, bucket integer, calls bigint
);
create view calls_hourly as
    select hour, origin, operation, door, team_id, provider, requested_model, served_model, status, error_kind,
    cache_state, fallback, retried, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total,
    saved, usage_unknown, usage_estimated, uncached_input_tokens, cache_read_tokens, cache_write_tokens,
    reasoning_tokens, cost_input, cost_cache_read, cost_cache_write, cost_output, cost_reasoning, total_s,
    total_known, ttft_s, ttft_known, overhead_s, overhead_known, queue_s, queue_known, tool_calls from
    calls_hourly_rolled union all by name select date_trunc('hour', started_at) as hour, origin as origin,
    operation as operation, door as door, team_id as team_id, provider as provider, requested_model as
    requested_model, served_model as served_model, status as status, error_kind as error_kind, cache_state as
    cache_state, hop > 0 as fallback, retry > 0 as retried, count(*) as calls, count(*) filter (attempt = 1) as
    turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null and status <> 'refused'
    and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced,
    sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved, count(*) filter
    (input_tokens is null) as usage_unknown, count(*) filter (usage_source = 'estimated') as usage_estimated,
    sum(uncached_input_tokens)::bigint as uncached_input_tokens, sum(cache_read_tokens)::bigint as
    cache_read_tokens, case when count(cache_write_5m_tokens) + count(cache_write_1h_tokens) > 0 then
    (coalesce(sum(cache_write_5m_tokens), 0) + coalesce(sum(cache_write_1h_tokens), 0))::bigint end as
    cache_write_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens, sum(cost_input)::decimal(18,9) as
    cost_input, sum(cost_cache_read)::decimal(18,9) as cost_cache_read, sum(cost_cache_write)::decimal(18,9) as
    cost_cache_write, sum(cost_output)::decimal(18,9) as cost_output, sum(cost_reasoning)::decimal(18,9) as
    cost_reasoning, sum(total_s) as total_s, count(total_s) as total_known, sum(ttft_s) as ttft_s, count(ttft_s)
    as ttft_known, sum(overhead_s) as overhead_s, count(overhead_s) as overhead_known, sum(queue_s) as queue_s,
    count(queue_s) as queue_known, sum(tool_calls)::bigint as tool_calls from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13;
create view users_hourly as
    select hour, origin, user_id, team_id, calls, turns, errors, unpriced, input_tokens, output_tokens,
    cost_total, saved from users_hourly_rolled union all by name select date_trunc('hour', started_at) as hour,
    origin as origin, user_id as user_id, team_id as team_id, count(*) as calls, count(*) filter (attempt = 1) as
    turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null and status <> 'refused'
    and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced,
    sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved from calls where seq >
    (select coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4;
create view assistants_hourly as
    select hour, origin, assistant_id, assistant_version, prompt_id, prompt_version, served_model, calls, turns,
    errors, unpriced, input_tokens, output_tokens, cost_total, saved from assistants_hourly_rolled union all by
    name select date_trunc('hour', started_at) as hour, origin as origin, assistant_id as assistant_id,
    assistant_version as assistant_version, prompt_id as prompt_id, prompt_version as prompt_version, served_model
    as served_model, count(*) as calls, count(*) filter (attempt = 1) as turns, count(*) filter (status = 'error')
    as errors, count(*) filter (cost_total is null and status <> 'refused'
    and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(cost_total)::decimal(18,9) as cost_total,
    sum(saved)::decimal(18,9) as saved from calls where seq > (select coalesce(max(seq), 0) from rollup_progress)
    group by 1, 2, 3, 4, 5, 6, 7;
create view tags_hourly as
    select hour, origin, tag, served_model, calls, turns, errors, unpriced, input_tokens, output_tokens,
    cost_total, saved from tags_hourly_rolled union all by name select date_trunc('hour', started_at) as hour,
    origin as origin, tag as tag, served_model as served_model, count(*) as calls, count(*) filter (attempt = 1)
    as turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null and status <> 'refused'
    and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced,
    sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved from (select * exclude tags,
    unnest(tags) as tag from calls where seq > (select coalesce(max(seq), 0) from rollup_progress)) group by 1, 2,
    3, 4;
create view histogram_hourly as
    select hour, origin, provider, requested_model, served_model, status, cached, metric, bucket, calls from
    histogram_hourly_rolled union all by name select hour as hour, origin as origin, provider as provider,
    requested_model as requested_model, served_model as served_model, status as status, cached as cached, metric
    as metric, case when value > 0 then round(ln(value) / ln(1.02))::integer else -100000 end as bucket, count(*)
    as calls from (select date_trunc('hour', started_at) as hour, origin, provider, requested_model, served_model,
    status, cache_state in ('exact', 'semantic') as cached, 'total_s' as metric, total_s as value from calls where
    seq > (select coalesce(max(seq), 0) from rollup_progress) union all select date_trunc('hour', started_at) as
    hour, origin, provider, requested_model, served_model, status, cache_state in ('exact', 'semantic') as cached,
    'ttft_s' as metric, ttft_s as value from calls where seq > (select coalesce(max(seq), 0) from rollup_progress)
    union all select date_trunc('hour', started_at) as hour, origin, provider, requested_model, served_model,
    status, cache_state in ('exact', 'semantic') as cached, 'tokens_per_s' as metric, case when output_tokens > 1
    and total_s - ttft_s > 0.001 then output_tokens / (total_s - ttft_s) end as value from calls where seq >
    (select coalesce(max(seq), 0) from rollup_progress) union all select date_trunc('hour', started_at) as hour,
    origin, provider, requested_model, served_model, status, cache_state in ('exact', 'semantic') as cached,
    'cost_total' as metric, cost_total::double as value from calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress)) where value is not null group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
