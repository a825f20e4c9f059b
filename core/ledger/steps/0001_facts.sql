-- What happened, one table per kind of fact; `seq` is a row's place in the journal.
create table calls (
    call_id varchar, turn_id varchar, started_at timestamp, ended_at timestamp, operation varchar, origin varchar,
    door varchar, user_id varchar, team_id varchar, assistant_id varchar, assistant_version bigint,
    prompt_id varchar, prompt_version bigint, conversation_id varchar, match_id varchar, experiment_id varchar,
    tags varchar[],
    attempt bigint, hop bigint, retry bigint, round bigint,
    requested_model varchar, served_model varchar, response_model varchar, provider varchar, deployment varchar,
    wire varchar, stream boolean,
    status varchar, error_kind varchar, error_text varchar, http_status bigint, finish_reason varchar,
    response_id varchar,
    input_tokens bigint, uncached_input_tokens bigint, cache_read_tokens bigint, cache_write_5m_tokens bigint,
    cache_write_1h_tokens bigint, image_input_tokens bigint, audio_input_tokens bigint,
    output_tokens bigint, visible_output_tokens bigint, reasoning_tokens bigint, audio_output_tokens bigint,
    usage_source varchar,
    cost_input decimal(18,9), cost_cache_read decimal(18,9), cost_cache_write decimal(18,9),
    cost_output decimal(18,9), cost_reasoning decimal(18,9), cost_total decimal(18,9), price_version varchar,
    saved decimal(18,9),
    estimate_cost_p50 decimal(18,9), estimate_cost_p90 decimal(18,9),
    estimate_seconds_p50 double, estimate_seconds_p90 double,
    cache_state varchar, cache_similarity double,
    queue_s double, overhead_s double, connect_s double, ttft_s double,
    gap_p50_s double, gap_p95_s double, gap_max_s double, total_s double,
    tools_offered bigint, tool_calls bigint, temperature double, max_tokens bigint, parameters varchar,
    context_window bigint, truncated_input boolean,
    seq bigint, request_ref bigint, response_ref bigint
);
create table payloads (
    seq bigint, stored_at timestamp, origin varchar, kind varchar, sha varchar, size bigint,
    body varchar using compression zstd
);
create table votes (
    vote_id varchar, match_id varchar, "at" timestamp, user_id varchar, winner varchar, panes varchar[],
    call_ids varchar[], blind boolean, fair boolean, reason varchar, tags varchar[], judge varchar, origin varchar,
    seq bigint
);
create table feedback (
    feedback_id varchar, turn_id varchar, "at" timestamp, user_id varchar, value bigint, note varchar, origin varchar,
    seq bigint
);
create table prices (
    price_id varchar, model varchar, effective_from timestamp, source varchar, prices varchar, version varchar,
    seq bigint
);
create table budget_decisions (
    decision_id varchar, "at" timestamp, budget_id varchar, turn_id varchar, decision varchar,
    reserved decimal(18,9), spent decimal(18,9), limit_usd decimal(18,9), seq bigint
);
create table audit (
    audit_id varchar, "at" timestamp, user_id varchar, action varchar, subject varchar, detail varchar, seq bigint
);
create table removals (
    removal_id varchar, "at" timestamp, table_name varchar, origin varchar, before timestamp, seq bigint
);
create table progress (seq bigint, open_from bigint, "at" timestamp);
create table rejected (seq bigint, kind varchar, reason varchar, line varchar, "at" timestamp);
