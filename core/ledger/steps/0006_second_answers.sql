-- What answers cost that were asked for again: a part of what is wasted.
alter table calls_hourly_rolled add column again_cost decimal(18,9);
insert into calls_hourly_rolled by name select date_trunc('hour', started_at) as hour, origin as origin,
    operation as operation, door as door, team_id as team_id, provider as provider, requested_model as
    requested_model, served_model as served_model, status as status, error_kind as error_kind, cache_state as
    cache_state, hop > 0 as fallback, retry > 0 as retried, (sum(cost_total) filter (list_contains(tags,
    'regenerated') and retry = 0 and status not in ('error', 'interrupted', 'cancelled')))::decimal(18,9) as
    again_cost from calls where seq <= (select coalesce(max(seq), 0) from rollup_progress) and list_contains(tags,
    'regenerated') group by all having again_cost is not null order by 1;
create or replace view calls_hourly as
    select hour, origin, operation, door, team_id, provider, requested_model, served_model, status, error_kind,
    cache_state, fallback, retried, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total, saved,
    usage_unknown, usage_estimated, uncached_input_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
    cost_input, cost_cache_read, cost_cache_write, cost_output, cost_reasoning, total_s, total_known, ttft_s,
    ttft_known, overhead_s, overhead_known, queue_s, queue_known, tool_calls, again_cost from calls_hourly_rolled
    where run <= (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour',
    started_at) as hour, origin as origin, operation as operation, door as door, team_id as team_id, provider as
    provider, requested_model as requested_model, served_model as served_model, status as status, error_kind as
    error_kind, cache_state as cache_state, hop > 0 as fallback, retry > 0 as retried, count(*) as calls, count(*)
    filter (attempt = 1) as turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null
    and status <> 'refused' and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as
    unpriced, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved, count(*) filter (input_tokens
    is null) as usage_unknown, count(*) filter (usage_source = 'estimated') as usage_estimated,
    sum(uncached_input_tokens)::bigint as uncached_input_tokens, sum(cache_read_tokens)::bigint as
    cache_read_tokens, case when count(cache_write_5m_tokens) + count(cache_write_1h_tokens) > 0 then
    (coalesce(sum(cache_write_5m_tokens), 0) + coalesce(sum(cache_write_1h_tokens), 0))::bigint end as
    cache_write_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens, sum(cost_input)::decimal(18,9) as
    cost_input, sum(cost_cache_read)::decimal(18,9) as cost_cache_read, sum(cost_cache_write)::decimal(18,9) as
    cost_cache_write, sum(cost_output)::decimal(18,9) as cost_output, sum(cost_reasoning)::decimal(18,9) as
    cost_reasoning, sum(total_s) as total_s, count(total_s) as total_known, sum(ttft_s) as ttft_s, count(ttft_s) as
    ttft_known, sum(overhead_s) as overhead_s, count(overhead_s) as overhead_known, sum(queue_s) as queue_s,
    count(queue_s) as queue_known, sum(tool_calls)::bigint as tool_calls, (sum(cost_total) filter
    (list_contains(tags, 'regenerated') and retry = 0 and status not in ('error', 'interrupted',
    'cancelled')))::decimal(18,9) as again_cost from calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress) group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13;
alter table models_hourly_rolled add column again_cost decimal(18,9);
insert into models_hourly_rolled by name select date_trunc('hour', started_at) as hour, origin as origin,
    provider as provider, requested_model as requested_model, served_model as served_model, status as status,
    error_kind as error_kind, cache_state as cache_state, hop > 0 as fallback, retry > 0 as retried,
    (sum(cost_total) filter (list_contains(tags, 'regenerated') and retry = 0 and status not in ('error',
    'interrupted', 'cancelled')))::decimal(18,9) as again_cost from calls where seq <= (select coalesce(max(seq), 0)
    from rollup_progress) and list_contains(tags, 'regenerated') group by all having again_cost is not null order by
    1;
create or replace view models_hourly as
    select hour, origin, provider, requested_model, served_model, status, error_kind, cache_state, fallback,
    retried, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total, saved, usage_unknown,
    cache_read_tokens, reasoning_tokens, untagged, truncated, cut, again_cost from models_hourly_rolled where run <=
    (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at) as
    hour, origin as origin, provider as provider, requested_model as requested_model, served_model as served_model,
    status as status, error_kind as error_kind, cache_state as cache_state, hop > 0 as fallback, retry > 0 as
    retried, count(*) as calls, count(*) filter (attempt = 1) as turns, count(*) filter (status = 'error') as
    errors, count(*) filter (cost_total is null and status <> 'refused' and (status <> 'error' or
    coalesce(input_tokens, output_tokens) is not null)) as unpriced, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(cost_total)::decimal(18,9) as cost_total,
    sum(saved)::decimal(18,9) as saved, count(*) filter (input_tokens is null) as usage_unknown,
    sum(cache_read_tokens)::bigint as cache_read_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens, count(*)
    filter (coalesce(len(tags), 0) = 0) as untagged, count(*) filter (truncated_input) as truncated, count(*) filter
    (finish_reason in ('length', 'max_tokens')) as cut, (sum(cost_total) filter (list_contains(tags, 'regenerated')
    and retry = 0 and status not in ('error', 'interrupted', 'cancelled')))::decimal(18,9) as again_cost from calls
    where seq > (select coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
