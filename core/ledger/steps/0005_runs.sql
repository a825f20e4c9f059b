-- Which run each rolled row belongs to: a view shows the rows of finished runs only, because DuckDB shows the rows of
-- a large insert to other transactions some moments before the commit, and they would be counted twice.
alter table rollup_progress add column run bigint default 0;
alter table calls_hourly_rolled add column run bigint default 0;
alter table users_hourly_rolled add column run bigint default 0;
alter table assistants_hourly_rolled add column run bigint default 0;
alter table tags_hourly_rolled add column run bigint default 0;
alter table histogram_hourly_rolled add column run bigint default 0;
alter table models_hourly_rolled add column run bigint default 0;
alter table turns_hourly_rolled add column run bigint default 0;
alter table ttft_hourly_rolled add column run bigint default 0;
alter table total_hourly_rolled add column run bigint default 0;
alter table speed_hourly_rolled add column run bigint default 0;
alter table context_hourly_rolled add column run bigint default 0;
create or replace view calls_hourly as
    select hour, origin, operation, door, team_id, provider, requested_model, served_model, status, error_kind,
    cache_state, fallback, retried, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total, saved,
    usage_unknown, usage_estimated, uncached_input_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
    cost_input, cost_cache_read, cost_cache_write, cost_output, cost_reasoning, total_s, total_known, ttft_s,
    ttft_known, overhead_s, overhead_known, queue_s, queue_known, tool_calls from calls_hourly_rolled where run <=
    (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at) as
    hour, origin as origin, operation as operation, door as door, team_id as team_id, provider as provider,
    requested_model as requested_model, served_model as served_model, status as status, error_kind as error_kind,
    cache_state as cache_state, hop > 0 as fallback, retry > 0 as retried, count(*) as calls, count(*) filter
    (attempt = 1) as turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null and
    status <> 'refused' and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced,
    sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
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
    count(queue_s) as queue_known, sum(tool_calls)::bigint as tool_calls from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13;
create or replace view users_hourly as
    select hour, origin, user_id, team_id, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total,
    saved from users_hourly_rolled where run <= (select coalesce(max(run), 0) from rollup_progress) union all by
    name select date_trunc('hour', started_at) as hour, origin as origin, user_id as user_id, team_id as team_id,
    count(*) as calls, count(*) filter (attempt = 1) as turns, count(*) filter (status = 'error') as errors,
    count(*) filter (cost_total is null and status <> 'refused' and (status <> 'error' or coalesce(input_tokens,
    output_tokens) is not null)) as unpriced, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint
    as output_tokens, sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved from calls
    where seq > (select coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4;
create or replace view assistants_hourly as
    select hour, origin, assistant_id, assistant_version, prompt_id, prompt_version, served_model, calls, turns,
    errors, unpriced, input_tokens, output_tokens, cost_total, saved from assistants_hourly_rolled where run <=
    (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at) as
    hour, origin as origin, assistant_id as assistant_id, assistant_version as assistant_version, prompt_id as
    prompt_id, prompt_version as prompt_version, served_model as served_model, count(*) as calls, count(*) filter
    (attempt = 1) as turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null and
    status <> 'refused' and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced,
    sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4, 5, 6, 7;
create or replace view tags_hourly as
    select hour, origin, tag, served_model, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total,
    saved from tags_hourly_rolled where run <= (select coalesce(max(run), 0) from rollup_progress) union all by name
    select date_trunc('hour', started_at) as hour, origin as origin, tag as tag, served_model as served_model,
    count(*) as calls, count(*) filter (attempt = 1) as turns, count(*) filter (status = 'error') as errors,
    count(*) filter (cost_total is null and status <> 'refused' and (status <> 'error' or coalesce(input_tokens,
    output_tokens) is not null)) as unpriced, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint
    as output_tokens, sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved from (select
    * exclude tags, unnest(tags) as tag from calls where seq > (select coalesce(max(seq), 0) from rollup_progress))
    group by 1, 2, 3, 4;
create or replace view histogram_hourly as
    select hour, origin, provider, requested_model, served_model, status, cached, metric, bucket, calls from
    histogram_hourly_rolled where run <= (select coalesce(max(run), 0) from rollup_progress) union all by name
    select hour as hour, origin as origin, provider as provider, requested_model as requested_model, served_model as
    served_model, status as status, cached as cached, metric as metric, case when value > 0 then round(ln(value) /
    ln(1.02))::integer else -100000 end as bucket, count(*) as calls from (select date_trunc('hour', started_at) as
    hour, origin, provider, requested_model, served_model, status, cache_state in ('exact', 'semantic') as cached,
    'total_s' as metric, total_s as value from calls where seq > (select coalesce(max(seq), 0) from rollup_progress)
    union all select date_trunc('hour', started_at) as hour, origin, provider, requested_model, served_model,
    status, cache_state in ('exact', 'semantic') as cached, 'ttft_s' as metric, ttft_s as value from calls where seq
    > (select coalesce(max(seq), 0) from rollup_progress) union all select date_trunc('hour', started_at) as hour,
    origin, provider, requested_model, served_model, status, cache_state in ('exact', 'semantic') as cached,
    'tokens_per_s' as metric, case when output_tokens > 1 and total_s - ttft_s > 0.001 then output_tokens / (total_s
    - ttft_s) end as value from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) union all
    select date_trunc('hour', started_at) as hour, origin, provider, requested_model, served_model, status,
    cache_state in ('exact', 'semantic') as cached, 'cost_total' as metric, cost_total::double as value from calls
    where seq > (select coalesce(max(seq), 0) from rollup_progress)) where value is not null group by 1, 2, 3, 4, 5,
    6, 7, 8, 9;
create or replace view models_hourly as
    select hour, origin, provider, requested_model, served_model, status, error_kind, cache_state, fallback,
    retried, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total, saved, usage_unknown,
    cache_read_tokens, reasoning_tokens, untagged, truncated, cut from models_hourly_rolled where run <= (select
    coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at) as hour,
    origin as origin, provider as provider, requested_model as requested_model, served_model as served_model, status
    as status, error_kind as error_kind, cache_state as cache_state, hop > 0 as fallback, retry > 0 as retried,
    count(*) as calls, count(*) filter (attempt = 1) as turns, count(*) filter (status = 'error') as errors,
    count(*) filter (cost_total is null and status <> 'refused' and (status <> 'error' or coalesce(input_tokens,
    output_tokens) is not null)) as unpriced, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint
    as output_tokens, sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved, count(*)
    filter (input_tokens is null) as usage_unknown, sum(cache_read_tokens)::bigint as cache_read_tokens,
    sum(reasoning_tokens)::bigint as reasoning_tokens, count(*) filter (coalesce(len(tags), 0) = 0) as untagged,
    count(*) filter (truncated_input) as truncated, count(*) filter (finish_reason in ('length', 'max_tokens')) as
    cut from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4, 5, 6, 7, 8,
    9, 10;
create or replace view turns_hourly as
    select hour, origin, ended, retried, fallback, turns from turns_hourly_rolled where run <= (select
    coalesce(max(run), 0) from rollup_progress) union all by name select hour as hour, origin as origin, ended as
    ended, retried as retried, fallback as fallback, sum(sign)::bigint as turns from (with came as (select turn_id,
    seq from calls where seq > (select coalesce(max(seq), 0) from rollup_progress)), near as materialized (select
    hash(turn_id) as turn, seq, started_at, origin, attempt, status, retry, hop from calls where turn_id in (select
    turn_id from came)) select date_trunc('hour', min(started_at) filter (attempt = 1)) as hour, min(origin) as
    origin, ['ok', 'cancelled', 'refused', 'failed'][max(attempt * 4 + case status when 'ok' then 0 when 'cancelled'
    then 1 when 'refused' then 2 else 3 end) % 4 + 1] as ended, max(retry) > 0 as retried, max(hop) > 0 as fallback,
    1 as sign from near where seq <= (select max(seq) from came) group by turn having bool_or(attempt = 1) union all
    select date_trunc('hour', min(started_at) filter (attempt = 1)) as hour, min(origin) as origin, ['ok',
    'cancelled', 'refused', 'failed'][max(attempt * 4 + case status when 'ok' then 0 when 'cancelled' then 1 when
    'refused' then 2 else 3 end) % 4 + 1] as ended, max(retry) > 0 as retried, max(hop) > 0 as fallback, -1 as sign
    from near where seq < (select min(seq) from came) group by turn having bool_or(attempt = 1)) group by 1, 2, 3,
    4, 5;
create or replace view ttft_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from ttft_hourly_rolled where run <=
    (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at) as
    hour, origin as origin, provider as provider, requested_model as requested_model, served_model as served_model,
    case when value > 0 then round(ln(value) / ln(1.02))::integer else -100000 end as bucket, count(*) as calls from
    (select *, ttft_s as value from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) and status
    = 'ok' and cache_state not in ('exact', 'semantic')) where value is not null group by 1, 2, 3, 4, 5, 6;
create or replace view total_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from total_hourly_rolled where run
    <= (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at)
    as hour, origin as origin, provider as provider, requested_model as requested_model, served_model as
    served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer else -100000 end as bucket, count(*)
    as calls from (select *, total_s as value from calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress) and status = 'ok' and cache_state not in ('exact', 'semantic')) where value is not null group
    by 1, 2, 3, 4, 5, 6;
create or replace view speed_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from speed_hourly_rolled where run
    <= (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at)
    as hour, origin as origin, provider as provider, requested_model as requested_model, served_model as
    served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer else -100000 end as bucket, count(*)
    as calls from (select *, case when output_tokens > 1 and total_s - ttft_s > 0.001 then output_tokens / (total_s
    - ttft_s) end as value from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) and status =
    'ok' and cache_state not in ('exact', 'semantic')) where value is not null group by 1, 2, 3, 4, 5, 6;
create or replace view context_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from context_hourly_rolled where run
    <= (select coalesce(max(run), 0) from rollup_progress) union all by name select date_trunc('hour', started_at)
    as hour, origin as origin, provider as provider, requested_model as requested_model, served_model as
    served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer else -100000 end as bucket, count(*)
    as calls from (select *, input_tokens / context_window as value from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) and context_window > 0) where value is not null group by 1, 2, 3, 4,
    5, 6;
