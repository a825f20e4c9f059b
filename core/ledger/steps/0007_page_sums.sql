-- Sums that pages ask most: all figures of a model in one row, counts per facet, comparisons and conversations by
-- their hashes, and thumbs with the model that answered.
create table traffic_hourly_rolled (hour timestamp, origin varchar, provider varchar, served_model varchar, calls
    bigint, turns bigint, sent bigint, ok bigint, failed bigint, cancelled bigint, refused bigint, cached bigint,
    fallbacks bigint, retries bigint, uncounted bigint, unpriced bigint, untagged bigint, truncated bigint, cut bigint,
    input_tokens bigint, output_tokens bigint, cache_read_tokens bigint, reasoning_tokens bigint, cost_total
    decimal(18,9), saved decimal(18,9), wasted decimal(18,9), fallback_cost decimal(18,9), priced bigint, priced_sent
    bigint, priced_tokens bigint, priced_read_tokens bigint, priced_uncached_tokens bigint, cost_input decimal(18,9),
    cost_cache_read decimal(18,9), counted bigint, counted_input bigint, counted_output bigint, counted_cost
    decimal(18,9), written bigint, written_tokens bigint, estimate_cost_n bigint, estimate_cost_p50 bigint,
    estimate_cost_p90 bigint, estimate_seconds_n bigint, estimate_seconds_p50 bigint, estimate_seconds_p90 bigint, run
    bigint default 0);
create table facets_hourly_rolled (hour timestamp, origin varchar, facet varchar, value varchar, calls bigint, run
    bigint default 0);
create table matches_hourly_rolled (hour timestamp, origin varchar, provider varchar, served_model varchar, match
    ubigint, ttft_s double, ttft_s_known bigint, total_s double, total_s_known bigint, tokens_per_s double,
    tokens_per_s_known bigint, run bigint default 0);
create table conversations_hourly_rolled (hour timestamp, origin varchar, conversation ubigint, calls bigint, run
    bigint default 0);
create table thumbs_hourly_rolled (hour timestamp, origin varchar, turn ubigint, answered varchar, up bigint, down
    bigint, run bigint default 0);
-- What is rolled already: from the rows, and where those have left by age, from the sums that stayed.
insert into traffic_hourly_rolled by name select * from (select date_trunc('hour', started_at) as hour, origin as
    origin, provider as provider, served_model as served_model, count(*) as calls, count(*) filter (attempt = 1) as
    turns, count(*) filter ((status <> 'refused' and not cache_state in ('exact', 'semantic'))) as sent, count(*)
    filter (status = 'ok' and (status <> 'refused' and not cache_state in ('exact', 'semantic'))) as ok, count(*)
    filter (status in ('error', 'interrupted')) as failed, count(*) filter (status = 'cancelled') as cancelled,
    count(*) filter (status = 'refused') as refused, count(*) filter (cache_state in ('exact', 'semantic')) as cached,
    count(*) filter (hop > 0) as fallbacks, count(*) filter (retry > 0) as retries, count(*) filter (status = 'ok' and
    (status <> 'refused' and not cache_state in ('exact', 'semantic')) and input_tokens is null) as uncounted, count(*)
    filter (cost_total is null and status <> 'refused' and (status <> 'error' or coalesce(input_tokens, output_tokens)
    is not null)) as unpriced, count(*) filter (coalesce(len(tags), 0) = 0) as untagged, count(*) filter
    (truncated_input) as truncated, count(*) filter (finish_reason in ('length', 'max_tokens')) as cut,
    (sum(input_tokens) filter (true))::bigint as input_tokens, (sum(output_tokens) filter (true))::bigint as
    output_tokens, (sum(cache_read_tokens) filter (true))::bigint as cache_read_tokens, (sum(reasoning_tokens) filter
    (true))::bigint as reasoning_tokens, (sum(cost_total) filter (true))::decimal(18,9) as cost_total, (sum(saved)
    filter (true))::decimal(18,9) as saved, (sum(cost_total) filter (status in ('error', 'interrupted', 'cancelled') or
    retry > 0 or list_contains(tags, 'regenerated')))::decimal(18,9) as wasted, (sum(cost_total) filter (hop >
    0))::decimal(18,9) as fallback_cost, count(cost_total) as priced, count(cost_total) filter (not cache_state in
    ('exact', 'semantic')) as priced_sent, (sum(input_tokens + output_tokens) filter (cost_total is not null and not
    cache_state in ('exact', 'semantic')))::bigint as priced_tokens, (sum(cache_read_tokens) filter (cost_input is not
    null))::bigint as priced_read_tokens, (sum(uncached_input_tokens) filter (cost_input is not null))::bigint as
    priced_uncached_tokens, (sum(cost_input) filter (true))::decimal(18,9) as cost_input, (sum(cost_cache_read) filter
    (true))::decimal(18,9) as cost_cache_read, count(*) filter (((status <> 'refused' and not cache_state in ('exact',
    'semantic')) and input_tokens is not null and output_tokens is not null and cost_total is not null)) as counted,
    (sum(input_tokens) filter (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and input_tokens is
    not null and output_tokens is not null and cost_total is not null)))::bigint as counted_input, (sum(output_tokens)
    filter (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and input_tokens is not null and
    output_tokens is not null and cost_total is not null)))::bigint as counted_output, (sum(cost_total) filter
    (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and input_tokens is not null and output_tokens
    is not null and cost_total is not null)))::decimal(18,9) as counted_cost, count(*) filter (((status <> 'refused'
    and not cache_state in ('exact', 'semantic')) and status = 'ok' and output_tokens > 0)) as written,
    (sum(output_tokens) filter (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and status = 'ok'
    and output_tokens > 0)))::bigint as written_tokens, count(*) filter ((status = 'ok' and not cache_state in
    ('exact', 'semantic')) and cost_total is not null and estimate_cost_p50 is not null and estimate_cost_p90 is not
    null) as estimate_cost_n, count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and
    cost_total is not null and estimate_cost_p50 is not null and estimate_cost_p90 is not null and cost_total <=
    estimate_cost_p50) as estimate_cost_p50, count(*) filter ((status = 'ok' and not cache_state in ('exact',
    'semantic')) and cost_total is not null and estimate_cost_p50 is not null and estimate_cost_p90 is not null and
    cost_total <= estimate_cost_p90) as estimate_cost_p90, count(*) filter ((status = 'ok' and not cache_state in
    ('exact', 'semantic')) and total_s is not null and estimate_seconds_p50 is not null and estimate_seconds_p90 is not
    null) as estimate_seconds_n, count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and
    total_s is not null and estimate_seconds_p50 is not null and estimate_seconds_p90 is not null and total_s <=
    estimate_seconds_p50) as estimate_seconds_p50, count(*) filter ((status = 'ok' and not cache_state in ('exact',
    'semantic')) and total_s is not null and estimate_seconds_p50 is not null and estimate_seconds_p90 is not null and
    total_s <= estimate_seconds_p90) as estimate_seconds_p90 from calls where seq <= (select coalesce(max(seq), 0) from
    rollup_progress) and not exists (select 1 from removals r where r.table_name = 'calls' and r.before is not null and
    (r.origin is null or r.origin = calls.origin) and calls.started_at < r.before) group by 1, 2, 3, 4) order by hour;
insert into matches_hourly_rolled by name select * from (select date_trunc('hour', started_at) as hour, origin as
    origin, provider as provider, served_model as served_model, hash(match_id) as match, sum(ttft_s) as ttft_s,
    count(ttft_s) as ttft_s_known, sum(total_s) as total_s, count(total_s) as total_s_known, sum(case when
    output_tokens > 1 and total_s - ttft_s > 0.001 then output_tokens / (total_s - ttft_s) end) as tokens_per_s,
    count(case when output_tokens > 1 and total_s - ttft_s > 0.001 then output_tokens / (total_s - ttft_s) end) as
    tokens_per_s_known from (select * from calls where seq <= (select coalesce(max(seq), 0) from rollup_progress) and
    not exists (select 1 from removals r where r.table_name = 'calls' and r.before is not null and (r.origin is null or
    r.origin = calls.origin) and calls.started_at < r.before) and match_id is not null and (status = 'ok' and not
    cache_state in ('exact', 'semantic'))) group by 1, 2, 3, 4, 5) order by hour;
insert into conversations_hourly_rolled by name select * from (select date_trunc('hour', started_at) as hour, origin as
    origin, hash(conversation_id) as conversation, count(*) as calls from (select * from calls where seq <= (select
    coalesce(max(seq), 0) from rollup_progress) and not exists (select 1 from removals r where r.table_name = 'calls'
    and r.before is not null and (r.origin is null or r.origin = calls.origin) and calls.started_at < r.before) and
    conversation_id is not null) group by 1, 2, 3) order by hour;
insert into thumbs_hourly_rolled by name select * from (select hour as hour, origin as origin, turn as turn, answered
    as answered, sum(sign * up)::bigint as up, sum(sign * down)::bigint as down from (with given as (select turn_id,
    seq from (select *, "at" as started_at from feedback) as calls where seq <= (select coalesce(max(seq), 0) from
    rollup_progress) and not exists (select 1 from removals r where r.table_name = 'calls' and r.before is not null and
    (r.origin is null or r.origin = calls.origin) and calls.started_at < r.before)), came as materialized (select
    turn_id, seq from calls where seq <= (select coalesce(max(seq), 0) from rollup_progress) and not exists (select 1
    from removals r where r.table_name = 'calls' and r.before is not null and (r.origin is null or r.origin =
    calls.origin) and calls.started_at < r.before) union all from given), thumbs as materialized (select hash(turn_id)
    as turn, seq, user_id, value from feedback where turn_id in (select turn_id from came)), near as materialized
    (select hash(turn_id) as turn, seq, started_at, origin, attempt, status, served_model from calls where turn_id in
    (select turn_id from feedback where turn_id in (select turn_id from came))) select hour, origin, turn, answered,
    up, down, 1 as sign from (select turn, date_trunc('hour', started_at) as hour, origin, arg_max(served_model,
    attempt) filter (status = 'ok') as answered from near where seq <= (select max(seq) from came) group by all) join
    (select turn, count(*) filter (value = 1) as up, count(*) filter (value = -1) as down from (select turn,
    arg_max(value, seq) as value from thumbs where seq <= (select max(seq) from came) group by turn, user_id) group by
    turn) using (turn) union all select hour, origin, turn, answered, up, down, -1 as sign from (select turn,
    date_trunc('hour', started_at) as hour, origin, arg_max(served_model, attempt) filter (status = 'ok') as answered
    from near where seq < (select min(seq) from came) group by all) join (select turn, count(*) filter (value = 1) as
    up, count(*) filter (value = -1) as down from (select turn, arg_max(value, seq) as value from thumbs where seq <
    (select min(seq) from came) group by turn, user_id) group by turn) using (turn)) group by 1, 2, 3, 4) order by
    hour;
insert into traffic_hourly_rolled by name select hour, origin, provider, served_model, sum(calls)::bigint as calls,
    sum(turns)::bigint as turns, (sum(calls) filter (status <> 'refused' and cache_state not in ('exact',
    'semantic')))::bigint as sent, (sum(calls) filter (status = 'ok' and status <> 'refused' and cache_state not in
    ('exact', 'semantic')))::bigint as ok, (sum(calls) filter (status in ('error', 'interrupted')))::bigint as failed,
    (sum(calls) filter (status = 'cancelled'))::bigint as cancelled, (sum(calls) filter (status = 'refused'))::bigint
    as refused, (sum(calls) filter (cache_state in ('exact', 'semantic')))::bigint as cached, (sum(calls) filter
    (fallback))::bigint as fallbacks, (sum(calls) filter (retried))::bigint as retries, (sum(usage_unknown) filter
    (status = 'ok' and status <> 'refused' and cache_state not in ('exact', 'semantic')))::bigint as uncounted,
    sum(unpriced)::bigint as unpriced, sum(untagged)::bigint as untagged, sum(truncated)::bigint as truncated,
    sum(cut)::bigint as cut, sum(input_tokens)::bigint as input_tokens, sum(output_tokens)::bigint as output_tokens,
    sum(cache_read_tokens)::bigint as cache_read_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens,
    sum(cost_total)::decimal(18,9) as cost_total, sum(saved)::decimal(18,9) as saved, coalesce((sum(cost_total) filter
    (status in ('error', 'interrupted', 'cancelled') or retried))::decimal(18,9) +
    coalesce(sum(again_cost)::decimal(18,9), 0), sum(again_cost)::decimal(18,9)) as wasted, (sum(cost_total) filter
    (fallback))::decimal(18,9) as fallback_cost from models_hourly_rolled rolled where exists (select 1 from removals r
    where r.table_name = 'calls' and r.before is not null and (r.origin is null or r.origin = rolled.origin) and
    rolled.hour < r.before) group by 1, 2, 3, 4 order by 1;
-- Counts per facet: all of them are in sums that are there already.
insert into facets_hourly_rolled by name select * from (select hour, origin, 'model' as facet, served_model as value,
    sum(calls)::bigint as calls from models_hourly_rolled group by all union all select hour, origin, 'provider' as
    facet, provider as value, sum(calls)::bigint as calls from models_hourly_rolled group by all union all select hour,
    origin, 'status' as facet, status as value, sum(calls)::bigint as calls from models_hourly_rolled group by all
    union all select hour, origin, 'error' as facet, coalesce(error_kind, '') as value, sum(calls)::bigint as calls
    from models_hourly_rolled group by all union all select hour, origin, 'cache' as facet, cache_state as value,
    sum(calls)::bigint as calls from models_hourly_rolled group by all union all select hour, origin, 'team' as facet,
    coalesce(team_id, '') as value, sum(calls)::bigint as calls from users_hourly_rolled group by all union all select
    hour, origin, 'user' as facet, coalesce(user_id, '') as value, sum(calls)::bigint as calls from users_hourly_rolled
    group by all union all select hour, origin, 'assistant' as facet, coalesce(assistant_id, '') as value,
    sum(calls)::bigint as calls from assistants_hourly_rolled group by all union all select hour, origin, 'prompt' as
    facet, coalesce(prompt_id, '') as value, sum(calls)::bigint as calls from assistants_hourly_rolled group by all
    union all select hour, origin, 'tag' as facet, tag as value, sum(calls)::bigint as calls from tags_hourly_rolled
    group by all union all select hour, origin, 'door' as facet, door as value, sum(calls)::bigint as calls from
    calls_hourly_rolled group by all union all select hour, origin, 'tag' as facet, '' as value, sum(untagged)::bigint
    as calls from models_hourly_rolled group by all having sum(untagged) > 0) order by hour;
create view traffic_hourly as
    select hour, origin, provider, served_model, calls, turns, sent, ok, failed, cancelled, refused, cached, fallbacks,
    retries, uncounted, unpriced, untagged, truncated, cut, input_tokens, output_tokens, cache_read_tokens,
    reasoning_tokens, cost_total, saved, wasted, fallback_cost, priced, priced_sent, priced_tokens, priced_read_tokens,
    priced_uncached_tokens, cost_input, cost_cache_read, counted, counted_input, counted_output, counted_cost, written,
    written_tokens, estimate_cost_n, estimate_cost_p50, estimate_cost_p90, estimate_seconds_n, estimate_seconds_p50,
    estimate_seconds_p90 from traffic_hourly_rolled where run <= (select coalesce(max(run), 0) from rollup_progress)
    union all by name select date_trunc('hour', started_at) as hour, origin as origin, provider as provider,
    served_model as served_model, count(*) as calls, count(*) filter (attempt = 1) as turns, count(*) filter ((status
    <> 'refused' and not cache_state in ('exact', 'semantic'))) as sent, count(*) filter (status = 'ok' and (status <>
    'refused' and not cache_state in ('exact', 'semantic'))) as ok, count(*) filter (status in ('error',
    'interrupted')) as failed, count(*) filter (status = 'cancelled') as cancelled, count(*) filter (status =
    'refused') as refused, count(*) filter (cache_state in ('exact', 'semantic')) as cached, count(*) filter (hop > 0)
    as fallbacks, count(*) filter (retry > 0) as retries, count(*) filter (status = 'ok' and (status <> 'refused' and
    not cache_state in ('exact', 'semantic')) and input_tokens is null) as uncounted, count(*) filter (cost_total is
    null and status <> 'refused' and (status <> 'error' or coalesce(input_tokens, output_tokens) is not null)) as
    unpriced, count(*) filter (coalesce(len(tags), 0) = 0) as untagged, count(*) filter (truncated_input) as truncated,
    count(*) filter (finish_reason in ('length', 'max_tokens')) as cut, (sum(input_tokens) filter (true))::bigint as
    input_tokens, (sum(output_tokens) filter (true))::bigint as output_tokens, (sum(cache_read_tokens) filter
    (true))::bigint as cache_read_tokens, (sum(reasoning_tokens) filter (true))::bigint as reasoning_tokens,
    (sum(cost_total) filter (true))::decimal(18,9) as cost_total, (sum(saved) filter (true))::decimal(18,9) as saved,
    (sum(cost_total) filter (status in ('error', 'interrupted', 'cancelled') or retry > 0 or list_contains(tags,
    'regenerated')))::decimal(18,9) as wasted, (sum(cost_total) filter (hop > 0))::decimal(18,9) as fallback_cost,
    count(cost_total) as priced, count(cost_total) filter (not cache_state in ('exact', 'semantic')) as priced_sent,
    (sum(input_tokens + output_tokens) filter (cost_total is not null and not cache_state in ('exact',
    'semantic')))::bigint as priced_tokens, (sum(cache_read_tokens) filter (cost_input is not null))::bigint as
    priced_read_tokens, (sum(uncached_input_tokens) filter (cost_input is not null))::bigint as priced_uncached_tokens,
    (sum(cost_input) filter (true))::decimal(18,9) as cost_input, (sum(cost_cache_read) filter (true))::decimal(18,9)
    as cost_cache_read, count(*) filter (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and
    input_tokens is not null and output_tokens is not null and cost_total is not null)) as counted, (sum(input_tokens)
    filter (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and input_tokens is not null and
    output_tokens is not null and cost_total is not null)))::bigint as counted_input, (sum(output_tokens) filter
    (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and input_tokens is not null and output_tokens
    is not null and cost_total is not null)))::bigint as counted_output, (sum(cost_total) filter (((status <> 'refused'
    and not cache_state in ('exact', 'semantic')) and input_tokens is not null and output_tokens is not null and
    cost_total is not null)))::decimal(18,9) as counted_cost, count(*) filter (((status <> 'refused' and not
    cache_state in ('exact', 'semantic')) and status = 'ok' and output_tokens > 0)) as written, (sum(output_tokens)
    filter (((status <> 'refused' and not cache_state in ('exact', 'semantic')) and status = 'ok' and output_tokens >
    0)))::bigint as written_tokens, count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and
    cost_total is not null and estimate_cost_p50 is not null and estimate_cost_p90 is not null) as estimate_cost_n,
    count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and cost_total is not null and
    estimate_cost_p50 is not null and estimate_cost_p90 is not null and cost_total <= estimate_cost_p50) as
    estimate_cost_p50, count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and cost_total is
    not null and estimate_cost_p50 is not null and estimate_cost_p90 is not null and cost_total <= estimate_cost_p90)
    as estimate_cost_p90, count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and total_s is
    not null and estimate_seconds_p50 is not null and estimate_seconds_p90 is not null) as estimate_seconds_n, count(*)
    filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and total_s is not null and
    estimate_seconds_p50 is not null and estimate_seconds_p90 is not null and total_s <= estimate_seconds_p50) as
    estimate_seconds_p50, count(*) filter ((status = 'ok' and not cache_state in ('exact', 'semantic')) and total_s is
    not null and estimate_seconds_p50 is not null and estimate_seconds_p90 is not null and total_s <=
    estimate_seconds_p90) as estimate_seconds_p90 from calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress) group by 1, 2, 3, 4;
create view facets_hourly as
    select hour, origin, facet, value, calls from facets_hourly_rolled where run <= (select coalesce(max(run), 0) from
    rollup_progress) union all by name select hour as hour, origin as origin, facet as facet, value as value,
    sum(calls)::bigint as calls from ((select date_trunc('hour', started_at) as hour, origin, 'model' as facet,
    served_model as value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from rollup_progress)
    group by all) union all (select date_trunc('hour', started_at) as hour, origin, 'provider' as facet, provider as
    value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) group by all)
    union all (select date_trunc('hour', started_at) as hour, origin, 'team' as facet, coalesce(team_id, '') as value,
    count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) group by all) union
    all (select date_trunc('hour', started_at) as hour, origin, 'user' as facet, coalesce(user_id, '') as value,
    count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) group by all) union
    all (select date_trunc('hour', started_at) as hour, origin, 'assistant' as facet, coalesce(assistant_id, '') as
    value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) group by all)
    union all (select date_trunc('hour', started_at) as hour, origin, 'prompt' as facet, coalesce(prompt_id, '') as
    value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from rollup_progress) group by all)
    union all (select date_trunc('hour', started_at) as hour, origin, 'tag' as facet, tag as value, count(*) as calls
    from (select started_at, origin, unnest(case when len(tags) > 0 then tags else [''] end) as tag from calls where
    seq > (select coalesce(max(seq), 0) from rollup_progress)) group by all) union all (select date_trunc('hour',
    started_at) as hour, origin, 'door' as facet, door as value, count(*) as calls from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) group by all) union all (select date_trunc('hour', started_at) as hour,
    origin, 'status' as facet, status as value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0)
    from rollup_progress) group by all) union all (select date_trunc('hour', started_at) as hour, origin, 'error' as
    facet, coalesce(error_kind, '') as value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0)
    from rollup_progress) group by all) union all (select date_trunc('hour', started_at) as hour, origin, 'cache' as
    facet, cache_state as value, count(*) as calls from calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress) group by all)) group by 1, 2, 3, 4;
create view matches_hourly as
    select hour, origin, provider, served_model, match, ttft_s, ttft_s_known, total_s, total_s_known, tokens_per_s,
    tokens_per_s_known from matches_hourly_rolled where run <= (select coalesce(max(run), 0) from rollup_progress)
    union all by name select date_trunc('hour', started_at) as hour, origin as origin, provider as provider,
    served_model as served_model, hash(match_id) as match, sum(ttft_s) as ttft_s, count(ttft_s) as ttft_s_known,
    sum(total_s) as total_s, count(total_s) as total_s_known, sum(case when output_tokens > 1 and total_s - ttft_s >
    0.001 then output_tokens / (total_s - ttft_s) end) as tokens_per_s, count(case when output_tokens > 1 and total_s -
    ttft_s > 0.001 then output_tokens / (total_s - ttft_s) end) as tokens_per_s_known from (select * from calls where
    seq > (select coalesce(max(seq), 0) from rollup_progress) and match_id is not null and (status = 'ok' and not
    cache_state in ('exact', 'semantic'))) group by 1, 2, 3, 4, 5;
create view conversations_hourly as
    select hour, origin, conversation, calls from conversations_hourly_rolled where run <= (select coalesce(max(run), 0)
    from rollup_progress) union all by name select date_trunc('hour', started_at) as hour, origin as origin,
    hash(conversation_id) as conversation, count(*) as calls from (select * from calls where seq > (select
    coalesce(max(seq), 0) from rollup_progress) and conversation_id is not null) group by 1, 2, 3;
create view thumbs_hourly as
    select hour, origin, turn, answered, up, down from thumbs_hourly_rolled where run <= (select coalesce(max(run), 0) from
    rollup_progress) union all by name select hour as hour, origin as origin, turn as turn, answered as answered,
    sum(sign * up)::bigint as up, sum(sign * down)::bigint as down from (with given as (select turn_id, seq from
    (select *, "at" as started_at from feedback) as calls where seq > (select coalesce(max(seq), 0) from
    rollup_progress)), came as materialized (select turn_id, seq from calls where seq > (select coalesce(max(seq), 0)
    from rollup_progress) union all from given), thumbs as materialized (select hash(turn_id) as turn, seq, user_id,
    value from feedback where turn_id in (select turn_id from came)), near as materialized (select hash(turn_id) as
    turn, seq, started_at, origin, attempt, status, served_model from calls where turn_id in (select turn_id from
    feedback where turn_id in (select turn_id from came))) select hour, origin, turn, answered, up, down, 1 as sign
    from (select turn, date_trunc('hour', started_at) as hour, origin, arg_max(served_model, attempt) filter (status =
    'ok') as answered from near where seq <= (select max(seq) from came) group by all) join (select turn, count(*)
    filter (value = 1) as up, count(*) filter (value = -1) as down from (select turn, arg_max(value, seq) as value from
    thumbs where seq <= (select max(seq) from came) group by turn, user_id) group by turn) using (turn) union all
    select hour, origin, turn, answered, up, down, -1 as sign from (select turn, date_trunc('hour', started_at) as
    hour, origin, arg_max(served_model, attempt) filter (status = 'ok') as answered from near where seq < (select
    min(seq) from came) group by all) join (select turn, count(*) filter (value = 1) as up, count(*) filter (value =
    -1) as down from (select turn, arg_max(value, seq) as value from thumbs where seq < (select min(seq) from came)
    group by turn, user_id) group by turn) using (turn)) group by 1, 2, 3, 4;
