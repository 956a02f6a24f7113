//! Tasks of an S3 Batch Operations job.
//!
//! Members: Amazon S3 user guide, "Invoke AWS Lambda function"; of version 2.0 the event of Powertools for AWS Lambda (Python),
//! data class `S3BatchOperationEvent`, and botocore, `s3control` service model, `UserArguments`.

use serde_json::Value;

use super::{Facts, is_uuid, object, s3, text};

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "invocationSchemaVersion:s invocationId:s job:o tasks:a");
    let (job, bucket) = match text(&event["invocationSchemaVersion"]) {
        "1.0" => ("id:s", "s3BucketArn:s"),
        "2.0" => ("id:s userArguments:o?", "s3Bucket:s"),
        other => return facts.hold(false, &format!("there is no version {other}")),
    };
    facts.members("job", &event["job"], job);
    facts.hold(is_uuid(text(&event["job"]["id"])), "the job's id is no UUID");
    if let Some(arguments) = event["job"].get("userArguments") {
        let arguments = object(arguments);
        facts.hold((1..=10).contains(&arguments.len()), "a job has one to ten arguments, or none at all");
        for (name, value) in arguments {
            let fits = (1..=64).contains(&name.chars().count())
                && value.as_str().is_some_and(|it| it.chars().count() <= 1_024);
            facts.hold(fits, &format!("no argument is {name:?}: {value:.80}"));
        }
    }
    facts.hold(!text(&event["invocationId"]).is_empty(), "an invocation has no id");
    let tasks = event["tasks"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(tasks.len() == 1, "an invocation has one task");
    for task in tasks {
        facts.members("the task", task, &format!("taskId:s s3Key:s s3VersionId:s0 {bucket}"));
        facts.hold(!text(&task["taskId"]).is_empty(), "a task has no id");
        s3::key(text(&task["s3Key"]), facts);
        if let Some(arn) = task.get("s3BucketArn") {
            let name = text(arn).strip_prefix("arn:aws:s3:::");
            facts.hold(name.is_some_and(s3::is_bucket_name), &format!("{arn} is no bucket"));
        }
        if let Some(name) = task.get("s3Bucket") {
            facts.hold(s3::is_bucket_name(text(name)), &format!("no bucket is called {name}"));
        }
    }
}
