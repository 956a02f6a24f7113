//! Triggers of user pools. Amazon Cognito developer guide, "Customizing user pool workflows with Lambda triggers", one page for
//! each; Amazon Cognito user pools API, for what a text may be.

use serde_json::Value;

use super::{Facts, object, text};

const EVENT: &str =
    "version:s triggerSource:s region:s userPoolId:s userName:s callerContext:o request:o response:o";

/// The trigger, and the members of its request and its response.
const TRIGGERS: &[(&str, &str, &str)] = &[
    (
        "PreSignUp",
        "userAttributes:o validationData:o0? clientMetadata:o?",
        "autoConfirmUser:b autoVerifyEmail:b autoVerifyPhone:b",
    ),
    ("PostConfirmation", "userAttributes:o clientMetadata:o?", ""),
    ("PreAuthentication", "userAttributes:o validationData:o0? userNotFound:b?", ""),
    ("PostAuthentication", "userAttributes:o newDeviceUsed:b clientMetadata:o?", ""),
    (
        "CustomMessage",
        "userAttributes:o codeParameter:s linkParameter:s0 usernameParameter:s0 clientMetadata:o?",
        "smsMessage:s0 emailMessage:s0 emailSubject:s0",
    ),
    (
        "DefineAuthChallenge",
        "userAttributes:o session:a clientMetadata:o? userNotFound:b?",
        "challengeName:0 issueTokens:0 failAuthentication:0",
    ),
    (
        "CreateAuthChallenge",
        "userAttributes:o challengeName:s session:a clientMetadata:o? userNotFound:b?",
        "publicChallengeParameters:0 privateChallengeParameters:0 challengeMetadata:0",
    ),
    (
        "VerifyAuthChallengeResponse",
        "userAttributes:o privateChallengeParameters:o challengeAnswer:s clientMetadata:o? userNotFound:b?",
        "answerCorrect:0",
    ),
    (
        "UserMigration",
        "password:s validationData:o? clientMetadata:o?",
        "userAttributes:0 forceAliasCreation:0 enableSMSMFA:0 finalUserStatus:0 messageAction:0 desiredDeliveryMediums:0",
    ),
    ("CustomEmailSender", "type:s code:s userAttributes:o clientMetadata:o?", ""),
    ("CustomSMSSender", "type:s code:s userAttributes:o clientMetadata:o?", ""),
    ("TokenGeneration", "userAttributes:o groupConfiguration:o clientMetadata:o?", "claimsOverrideDetails:0"),
];

pub(super) fn check(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, EVENT);
    facts.members("callerContext", &event["callerContext"], "awsSdkVersion:s clientId:s");
    let source = text(&event["triggerSource"]);
    let Some((_, request, response)) = TRIGGERS.iter().find(|(it, ..)| source.split('_').next() == Some(it))
    else {
        return facts.hold(false, &format!("no trigger is called {source:?}"));
    };
    let pool = text(&event["userPoolId"]);
    facts.hold(
        pool.starts_with(text(&event["region"])) && pool.contains('_'),
        "the pool is in another region",
    );
    // Amazon Cognito developer guide, "Pre token generation Lambda trigger": versions 2 and 3 have scopes.
    let scoped = source.starts_with("TokenGeneration") && text(&event["version"]) != "1";
    let versions: &[&str] = if source.starts_with("TokenGeneration") { &["1", "2", "3"] } else { &["1"] };
    facts.hold(versions.contains(&text(&event["version"])), "no such version");
    if scoped {
        facts.members("the request", &event["request"], &format!("{request} scopes:a"));
        facts.members("the response", &event["response"], "claimsAndScopeOverrideDetails:0");
    } else {
        facts.members("the request", &event["request"], request);
        facts.members("the response", &event["response"], response);
    }
    if source.starts_with("TokenGeneration") {
        let groups = "groupsToOverride:a iamRolesToOverride:a preferredRole:s0";
        facts.members("groupConfiguration", &event["request"]["groupConfiguration"], groups);
    }
    for result in event["request"]["session"].as_array().into_iter().flatten() {
        facts.members("the result", result, "challengeName:s challengeResult:b challengeMetadata:s?");
    }
    if let Some(kind) = event["request"].get("type") {
        let wanted = if source.starts_with("CustomEmail") {
            "customEmailSenderRequestV1"
        } else {
            "customSMSSenderRequestV1"
        };
        facts.equal("the type", kind, wanted);
    }
    texts(event, facts);
}

/// What the API takes: SignUp, InitiateAuth and RespondToAuthChallenge.
fn texts(event: &Value, facts: &mut Facts) {
    let request = &event["request"];
    let user = text(&event["userName"]);
    let blank = |it: char| it.is_whitespace() || it.is_control();
    facts.hold((1..=128).contains(&user.chars().count()) && !user.contains(blank), "no such user name");
    for (name, most) in [("userAttributes", 2_048), ("validationData", 2_048), ("clientMetadata", 131_072)] {
        for (key, value) in object(&request[name]) {
            facts.hold(value.is_string(), &format!("{key} of {name} is no text"));
            facts.hold(text(&value).chars().count() <= most, &format!("{key} of {name} is too long"));
            let key_fits = match name {
                "validationData" => (1..=32).contains(&key.chars().count()) && !key.contains(blank),
                _ => true,
            };
            facts.hold(key_fits, &format!("no such name in {name}: {key:?}"));
        }
    }
    for value in object(&request["privateChallengeParameters"]).values() {
        facts.hold(value.is_string(), "a parameter of the challenge is no text");
    }
    if let Some(email) = request["userAttributes"].get("email") {
        let (local, domain) = text(email).rsplit_once('@').unwrap_or_default();
        let plain = |it: char| it.is_ascii_graphic() && !"()<>[]:;@\\,\"".contains(it);
        let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        let fits =
            (1..=64).contains(&local.len()) && local.chars().all(plain) && dots && domain.contains('.');
        facts.hold(fits, &format!("{email} is no address"));
    }
    if let Some(password) = request.get("password") {
        let it = text(password);
        facts.hold(
            (1..=256).contains(&it.chars().count()) && !it.contains(char::is_whitespace),
            "no such password",
        );
    }
    facts.hold(text(&request["challengeAnswer"]).len() <= 131_072, "the answer is too long");
}
