insert into payloads by name
with worded as (
    select seq, started_at, response_ref is not null as answered, [
['How do I give a customer a refund after 30 days?',
 'Open the order, choose Refund, and pick "goodwill" as the reason; a manager approves amounts over 100 euros.'],
['Write a friendly reminder about an unpaid invoice.',
 'Hello, a quick reminder that our invoice of last month is still open. Could you have a look this week?'],
['Why does this query scan the whole table?',
 'Because the filter wraps the column in a function. Compare the bare column with a range and it will be pruned.'],
['Summarise the meeting notes in three points.',
 '1. The launch moves to Tuesday. 2. Support gets two more people. 3. Prices stay as they are until January.'],
['Translate "We look forward to your visit" into German.', 'Wir freuen uns auf Ihren Besuch.'],
['Which of our plans fits a school with 40 teachers?',
 'The team plan: it covers 50 seats, has shared assistants, and schools get a third off.']
][1 + seq % 6] as talk
    from calls where seq between first_seq() and first_seq() + wanted() - 1 and request_ref is not null
), pieces as (
    select seq, started_at, 'message' as kind, to_json({role: 'user', content: [{type: 'text', text: talk[1]}]})
        ::varchar as body from worded
    union all
    select seq, started_at, 'request', concat('["', seq, ':', md5(to_json({role: 'user', content:
        [{type: 'text', text: talk[1]}]})::varchar), '"]') from worded
    union all
    select seq, started_at, 'response', to_json({text: talk[2], reasoning: '', tool_calls: []::varchar[],
        finish_reason: 'stop'})::varchar from worded where answered
)
select seq, started_at as stored_at, 'sample' as origin, kind, md5(body) as sha, strlen(body) as size, body
from pieces order by seq;

insert into feedback by name
select concat('sample-feedback-', seq) as feedback_id, turn_id, ended_at + interval 20 seconds as "at", user_id,
    case when dice(seq, 60) < 0.78 then 1 else -1 end as value, null as note, 'sample' as origin, seq
from calls
where seq between first_seq() and first_seq() + wanted() - 1 and status = 'ok' and tool_calls = 0
    and door = 'chat' and dice(seq, 61) < 0.04;

insert into votes by name
with compared as (
    select match_id, max(seq) as seq, max(started_at) as asked_at, any_value(user_id) as user_id,
        list({name: requested_model, skill: [0.2, 1.1, -0.5, 1.4, 0.5, 0.4, -0.9, 0.1][1 + m]} order by seq) as pair
    from calls join sample_models on model = requested_model
    where seq between first_seq() and first_seq() + wanted() - 1 and match_id is not null and attempt = 1
        and status = 'ok'
    group by match_id having count(*) = 2
)
select concat('sample-vote-', seq) as vote_id, match_id, asked_at + interval 40 seconds as "at", user_id,
    case when dice(seq, 73) < 0.12 then 'tie' when dice(seq, 73) < 0.16 then 'bad'
        when dice(seq, 74) < 1 / (1 + exp(pair[2].skill - pair[1].skill)) then 'a' else 'b' end as winner,
    [pair[1].name, pair[2].name] as panes, []::varchar[] as call_ids, true as blind, true as fair,
    null as reason, []::varchar[] as tags, null as judge, 'sample' as origin, seq
from compared where dice(seq, 72) < 0.9;
