// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

/// One fact about the cluster, as the metadata log states it.
///
/// Replicas only apply records; every decision was made before by the active controller. Each type
/// has a stable id and a version (see [RecordType]); a reader that meets an unknown one halts.
public sealed interface MetadataRecord
        permits ControllerActivated,
                FeatureLevelSet,
                TopicCreated,
                TopicDeleted,
                PartitionCreated,
                PartitionChanged,
                ReplicaDirectoryChanged,
                ConfigSet,
                ConfigRemoved,
                BrokerRegistered,
                BrokerFenced,
                BrokerUnfenced,
                BrokerShutdownStarted,
                BrokerRemoved,
                DirectoryFailed,
                DirectoryRestored,
                ProducerIdsAllocated {}
