//! Requests to an S3 Object Lambda access point. Amazon S3 user guide, "Event context format and usage".

use serde_json::Value;

use super::{Facts, http::decode_percent, is_uuid, object, text};

const EVENT: &str = "xAmzRequestId:s configuration:o userRequest:o userIdentity:o protocolVersion:s";
/// What is asked for: its members and the version of the protocol that knows it.
const CONTEXTS: &[(&str, &str, &str)] = &[
    ("getObjectContext", "inputS3Url:s outputRoute:s outputToken:s", "1.00"),
    ("headObjectContext", "inputS3Url:s", "1.01"),
    ("listObjectsContext", "inputS3Url:s", "1.01"),
    ("listObjectsV2Context", "inputS3Url:s", "1.01"),
];
const IDENTITY: &str = "type:s principalId:s arn:s accountId:s accessKeyId:s sessionContext:o";
const ISSUER: &str = "type:s principalId:s arn:s accountId:s userName:s";

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let asked: Vec<_> = CONTEXTS.iter().filter(|(name, ..)| event.get(name).is_some()).collect();
    let [(context, members, version)] = asked.as_slice() else {
        return facts.hold(false, "not one thing is asked for");
    };
    facts.members("the event", event, &format!("{EVENT} {context}:o"));
    facts.members(context, &event[*context], members);
    facts.equal("protocolVersion", &event["protocolVersion"], *version);
    facts.hold(is_uuid(text(&event["xAmzRequestId"])), "xAmzRequestId is no UUID");
    let members = "accessPointArn:s supportingAccessPointArn:s payload:s";
    facts.members("configuration", &event["configuration"], members);
    let arn: Vec<&str> = text(&event["configuration"]["accessPointArn"]).split(':').collect();
    let fits = arn.len() == 6 && arn[2] == "s3-object-lambda" && arn[5].starts_with("accesspoint/");
    facts.hold(fits, "accessPointArn is no Object Lambda access point");
    let (region, account) =
        (arn.get(3).copied().unwrap_or_default(), arn.get(4).copied().unwrap_or_default());
    let behind = text(&event["configuration"]["supportingAccessPointArn"]);
    let name = behind.strip_prefix(&format!("arn:aws:s3:{region}:{account}:accesspoint/"));
    facts.hold(name.is_some(), "supportingAccessPointArn is no access point of the account");
    request(event, facts);
    let presigned = text(&event[*context]["inputS3Url"]);
    let host =
        format!("https://{}-{account}.s3-accesspoint.{region}.amazonaws.com/", name.unwrap_or_default());
    let key = presigned.strip_prefix(&host).and_then(|it| it.split_once("?X-Amz-")).map(|(key, _)| key);
    let plain = |it: char| it.is_ascii_alphanumeric() || "-._~/%".contains(it);
    let decoded = key.filter(|it| it.chars().all(plain)).and_then(decode_percent);
    let url = text(&event["userRequest"]["url"]);
    let origin = format!("https://{}/", text(&event["userRequest"]["headers"]["Host"]));
    let asked = url.strip_prefix(&origin).map(|it| it.split('?').next().unwrap_or_default().to_owned());
    facts.hold(decoded.is_some() && decoded == asked, "inputS3Url is not of the object that is asked for");
    identity(&event["userIdentity"], facts);
}

fn request(event: &Value, facts: &mut Facts) {
    let request = &event["userRequest"];
    facts.members("userRequest", request, "url:s headers:o");
    let host = text(&request["headers"]["Host"]);
    facts.hold(
        host.contains(".s3-object-lambda.") && host.ends_with(".amazonaws.com"),
        "Host is no access point",
    );
    facts.hold(text(&request["url"]).starts_with(&format!("https://{host}/")), "the URL is not of the host");
    facts.hold(!text(&request["url"]).contains('\0'), "the URL has a NUL");
    for (name, value) in object(&request["headers"]) {
        let token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
        facts.hold(!name.is_empty() && name.chars().all(token), &format!("no header is called {name:?}"));
        let sent = |it: &str| !it.chars().any(|it| it.is_control() && it != '\t');
        facts.hold(value.as_str().is_some_and(sent), &format!("no header has the value {value:.80}"));
        facts.hold(!name.eq_ignore_ascii_case("authorization"), "authorization headers are removed");
    }
}

fn identity(identity: &Value, facts: &mut Facts) {
    facts.members("userIdentity", identity, IDENTITY);
    facts.equal("type", &identity["type"], "AssumedRole");
    facts.session("principalId", &identity["principalId"], "");
    let (role, session) = text(&identity["principalId"]).split_once(':').unwrap_or_default();
    let account = text(&identity["accountId"]);
    let context = &identity["sessionContext"];
    facts.members("sessionContext", context, "attributes:o sessionIssuer:o");
    facts.members("attributes", &context["attributes"], "mfaAuthenticated:s creationDate:s");
    facts.hold(
        matches!(text(&context["attributes"]["mfaAuthenticated"]), "true" | "false"),
        "neither true nor false",
    );
    let issuer = &context["sessionIssuer"];
    facts.members("sessionIssuer", issuer, ISSUER);
    facts.equal("type of the issuer", &issuer["type"], "Role");
    facts.equal("principalId of the issuer", &issuer["principalId"], role);
    facts.equal("accountId of the issuer", &issuer["accountId"], account);
    let name = text(&issuer["userName"]);
    facts.equal("arn of the issuer", &issuer["arn"], format!("arn:aws:iam::{account}:role/{name}"));
    facts.equal("arn", &identity["arn"], format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"));
    facts.hold(text(&identity["accessKeyId"]).starts_with("ASIA"), "the key is not that of a session");
}
