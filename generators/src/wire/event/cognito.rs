//! Triggers of a user pool. Amazon Cognito developer guide, "Customizing user pool workflows with Lambda triggers".
//!
//! The function answers with the event itself, `response` filled in; what is in it before is a skeleton of AWS's.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Content, Rule, Sender, Vocabulary};
use crate::{
    point::Charset,
    tree::{Node, Path, Step},
    wire::facts,
};

/// Amazon Cognito user pools API, AttributeType: 2,048 characters.
const MAX_ATTRIBUTE_BYTES: usize = 2_048;
/// The same API, SignUp and RespondToAuthChallenge: values of `ClientMetadata` and `ChallengeResponses`.
const MAX_METADATA_BYTES: usize = 131_072;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        // SignUp: 128 characters. In a pool that signs in by email it is an id, and nobody's choice.
        Rule::new("/userName", Charset::UserName, 128).texts(),
        // RFC 5321, 4.5.3.1.1: 64 octets. Cognito checks that it is an address.
        Rule::new("/request/userAttributes/email»mailbox»/local", Charset::LocalPart, 64).texts(),
        Rule::new("/request/userAttributes/*", Charset::NonEmpty, MAX_ATTRIBUTE_BYTES).texts(),
        // The same API: attributes, whose names have 32 characters, and a map whose names are as free as its values.
        Rule::new("/request/validationData/*", Charset::NonEmpty, MAX_ATTRIBUTE_BYTES)
            .names(Charset::UserName, 32),
        Rule::new("/request/clientMetadata/*", Charset::Any, MAX_METADATA_BYTES)
            .names(Charset::NonEmpty, MAX_METADATA_BYTES),
        Rule::new("/request/challengeAnswer", Charset::NonEmpty, MAX_METADATA_BYTES).texts(),
        // InitiateAuth and SignUp: 256 characters.
        Rule::new("/request/password", Charset::NoBlank, 256).texts(),
    ]
});

/// Attributes that are ids, flags or of a form that Cognito checks (E.164 for telephone numbers).
const SET_ATTRIBUTES: [&str; 9] = [
    "sub",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "identities",
    "cognito:user_status",
    "cognito:email_alias",
    "cognito:mfa_enabled",
];

/// The source.
pub(super) struct Cognito;

impl Sender for Cognito {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn sets(&self, _event: &Node, path: &Path) -> bool {
        // Of an address only the local part is a sender's; the rule for it comes first.
        let is_local = path.0.last() == Some(&Step::Member { name: "local".to_owned(), nth: 0 });
        SET_ATTRIBUTES.iter().any(|name| path.is_in(&["request", "userAttributes", name])) && !is_local
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        let metadata = object(&[("kind".to_owned(), super::as_text(content))]);
        let attributes = json!({ "sub": facts::uuid("cognito user", 0), "email": "ann@example.com" });
        let request = json!({ "userAttributes": attributes, "clientMetadata": metadata });
        trigger("PostConfirmation_ConfirmSignUp", "1", request, json!({}))
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let said = Said::new(words);
        // What the code mentions, counted: a trigger that it names, or members that few triggers have.
        let mentioned = |family: &Family| -> usize {
            let named = [family.source, family.prefix()].iter().any(|it| words.mentions(it));
            family.members.iter().filter(|it| words.mentions(it)).count() + if named { 10 } else { 0 }
        };
        let mut families: Vec<&Family> = FAMILIES.iter().collect();
        families.sort_by_key(|family| std::cmp::Reverse(mentioned(family)));
        families.into_iter().map(|family| (family.name, said.event(family))).collect()
    }
}

/// Triggers that have the same members.
pub(super) struct Family {
    name: &'static str,
    /// `triggerSource`, for one of them.
    pub(super) source: &'static str,
    version: &'static str,
    /// What of the request and the response is peculiar to it.
    members: &'static [&'static str],
    request: Request,
    response: fn() -> Value,
}

/// What is in `request` beside the attributes of the user and what the client says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    SignUp,
    Client,
    PreAuthentication,
    PostAuthentication,
    Message,
    Define,
    Create,
    Verify,
    Migrate,
    Token,
    ScopedToken,
    Sender(&'static str),
}

impl Family {
    const fn new(
        name: &'static str,
        source: &'static str,
        members: &'static [&'static str],
        request: Request,
        response: fn() -> Value,
    ) -> Family {
        Family { name, source, version: "1", members, request, response }
    }

    const fn version(self, version: &'static str) -> Family {
        Family { version, ..self }
    }

    /// `PreSignUp` of `PreSignUp_SignUp`.
    fn prefix(&self) -> &'static str {
        self.source.split('_').next().unwrap_or(self.source)
    }
}

/// All triggers, the most usual first. Skeletons: the pages of the triggers; null where Cognito writes null (`answerCorrect`:
/// aws/aws-lambda-rust-runtime, issue 825).
pub(super) static FAMILIES: [Family; 14] = [
    Family::new(
        "pre-sign-up",
        "PreSignUp_SignUp",
        &["autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone", "validationData"],
        Request::SignUp,
        || json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false }),
    ),
    Family::new("post-confirmation", "PostConfirmation_ConfirmSignUp", &[], Request::Client, || json!({})),
    Family::new(
        "custom-message",
        "CustomMessage_SignUp",
        &[
            "codeParameter",
            "usernameParameter",
            "linkParameter",
            "emailMessage",
            "emailSubject",
            "smsMessage",
        ],
        Request::Message,
        || json!({ "smsMessage": null, "emailMessage": null, "emailSubject": null }),
    ),
    Family::new(
        "pre-token-generation",
        "TokenGeneration_Authentication",
        &["claimsOverrideDetails", "groupConfiguration", "groupsToOverride", "claimsToAddOrOverride"],
        Request::Token,
        || json!({ "claimsOverrideDetails": null }),
    ),
    Family::new(
        "pre-token-generation-2",
        "TokenGeneration_HostedAuth",
        &["claimsAndScopeOverrideDetails", "accessTokenGeneration", "idTokenGeneration", "scopesToAdd"],
        Request::ScopedToken,
        || json!({ "claimsAndScopeOverrideDetails": null }),
    )
    .version("2"),
    Family::new(
        "user-migration",
        "UserMigration_Authentication",
        &["password", "finalUserStatus", "messageAction", "desiredDeliveryMediums"],
        Request::Migrate,
        || {
            json!({
                "userAttributes": null,
                "forceAliasCreation": null,
                "enableSMSMFA": null,
                "finalUserStatus": null,
                "messageAction": null,
                "desiredDeliveryMediums": null,
            })
        },
    ),
    Family::new(
        "pre-authentication",
        "PreAuthentication_Authentication",
        &["validationData"],
        Request::PreAuthentication,
        || json!({}),
    ),
    Family::new(
        "post-authentication",
        "PostAuthentication_Authentication",
        &["newDeviceUsed"],
        Request::PostAuthentication,
        || json!({}),
    ),
    Family::new(
        "verify-auth-challenge",
        "VerifyAuthChallengeResponse_Authentication",
        &["challengeAnswer", "answerCorrect", "privateChallengeParameters"],
        Request::Verify,
        || json!({ "answerCorrect": null }),
    ),
    Family::new(
        "create-auth-challenge",
        "CreateAuthChallenge_Authentication",
        &["publicChallengeParameters", "privateChallengeParameters", "challengeMetadata", "session"],
        Request::Create,
        || {
            json!({
                "publicChallengeParameters": null,
                "privateChallengeParameters": null,
                "challengeMetadata": null,
            })
        },
    ),
    Family::new(
        "define-auth-challenge",
        "DefineAuthChallenge_Authentication",
        &["issueTokens", "failAuthentication", "session"],
        Request::Define,
        || json!({ "challengeName": null, "issueTokens": null, "failAuthentication": null }),
    ),
    Family::new(
        "custom-email-sender",
        "CustomEmailSender_SignUp",
        &["customEmailSenderRequestV1"],
        Request::Sender("customEmailSenderRequestV1"),
        || json!({}),
    ),
    Family::new(
        "custom-sms-sender",
        "CustomSMSSender_SignUp",
        &["customSMSSenderRequestV1"],
        Request::Sender("customSMSSenderRequestV1"),
        || json!({}),
    ),
    Family::new(
        "pre-token-generation-3",
        "TokenGeneration_RefreshTokens",
        &["TokenGeneration_RefreshTokens"],
        Request::ScopedToken,
        || json!({ "claimsAndScopeOverrideDetails": null }),
    )
    .version("3"),
];

/// What a user and her client say.
pub(super) struct Said {
    user: String,
    attributes: Map<String, Value>,
    metadata: Map<String, Value>,
    validation: Map<String, Value>,
    answer: String,
}

impl Said {
    /// What the code reads, each with a value that fits it.
    pub(super) fn new(words: &dyn Vocabulary) -> Said {
        let pairs = |name: &str, otherwise: usize| {
            let mut pairs = words.pairs(&[&["request", name]]);
            if pairs.is_empty() {
                pairs.push(("kind".to_owned(), words.word(otherwise)));
            }
            object(&pairs)
        };
        let mut attributes = object(&[
            ("sub".to_owned(), facts::uuid("cognito user", 0)),
            ("email_verified".to_owned(), "true".to_owned()),
            ("cognito:user_status".to_owned(), "CONFIRMED".to_owned()),
            ("name".to_owned(), words.word(1)),
        ]);
        for (name, value) in words.pairs(&[&["request", "userAttributes"]]) {
            if !SET_ATTRIBUTES.contains(&name.as_str()) {
                attributes.insert(name, Value::from(value));
            } else if name == "phone_number" {
                // Of the numbers that are set apart for fiction.
                attributes.insert(name, Value::from("+12025550123"));
            }
        }
        attributes.insert("email".to_owned(), Value::from(format!("{}@example.com", words.word(2))));
        Said {
            user: words.word(0),
            attributes,
            metadata: pairs("clientMetadata", 3),
            validation: pairs("validationData", 4),
            answer: words.word(5),
        }
    }

    /// The event of a trigger.
    pub(super) fn event(&self, family: &Family) -> Value {
        let mut attributes = self.attributes.clone();
        if family.request == Request::SignUp {
            // Nothing is known of the user yet.
            attributes
                .retain(|name, _| !matches!(name.as_str(), "sub" | "email_verified" | "cognito:user_status"));
        }
        let mut request = Map::new();
        let mut put = |name: &str, value: Value| drop(request.insert(name.to_owned(), value));
        if family.request == Request::Migrate {
            put("password", Value::from(self.answer.as_str()));
        } else {
            put("userAttributes", Value::Object(attributes));
        }
        match family.request {
            Request::SignUp | Request::PreAuthentication | Request::Migrate => {
                put("validationData", Value::Object(self.validation.clone()));
            }
            Request::Client => {}
            Request::PostAuthentication => put("newDeviceUsed", json!(false)),
            Request::Message => {
                put("codeParameter", json!("{####}"));
                put("linkParameter", json!("{##Click Here##}"));
                put("usernameParameter", Value::Null);
            }
            Request::Define | Request::Create => {
                if family.request == Request::Create {
                    put("challengeName", json!("CUSTOM_CHALLENGE"));
                }
                put("session", json!([{ "challengeName": "SRP_A", "challengeResult": true }]));
            }
            Request::Verify => {
                put("privateChallengeParameters", json!({ "answer": "424242" }));
                put("challengeAnswer", Value::from(self.answer.as_str()));
            }
            Request::Token | Request::ScopedToken => {
                let groups =
                    json!({ "groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null });
                put("groupConfiguration", groups);
                if family.request == Request::ScopedToken {
                    put("scopes", json!(["aws.cognito.signin.user.admin"]));
                }
            }
            Request::Sender(kind) => {
                put("type", json!(kind));
                // Encrypted by a key of the pool.
                put("code", json!(facts::token("cognito code", 0, 88)));
            }
        }
        if family.request != Request::PreAuthentication {
            put("clientMetadata", Value::Object(self.metadata.clone()));
        }
        let mut event = trigger(family.source, family.version, Value::Object(request), (family.response)());
        event["userName"] = Value::from(self.user.as_str());
        event
    }
}

fn object(pairs: &[(String, String)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
}

/// What all triggers have.
fn trigger(source: &str, version: &str, request: Value, response: Value) -> Value {
    json!({
        "version": version,
        "triggerSource": source,
        "region": facts::REGION,
        "userPoolId": format!("{}_AbCdEfGhI", facts::REGION),
        "userName": "ann",
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": "1example23456789abcdefghij",
        },
        "request": request,
        "response": response,
    })
}
