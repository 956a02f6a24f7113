//! What can happen to an object, and what S3 then says of it.
//!
//! Names: botocore, `s3` service model, `Event`. Which event has which member: LocalStack's records of AWS
//! (`tests/aws/services/s3/test_s3_notifications_sqs.snapshot.json`), and what is named at [`S3EventName::shows`].

use serde::{Deserialize, Serialize};

/// What happened to the object. Amazon S3 user guide, event types; the event holds them without
/// `s3:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum S3EventName {
    /// PutObject.
    #[serde(rename = "ObjectCreated:Put")]
    CreatedPut,
    /// An upload with an HTML form.
    #[serde(rename = "ObjectCreated:Post")]
    CreatedPost,
    /// CopyObject.
    #[serde(rename = "ObjectCreated:Copy")]
    CreatedCopy,
    /// CompleteMultipartUpload.
    #[serde(rename = "ObjectCreated:CompleteMultipartUpload")]
    CreatedMultipart,
    /// DeleteObject in a bucket without versions, or of one version.
    #[serde(rename = "ObjectRemoved:Delete")]
    RemovedDelete,
    /// DeleteObject in a bucket with versions.
    #[serde(rename = "ObjectRemoved:DeleteMarkerCreated")]
    RemovedMarker,
    /// RestoreObject: an archived object is asked for.
    #[serde(rename = "ObjectRestore:Post")]
    RestorePost,
    /// The copy of an archived object is there.
    #[serde(rename = "ObjectRestore:Completed")]
    RestoreCompleted,
    /// The time of that copy is over.
    #[serde(rename = "ObjectRestore:Delete")]
    RestoreDelete,
    /// S3 has lost an object of the storage class that allows it.
    #[serde(rename = "ReducedRedundancyLostObject")]
    Lost,
    /// The object could not be replicated.
    #[serde(rename = "Replication:OperationFailedReplication")]
    ReplicationFailed,
    /// Replication takes longer than promised.
    #[serde(rename = "Replication:OperationMissedThreshold")]
    ReplicationMissedThreshold,
    /// Replication was done later than promised.
    #[serde(rename = "Replication:OperationReplicatedAfterThreshold")]
    ReplicationAfterThreshold,
    /// Replication is not measured any more.
    #[serde(rename = "Replication:OperationNotTracked")]
    ReplicationNotTracked,
    /// A lifecycle rule has deleted the object.
    #[serde(rename = "LifecycleExpiration:Delete")]
    ExpirationDelete,
    /// The same in a bucket with versions.
    #[serde(rename = "LifecycleExpiration:DeleteMarkerCreated")]
    ExpirationMarker,
    /// A lifecycle rule has given the object another storage class.
    #[serde(rename = "LifecycleTransition")]
    Transition,
    /// S3 Intelligent-Tiering has archived the object.
    #[serde(rename = "IntelligentTiering")]
    Tiering,
    /// PutObjectTagging.
    #[serde(rename = "ObjectTagging:Put")]
    TaggingPut,
    /// DeleteObjectTagging.
    #[serde(rename = "ObjectTagging:Delete")]
    TaggingDelete,
    /// PutObjectAcl.
    #[serde(rename = "ObjectAcl:Put")]
    AclPut,
    /// PutObjectAnnotation.
    #[serde(rename = "ObjectAnnotation:Put")]
    AnnotationPut,
    /// DeleteObjectAnnotation.
    #[serde(rename = "ObjectAnnotation:Delete")]
    AnnotationDelete,
    /// PutObjectRetention.
    #[serde(rename = "ObjectRetention:Put")]
    RetentionPut,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    /// A principal with permission: the event has its name and address.
    Principal,
    /// S3 itself.
    Service,
    /// S3 itself, for the owner of the bucket.
    Owner,
}

/// What the event says of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) size: bool,
    pub(super) etag: Etag,
    pub(super) sequencer: bool,
    /// Whether only buckets with versions have such events.
    pub(super) versioned: bool,
}

/// Which eTag there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Etag {
    /// None.
    Absent,
    /// That of the object.
    Object,
    /// That of a delete marker, which has no content.
    Empty,
}

impl S3EventName {
    /// Every name.
    pub const ALL: [S3EventName; 24] = [
        S3EventName::CreatedPut,
        S3EventName::CreatedPost,
        S3EventName::CreatedCopy,
        S3EventName::CreatedMultipart,
        S3EventName::RemovedDelete,
        S3EventName::RemovedMarker,
        S3EventName::RestorePost,
        S3EventName::RestoreCompleted,
        S3EventName::RestoreDelete,
        S3EventName::Lost,
        S3EventName::ReplicationFailed,
        S3EventName::ReplicationMissedThreshold,
        S3EventName::ReplicationAfterThreshold,
        S3EventName::ReplicationNotTracked,
        S3EventName::ExpirationDelete,
        S3EventName::ExpirationMarker,
        S3EventName::Transition,
        S3EventName::Tiering,
        S3EventName::TaggingPut,
        S3EventName::TaggingDelete,
        S3EventName::AclPut,
        S3EventName::AnnotationPut,
        S3EventName::AnnotationDelete,
        S3EventName::RetentionPut,
    ];

    /// As in `eventName`.
    pub fn name(self) -> &'static str {
        match self {
            S3EventName::CreatedPut => "ObjectCreated:Put",
            S3EventName::CreatedPost => "ObjectCreated:Post",
            S3EventName::CreatedCopy => "ObjectCreated:Copy",
            S3EventName::CreatedMultipart => "ObjectCreated:CompleteMultipartUpload",
            S3EventName::RemovedDelete => "ObjectRemoved:Delete",
            S3EventName::RemovedMarker => "ObjectRemoved:DeleteMarkerCreated",
            S3EventName::RestorePost => "ObjectRestore:Post",
            S3EventName::RestoreCompleted => "ObjectRestore:Completed",
            S3EventName::RestoreDelete => "ObjectRestore:Delete",
            S3EventName::Lost => "ReducedRedundancyLostObject",
            S3EventName::ReplicationFailed => "Replication:OperationFailedReplication",
            S3EventName::ReplicationMissedThreshold => "Replication:OperationMissedThreshold",
            S3EventName::ReplicationAfterThreshold => "Replication:OperationReplicatedAfterThreshold",
            S3EventName::ReplicationNotTracked => "Replication:OperationNotTracked",
            S3EventName::ExpirationDelete => "LifecycleExpiration:Delete",
            S3EventName::ExpirationMarker => "LifecycleExpiration:DeleteMarkerCreated",
            S3EventName::Transition => "LifecycleTransition",
            S3EventName::Tiering => "IntelligentTiering",
            S3EventName::TaggingPut => "ObjectTagging:Put",
            S3EventName::TaggingDelete => "ObjectTagging:Delete",
            S3EventName::AclPut => "ObjectAcl:Put",
            S3EventName::AnnotationPut => "ObjectAnnotation:Put",
            S3EventName::AnnotationDelete => "ObjectAnnotation:Delete",
            S3EventName::RetentionPut => "ObjectRetention:Put",
        }
    }

    /// Whether an event of this name tells how large the object is.
    pub fn has_size(self) -> bool {
        self.shows().size
    }

    /// Whether an event of this name has the name and address of a principal.
    pub fn has_principal(self) -> bool {
        self.actor() == Actor::Principal
    }

    /// Whether only objects with versions have events of this name.
    pub fn needs_versions(self) -> bool {
        self.shows().versioned
    }

    pub(super) fn is_replication(self) -> bool {
        self.name().starts_with("Replication:")
    }

    pub(super) fn actor(self) -> Actor {
        match self {
            // Amazon S3 user guide, replication failure events, and the notifications of lifecycle rules that people
            // have published (one of 2022, one of 2024) and of Intelligent-Tiering
            // (aws-powertools/powertools-lambda-python#7443).
            S3EventName::Lost
            | S3EventName::ReplicationFailed
            | S3EventName::ReplicationMissedThreshold
            | S3EventName::ReplicationAfterThreshold
            | S3EventName::ReplicationNotTracked
            | S3EventName::ExpirationDelete
            | S3EventName::ExpirationMarker
            | S3EventName::Transition
            | S3EventName::Tiering => Actor::Service,
            // LocalStack's record of a restored object: `AmazonCustomer:` and the owner.
            S3EventName::RestoreCompleted | S3EventName::RestoreDelete => Actor::Owner,
            _ => Actor::Principal,
        }
    }

    pub(super) fn shows(self) -> Shown {
        let object = Shown { size: true, etag: Etag::Object, sequencer: true, versioned: false };
        // Amazon S3 user guide, event message structure: the sequencer is for PUTs and DELETEs.
        let metadata = Shown { size: false, sequencer: false, ..object };
        match self {
            // The size of a deleted object is not told, nor its eTag.
            S3EventName::RemovedDelete | S3EventName::ExpirationDelete => {
                Shown { size: false, etag: Etag::Absent, ..object }
            }
            S3EventName::RemovedMarker | S3EventName::ExpirationMarker => {
                Shown { size: false, etag: Etag::Empty, versioned: true, ..object }
            }
            S3EventName::TaggingPut
            | S3EventName::TaggingDelete
            | S3EventName::AclPut
            // As ministackorg/ministack tests it (`tests/test_s3_annotations.py`); the same guide shows it on a bus.
            | S3EventName::AnnotationPut
            | S3EventName::AnnotationDelete => metadata,
            S3EventName::Transition | S3EventName::Lost => Shown { sequencer: false, ..object },
            // Replication and Object Lock need a bucket with versions. Amazon S3 user guide, "Receiving replication
            // failure events"; aws/aws-sdk-java-v2, `s3-event-notifications`, `ObjectRetentionEventDataTest`.
            S3EventName::ReplicationFailed
            | S3EventName::ReplicationMissedThreshold
            | S3EventName::ReplicationAfterThreshold
            | S3EventName::ReplicationNotTracked
            | S3EventName::RetentionPut => Shown { versioned: true, ..object },
            S3EventName::CreatedPut
            | S3EventName::CreatedPost
            | S3EventName::CreatedCopy
            | S3EventName::CreatedMultipart
            | S3EventName::RestorePost
            | S3EventName::RestoreCompleted
            | S3EventName::RestoreDelete
            | S3EventName::Tiering => object,
        }
    }
}
