-- Smaller sums for what pages ask most, how questions ended, and one histogram of good answers for each value.
create table models_hourly_rolled (
    hour timestamp, origin varchar, provider varchar, requested_model varchar, served_model varchar, status varchar,
    error_kind varchar, cache_state varchar, fallback boolean, retried boolean, calls bigint, turns bigint, errors
    bigint, unpriced bigint, input_tokens bigint, output_tokens bigint, cost_total decimal(18,9), saved
    decimal(18,9), usage_unknown bigint, cache_read_tokens bigint, reasoning_tokens bigint, untagged bigint,
    truncated bigint, cut bigint
);
create table turns_hourly_rolled (
    hour timestamp, origin varchar, ended varchar, retried boolean, fallback boolean, turns bigint
);
create table ttft_hourly_rolled (
    hour timestamp, origin varchar, provider varchar, requested_model varchar, served_model varchar, bucket integer,
    calls bigint
);
create table total_hourly_rolled (
    hour timestamp, origin varchar, provider varchar, requested_model varchar, served_model varchar, bucket integer,
    calls bigint
);
create table speed_hourly_rolled (
    hour timestamp, origin varchar, provider varchar, requested_model varchar, served_model varchar, bucket integer,
    calls bigint
);
create table context_hourly_rolled (
    hour timestamp, origin varchar, provider varchar, requested_model varchar, served_model varchar, bucket integer,
    calls bigint
);
-- What is rolled already: from the sums that stayed when their calls left, as far as those can tell.
insert into models_hourly_rolled by name select hour, origin, provider, requested_model, served_model, status,
    error_kind, cache_state, fallback, retried, sum(calls)::bigint as calls, sum(turns)::bigint as turns,
    sum(errors)::bigint as errors, sum(unpriced)::bigint as unpriced, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(cost_total)::decimal(18,9) as cost_total,
    sum(saved)::decimal(18,9) as saved, sum(usage_unknown)::bigint as usage_unknown, sum(cache_read_tokens)::bigint
    as cache_read_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens, sum(untagged)::bigint as untagged,
    sum(truncated)::bigint as truncated, sum(cut)::bigint as cut from (select hour, origin, provider,
    requested_model, served_model, status, error_kind, cache_state, fallback, retried, calls, turns, errors,
    unpriced, input_tokens, output_tokens, cost_total, saved, usage_unknown, cache_read_tokens, reasoning_tokens, 0
    as untagged, 0 as truncated, 0 as cut from calls_hourly_rolled union all by name select date_trunc('hour',
    started_at) as hour, origin as origin, provider as provider, requested_model as requested_model, served_model as
    served_model, status as status, error_kind as error_kind, cache_state as cache_state, hop > 0 as fallback, retry
    > 0 as retried, count(*) filter (coalesce(len(tags), 0) = 0) as untagged, count(*) filter (truncated_input) as
    truncated, count(*) filter (finish_reason in ('length', 'max_tokens')) as cut from calls where seq <= (select
    coalesce(max(seq), 0) from rollup_progress) group by all) group by all order by hour;
insert into ttft_hourly_rolled by name select hour, origin, provider, requested_model, served_model, bucket,
    sum(calls)::bigint as calls from histogram_hourly_rolled where metric = 'ttft_s' and status = 'ok' and not
    cached group by all order by hour;
insert into total_hourly_rolled by name select hour, origin, provider, requested_model, served_model, bucket,
    sum(calls)::bigint as calls from histogram_hourly_rolled where metric = 'total_s' and status = 'ok' and not
    cached group by all order by hour;
insert into speed_hourly_rolled by name select hour, origin, provider, requested_model, served_model, bucket,
    sum(calls)::bigint as calls from histogram_hourly_rolled where metric = 'tokens_per_s' and status = 'ok' and not
    cached group by all order by hour;
insert into turns_hourly_rolled by name select hour as hour, origin as origin, ended as ended, retried as
    retried, fallback as fallback, sum(sign)::bigint as turns from (with came as (select turn_id, seq from calls
    where seq <= (select coalesce(max(seq), 0) from rollup_progress)), near as materialized (select hash(turn_id) as
    turn, seq, started_at, origin, attempt, status, retry, hop from calls where turn_id in (select turn_id from
    came)) select date_trunc('hour', min(started_at) filter (attempt = 1)) as hour, min(origin) as origin, ['ok',
    'cancelled', 'refused', 'failed'][max(attempt * 4 + case status when 'ok' then 0 when 'cancelled' then 1 when
    'refused' then 2 else 3 end) % 4 + 1] as ended, max(retry) > 0 as retried, max(hop) > 0 as fallback, 1 as sign
    from near where seq <= (select max(seq) from came) group by turn having bool_or(attempt = 1) union all select
    date_trunc('hour', min(started_at) filter (attempt = 1)) as hour, min(origin) as origin, ['ok', 'cancelled',
    'refused', 'failed'][max(attempt * 4 + case status when 'ok' then 0 when 'cancelled' then 1 when 'refused' then
    2 else 3 end) % 4 + 1] as ended, max(retry) > 0 as retried, max(hop) > 0 as fallback, -1 as sign from near where
    seq < (select min(seq) from came) group by turn having bool_or(attempt = 1)) group by 1, 2, 3, 4, 5 order by 1;
insert into context_hourly_rolled by name select date_trunc('hour', started_at) as hour, origin as origin,
    provider as provider, requested_model as requested_model, served_model as served_model, case when value > 0 then
    round(ln(value) / ln(1.02))::integer else -100000 end as bucket, count(*) as calls from (select *, input_tokens
    / context_window as value from calls where seq <= (select coalesce(max(seq), 0) from rollup_progress) and
    context_window > 0) where value is not null group by 1, 2, 3, 4, 5, 6 order by 1;
create view models_hourly as
    select hour, origin, provider, requested_model, served_model, status, error_kind, cache_state, fallback,
    retried, calls, turns, errors, unpriced, input_tokens, output_tokens, cost_total, saved, usage_unknown,
    cache_read_tokens, reasoning_tokens, untagged, truncated, cut from models_hourly_rolled union all by name select
    date_trunc('hour', started_at) as hour, origin as origin, provider as provider, requested_model as
    requested_model, served_model as served_model, status as status, error_kind as error_kind, cache_state as
    cache_state, hop > 0 as fallback, retry > 0 as retried, count(*) as calls, count(*) filter (attempt = 1) as
    turns, count(*) filter (status = 'error') as errors, count(*) filter (cost_total is null and status <> 'refused'
    and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as unpriced,
    sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved, count(*) filter (input_tokens
    is null) as usage_unknown, sum(cache_read_tokens)::bigint as cache_read_tokens, sum(reasoning_tokens)::bigint as
    reasoning_tokens, count(*) filter (coalesce(len(tags), 0) = 0) as untagged, count(*) filter (truncated_input) as
    truncated, count(*) filter (finish_reason in ('length', 'max_tokens')) as cut from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
create view turns_hourly as
    select hour, origin, ended, retried, fallback, turns from turns_hourly_rolled union all by name select hour as
    hour, origin as origin, ended as ended, retried as retried, fallback as fallback, sum(sign)::bigint as turns
    from (with came as (select turn_id, seq from calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress)), near as materialized (select hash(turn_id) as turn, seq, started_at, origin, attempt, status,
    retry, hop from calls where turn_id in (select turn_id from came)) select date_trunc('hour', min(started_at)
    filter (attempt = 1)) as hour, min(origin) as origin, ['ok', 'cancelled', 'refused', 'failed'][max(attempt * 4 +
    case status when 'ok' then 0 when 'cancelled' then 1 when 'refused' then 2 else 3 end) % 4 + 1] as ended,
    max(retry) > 0 as retried, max(hop) > 0 as fallback, 1 as sign from near where seq <= (select max(seq) from
    came) group by turn having bool_or(attempt = 1) union all select date_trunc('hour', min(started_at) filter
    (attempt = 1)) as hour, min(origin) as origin, ['ok', 'cancelled', 'refused', 'failed'][max(attempt * 4 + case
    status when 'ok' then 0 when 'cancelled' then 1 when 'refused' then 2 else 3 end) % 4 + 1] as ended, max(retry)
    > 0 as retried, max(hop) > 0 as fallback, -1 as sign from near where seq < (select min(seq) from came) group by
    turn having bool_or(attempt = 1)) group by 1, 2, 3, 4, 5;
create view ttft_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from ttft_hourly_rolled union all by
    name select date_trunc('hour', started_at) as hour, origin as origin, provider as provider, requested_model as
    requested_model, served_model as served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer
    else -100000 end as bucket, count(*) as calls from (select *, ttft_s as value from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) and status = 'ok' and cache_state not in ('exact', 'semantic'))
    where value is not null group by 1, 2, 3, 4, 5, 6;
create view total_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from total_hourly_rolled union all
    by name select date_trunc('hour', started_at) as hour, origin as origin, provider as provider, requested_model
    as requested_model, served_model as served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer
    else -100000 end as bucket, count(*) as calls from (select *, total_s as value from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) and status = 'ok' and cache_state not in ('exact', 'semantic'))
    where value is not null group by 1, 2, 3, 4, 5, 6;
create view speed_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from speed_hourly_rolled union all
    by name select date_trunc('hour', started_at) as hour, origin as origin, provider as provider, requested_model
    as requested_model, served_model as served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer
    else -100000 end as bucket, count(*) as calls from (select *, case when output_tokens > 1 and total_s - ttft_s >
    0.001 then output_tokens / (total_s - ttft_s) end as value from calls where seq > (select coalesce(max(seq), 0)
    from rollup_progress) and status = 'ok' and cache_state not in ('exact', 'semantic')) where value is not null
    group by 1, 2, 3, 4, 5, 6;
create view context_hourly as
    select hour, origin, provider, requested_model, served_model, bucket, calls from context_hourly_rolled union all
    by name select date_trunc('hour', started_at) as hour, origin as origin, provider as provider, requested_model
    as requested_model, served_model as served_model, case when value > 0 then round(ln(value) / ln(1.02))::integer
    else -100000 end as bucket, count(*) as calls from (select *, input_tokens / context_window as value from calls
    where seq > (select coalesce(max(seq), 0) from rollup_progress) and context_window > 0) where value is not null
    group by 1, 2, 3, 4, 5, 6;
