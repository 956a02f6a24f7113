//! Weaknesses of other kinds than those of the targets, each in a few lines.
//!
//! One function per class of behaviour that has hidden a weakness or a crash from us before.

use crate::support::{Copied, Needs, is_missing, run};

/// Runs on `text` and expects `oracle`, at `point` if one is given, within 400 events.
#[track_caller]
fn check(name: &str, text: &str, oracle: &str, point: Option<&str>) {
    let needs = if name.ends_with(".py") { Needs::Python } else { Needs::Node };
    if is_missing(needs) {
        return;
    }
    let copied = Copied::file(name, text);
    let said = run(&copied, &["--invocations", "400", "--timeout", "300ms", "--rng-seed", "1"]);
    assert!(
        said.shrunk(oracle, point).is_some(),
        "{oracle} at {point:?} not found; confirmed: {:#?}\n{}",
        said.all("confirmed"),
        said.stderr
    );
}

/// Runs on `text` and expects no finding in 400 events.
#[track_caller]
fn check_silent(name: &str, text: &str) {
    let needs = if name.ends_with(".py") { Needs::Python } else { Needs::Node };
    if is_missing(needs) {
        return;
    }
    let copied = Copied::file(name, text);
    let said = run(&copied, &["--invocations", "400", "--rng-seed", "1"]);
    assert!(said.all("confirmed").is_empty(), "{:#?}", said.all("confirmed"));
}

#[test]
fn a_child_with_an_environment_of_its_own() {
    let text = "
const { exec } = require('child_process');
exports.handler = async (event) => {
  const { report } = event.queryStringParameters || {};
  if (report) exec(`wc -l /tmp/${report}`, { env: {} }, () => {});
  return { statusCode: 202, body: '' };
};";
    check("index.js", text, "command-execution", Some("/queryStringParameters/report"));
}

#[test]
fn a_rejection_that_comes_after_the_answer() {
    // '$' stands in the code, so most valid events carry it: they seem to be answered and are not
    // innocent, and the plain one that follows them looks guilty.
    let text = "
const fs = require('fs');
exports.handler = async (event) => {
  const { draft } = event.queryStringParameters || {};
  if (draft && draft.includes('$')) fs.promises.readFile('/nowhere/' + draft);
  return { statusCode: 200, body: 'ok' };
};";
    check("index.js", text, "unhandled-rejection", None);
}

#[test]
fn an_uncaught_error_of_a_stream() {
    let text = "
const fs = require('fs');
exports.handler = (event, context, callback) => {
  const { draft } = event.queryStringParameters || {};
  if (!draft || !draft.includes(';')) return callback(null, { statusCode: 200, body: 'ok' });
  fs.createReadStream('/nowhere/' + draft).on('end', () => callback(null, { statusCode: 200, body: '' }));
};";
    check("index.js", text, "process-exit", None);
}

#[test]
fn an_exit_on_some_value() {
    let text = "
import json, sys
def handler(event, context):
    try:
        body = json.loads(event.get('body') or '{}')
    except ValueError:
        return {'statusCode': 400}
    level = body.get('level') if isinstance(body, dict) else None
    if isinstance(level, str) and '\\'' in level:
        sys.exit(4)
    return {'statusCode': 200, 'body': 'ok'}
";
    check("app.py", text, "process-exit", Some("/body»json»/level"));
}

#[test]
fn an_endless_loop_on_some_value() {
    let text = "
def handler(event, context):
    name = (event.get('queryStringParameters') or {}).get('name') or ''
    while '`' in name:
        pass
    return {'statusCode': 200, 'body': name}
";
    check("app.py", text, "timeout", Some("/queryStringParameters/name"));
}

#[test]
fn a_program_named_by_the_event() {
    let text = "
import subprocess
def handler(event, context):
    for record in event['Records']:
        tool = record['messageAttributes'].get('tool', {}).get('stringValue')
        if tool:
            subprocess.run([tool, '--version'], check=False)
";
    check("app.py", text, "command-execution", Some("/Records/0/messageAttributes/tool/stringValue"));
}

#[test]
fn a_consumer_that_handles_each_message_once() {
    let text = "
import json, os
DONE = set()
def handler(event, context):
    for record in event['Records']:
        if record['messageId'] in DONE:
            continue
        DONE.add(record['messageId'])
        try:
            os.system('tar -tf ' + json.loads(record['body'])['archive'])
        except (ValueError, KeyError, TypeError):
            pass
";
    check("app.py", text, "command-execution", Some("/Records/0/body»json»/archive"));
}

#[test]
fn source_code_in_a_sandbox_that_is_none() {
    let text = "
const vm = require('vm');
exports.handler = async (event) => {
  const { rule } = JSON.parse(event.body || '{}');
  try {
    return { statusCode: 200, body: String(vm.runInNewContext(String(rule), { total: 3 })) };
  } catch {
    return { statusCode: 400, body: '' };
  }
};";
    check("index.js", text, "code-evaluation", Some("/body»json»/rule"));
}

#[test]
fn an_answer_that_shows_the_environment_where_something_goes_wrong() {
    let text = "
exports.handler = async (event) => {
  try {
    const order = JSON.parse(event.body);
    return { statusCode: 202, body: JSON.stringify({ accepted: order.id }) };
  } catch (error) {
    const details = Buffer.from(JSON.stringify({ message: error.message, env: process.env }));
    return { statusCode: 500, body: JSON.stringify({ details: details.toString('base64') }) };
  }
};";
    check("index.js", text, "secret-leak", None);
}

#[test]
fn signed_links_and_the_event_in_the_log_are_no_leaks() {
    let text = "
import json, os
from urllib.parse import quote
def handler(event, context):
    print(json.dumps({'event': event, 'region': os.environ['AWS_REGION']}))
    name = (event.get('queryStringParameters') or {}).get('name') or 'a'
    token = quote(os.environ['AWS_SESSION_TOKEN'])
    key = os.environ['AWS_ACCESS_KEY_ID']
    link = f'https://b.s3.amazonaws.com/{quote(name)}?X-Amz-Credential={key}&X-Amz-Security-Token={token}'
    return {'statusCode': 302, 'headers': {'Location': link}, 'body': json.dumps({'link': link})}
";
    check_silent("app.py", text);
}

#[test]
fn a_branch_that_forgets_to_answer() {
    let text = "
def handler(event, context):
    name = (event.get('queryStringParameters') or {}).get('name') or 'all'
    if name.isalnum():
        return {'statusCode': 200, 'body': name, 'path': event['path']}
";
    check("app.py", text, "malformed-response", None);
}

#[test]
fn answers_for_other_integrations_are_well_formed() {
    // The first is meant for a mapping of its own, the second for an HTTP API.
    let mapped = "
exports.handler = async (event) => {
  const { name } = event.queryStringParameters || {};
  if (!name) return { statusCode: 400, body: 'no name' };
  return { statusCode: 200, body: { name } };
};";
    check_silent("index.js", mapped);
    let bare = "
exports.handler = async (event) => {
  const { name } = event.queryStringParameters || {};
  if (!name) return { statusCode: 200, body: 'no name' };
  if (name.length > 20) return;
  return { name, raw: event.rawPath, method: event.requestContext.http.method };
};";
    check_silent("index.js", bare);
}

#[test]
fn failures_of_a_stream_reported_by_the_wrong_identifier() {
    let text = "
import base64, json
def handler(event, context):
    failed = []
    for record in event['Records']:
        try:
            json.loads(base64.b64decode(record['kinesis']['data']))['reading']
        except (ValueError, KeyError, TypeError):
            failed.append({'itemIdentifier': record['eventID']})
    return {'batchItemFailures': failed}
";
    check("app.py", text, "batch-failures", None);
    check_silent("app.py", &text.replace("record['eventID']", "record['kinesis']['sequenceNumber']"));
}

#[test]
fn an_answer_without_a_limit() {
    if is_missing(Needs::Node) {
        return;
    }
    let text = "
exports.handler = async (event) => {
  const { name } = event.queryStringParameters || {};
  const width = name && name.includes('(') ? 7e6 : 70;
  return { statusCode: 200, body: (name || '').padStart(width) };
};";
    let copied = Copied::file("index.js", text);
    // 7 MB take their time: the usual timeout.
    let said = run(&copied, &["--invocations", "200", "--rng-seed", "1"]);
    assert!(said.confirmed("response-too-large", None).is_some(), "{}", said.stderr);
}

#[test]
fn deliberate_failures_of_a_queue_consumer_are_no_findings() {
    let text = "
import json
class Rejected(Exception):
    pass
def handler(event, context):
    for record in event['Records']:
        try:
            order = json.loads(record['body'])
        except ValueError:
            raise Rejected('not JSON')
        if not isinstance(order, dict) or not str(order.get('sku', '')).isalnum():
            raise ValueError('bad sku')
";
    check_silent("app.py", text);
}

#[test]
fn programs_that_a_function_starts_by_design_are_no_findings() {
    let text = "
import subprocess, shlex
def handler(event, context):
    name = (event.get('queryStringParameters') or {}).get('name') or 'nobody'
    subprocess.run(['echo', '--', name], check=False, stdout=subprocess.DEVNULL)
    subprocess.run('echo ' + shlex.quote(name), shell=True, check=False, stdout=subprocess.DEVNULL)
    subprocess.run('date', shell=True, check=False, stdout=subprocess.DEVNULL)
    return {'statusCode': 200, 'body': name}
";
    check_silent("app.py", text);
}

/// Web frameworks log an error once the answer is written: the runtime has not asked for the next event by then.
#[test]
fn a_line_logged_right_after_the_answer_is_on_time() {
    let text = "
exports.handler = async (event) => {
  const { name } = event.queryStringParameters || {};
  setImmediate(() => console.error('served', name));
  return { statusCode: 200, body: 'ok' };
};";
    check_silent("index.js", text);
}

#[test]
fn values_of_options_are_no_options() {
    let text = "
const { execFileSync } = require('child_process');
exports.handler = async (event) => {
  const { title } = event.queryStringParameters || {};
  if (!title || title.includes('\\0')) return { statusCode: 400 };
  try {
    execFileSync('tar', ['-czf', '/tmp/out.tgz', '--label', title, '-C', '/tmp', '.'], { stdio: 'ignore' });
  } catch {
    return { statusCode: 500 };
  }
  return { statusCode: 200, body: 'ok' };
};";
    check_silent("index.js", text);
}
