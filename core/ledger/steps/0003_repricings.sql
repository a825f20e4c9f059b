-- Calls that were priced anew; the newest line of a call is what its row in `calls` says.
create table repricings (
    repricing_id varchar, "at" timestamp, user_id varchar, call_id varchar, cost_input decimal(18,9),
    cost_cache_read decimal(18,9), cost_cache_write decimal(18,9), cost_output decimal(18,9),
    cost_reasoning decimal(18,9), cost_total decimal(18,9), price_version varchar, seq bigint
);
