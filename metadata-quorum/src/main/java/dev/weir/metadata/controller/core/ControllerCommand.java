// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.Endpoint;
import dev.weir.metadata.record.QuorumVoter;
import dev.weir.metadata.record.TopicPartition;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/// Something the active controller is asked to decide. Random ids come with the command, so that
/// the decision itself is deterministic.
public sealed interface ControllerCommand {

    /// Creates a topic; answered by [CommandResult.TopicMade].
    ///
    /// @param topicId a fresh random id
    /// @param name the topic's name, checked here
    /// @param partitions partition count; empty for the default
    /// @param replicationFactor replicas of each partition; empty for min(3, live brokers)
    /// @param configs the topic's own values by key, in text form
    /// @param validateOnly whether to answer as if, and change nothing
    /// @param isInternal whether Weir itself asks, so that a name may start with `__`
    record CreateTopic(
            UUID topicId,
            String name,
            OptionalInt partitions,
            OptionalInt replicationFactor,
            SortedMap<String, String> configs,
            boolean validateOnly,
            boolean isInternal)
            implements ControllerCommand {}

    /// Deletes a topic; answered by [CommandResult.TopicGone].
    ///
    /// @param topic which one
    record DeleteTopic(TopicRef topic) implements ControllerCommand {}

    /// Adds partitions to a topic and changes its configuration, all or nothing; answered by
    /// [CommandResult.TopicMade]. With more partitions, keys map elsewhere from then on.
    ///
    /// @param topic which one
    /// @param totalPartitions partitions afterwards, not fewer than now; empty to leave the count
    /// @param changes new values by key; empty to remove the topic's own value
    /// @param validateOnly whether to answer as if, and change nothing
    record AlterTopic(
            TopicRef topic,
            OptionalInt totalPartitions,
            SortedMap<String, Optional<String>> changes,
            boolean validateOnly)
            implements ControllerCommand {}

    /// Changes dynamic configuration; answered by [CommandResult.Done]. All changes or none.
    ///
    /// @param target what they are for
    /// @param changes new values by key; empty to remove the scope's own value
    /// @param validateOnly whether to answer as if, and change nothing
    record AlterConfigs(
            ConfigTarget target, SortedMap<String, Optional<String>> changes, boolean validateOnly)
            implements ControllerCommand {}

    /// Asks which registration of a node is current, to name it in [RegisterBroker]; answered by
    /// [CommandResult.CurrentRegistration].
    ///
    /// @param nodeId the node
    record AskRegistration(int nodeId) implements ControllerCommand {}

    /// Registers a broker process; answered by [CommandResult.Registered]. The broker stays fenced
    /// until its heartbeat stream is up.
    ///
    /// @param nodeId the node's id, from its identity on disk
    /// @param incarnation random, new at every start of the process
    /// @param replacesRegistration number that [AskRegistration] told this incarnation; 0 for none
    /// @param clientEndpoint where clients reach it
    /// @param internalEndpoint where other nodes reach it
    /// @param rack failure domain; empty if none
    /// @param directories ids of its log directories, the main one first
    /// @param weirVersionMin lowest level of `weir.version` that the build can run
    /// @param weirVersionMax highest level of `weir.version` that the build can run
    /// @param isSameBoot whether the operating system runs since the last registration that was
    ///   confirmed, so that the page cache is intact
    /// @param unprovenDirectories those of the directories that an I/O error had stopped, and that
    ///   an operator gave back: what they hold above their recovery points may not be on the disk
    record RegisterBroker(
            int nodeId,
            UUID incarnation,
            long replacesRegistration,
            Endpoint clientEndpoint,
            Endpoint internalEndpoint,
            Optional<String> rack,
            List<UUID> directories,
            int weirVersionMin,
            int weirVersionMax,
            boolean isSameBoot,
            List<UUID> unprovenDirectories)
            implements ControllerCommand {

        /// Refuses what no broker can be; the caller is another node's process.
        public RegisterBroker {
            directories = List.copyOf(directories);
            unprovenDirectories = List.copyOf(unprovenDirectories);
            if (nodeId < 1 || directories.isEmpty()) {
                throw new IllegalArgumentException(
                        "node " + nodeId + " with directories " + directories);
            }
            if (directories.stream().distinct().count() != directories.size()) {
                throw new IllegalArgumentException("a directory named twice: " + directories);
            }
        }
    }

    /// Forgets a broker that will not come back; answered by [CommandResult.Done]. Refused while it
    /// has a session or replicas.
    ///
    /// @param nodeId the broker's node id
    record UnregisterBroker(int nodeId) implements ControllerCommand {}

    /// A broker is about to stop: its leaderships move. Answered by
    /// [CommandResult.ShutdownProgress]; asked again until nothing is left to move.
    ///
    /// @param nodeId the broker's node id
    /// @param incarnation the asking process
    record StartShutdown(int nodeId, UUID incarnation) implements ControllerCommand {}

    /// Asks for a block of producer ids; answered by [CommandResult.ProducerIds].
    ///
    /// @param nodeId the asking broker
    /// @param incarnation the asking process
    record AllocateProducerIds(int nodeId, UUID incarnation) implements ControllerCommand {}

    /// A leader changes its partition's ISR; answered by [CommandResult.PartitionNow].
    ///
    /// @param partition which one
    /// @param leaderId the asking leader
    /// @param leaderIncarnation the asking process
    /// @param leaderEpoch the epoch it leads in
    /// @param partitionEpoch the partition epoch that the change is based on
    /// @param isr the proposed in-sync replicas with the incarnation that justified each
    record AlterPartition(
            TopicPartition partition,
            int leaderId,
            UUID leaderIncarnation,
            int leaderEpoch,
            int partitionEpoch,
            List<IsrMember> isr)
            implements ControllerCommand {}

    /// A leader proves that all members are durable to its log end after a change to
    /// `durability=fsync`; answered by [CommandResult.PartitionNow].
    ///
    /// @param partition which one
    /// @param leaderId the asking leader
    /// @param leaderIncarnation the asking process
    /// @param leaderEpoch the epoch it leads in
    /// @param partitionEpoch the partition epoch it has seen: above the one of the change
    /// @param covered members whose durable ends were counted; must include ISR and ELR
    record ConfirmFsync(
            TopicPartition partition,
            int leaderId,
            UUID leaderIncarnation,
            int leaderEpoch,
            int partitionEpoch,
            SortedSet<Integer> covered)
            implements ControllerCommand {}

    /// A broker that an unclean restart dropped from ISR or ELR tells where its logs end, for an
    /// election among such members; answered by [CommandResult.Done].
    ///
    /// @param nodeId the asking broker
    /// @param incarnation the asking process
    /// @param ends partitions in which it is `recovering`, with the ends of its logs
    record ReportLogEnds(int nodeId, UUID incarnation, SortedMap<TopicPartition, LogEnd> ends)
            implements ControllerCommand {}

    /// Which of its replicas a broker cannot use although their directory works: a log that cannot
    /// be opened, or that failed by itself. Answered by [CommandResult.Done].
    ///
    /// @param nodeId the asking broker
    /// @param incarnation the asking process
    /// @param number rises with each report of that process; an older one that comes late is
    ///   nothing
    /// @param partitions all of them, none if all is well again
    record ReportOfflineReplicas(
            int nodeId, UUID incarnation, long number, SortedSet<TopicPartition> partitions)
            implements ControllerCommand {}

    /// Gives partitions back to their preferred leaders, or orders an unclean election; answered by
    /// [CommandResult.Elected].
    ///
    /// @param partitions which ones
    /// @param kind what may lead
    record ElectLeaders(SortedSet<TopicPartition> partitions, ElectionKind kind)
            implements ControllerCommand {}

    /// A log directory had an I/O error; answered by [CommandResult.Done].
    ///
    /// @param nodeId the asking broker
    /// @param incarnation the asking process
    /// @param directoryId the directory
    record ReportFailedDirectory(int nodeId, UUID incarnation, UUID directoryId)
            implements ControllerCommand {}

    /// A change of who votes in the quorum. It is carried out on the quorum's own log, not by
    /// records: the core never decides it. Answered by [CommandResult.VotersNow].
    sealed interface VoterCommand extends ControllerCommand {}

    /// Adds a voter, which runs and waits to be added; it catches up first. Adding one that is
    /// there already changes its address at most.
    ///
    /// @param voter the new one; no other directory of its node may be a voter
    record AddVoter(QuorumVoter voter) implements VoterCommand {}

    /// Removes a voter, live or lost. Refused when the live ones would be no majority afterwards.
    ///
    /// @param nodeId the voter's node
    /// @param directoryId the voter's directory
    record RemoveVoter(int nodeId, UUID directoryId) implements VoterCommand {}

    /// A topic by name or by id.
    sealed interface TopicRef {

        /// By its name.
        ///
        /// @param name the topic's name
        record ByName(String name) implements TopicRef {}

        /// By its id.
        ///
        /// @param topicId the topic's id
        record ById(UUID topicId) implements TopicRef {}
    }

    /// What configuration changes are for.
    sealed interface ConfigTarget {

        /// A scope whose id is known.
        ///
        /// @param scope the scope
        record OfScope(ConfigScope scope) implements ConfigTarget {}

        /// A topic by name.
        ///
        /// @param topicName the topic's name
        record OfTopic(String topicName) implements ConfigTarget {}
    }

    /// One proposed ISR member.
    ///
    /// @param nodeId the member
    /// @param incarnation the process whose session ends justified it
    record IsrMember(int nodeId, UUID incarnation) {}

    /// Where a log ends.
    ///
    /// @param lastEpoch leader epoch of the last record
    /// @param endOffset log end offset, exclusive
    record LogEnd(int lastEpoch, long endOffset) {}

    /// What an ordered election may choose.
    enum ElectionKind {
        /// The first replica of the list, if it is in the ISR and live.
        PREFERRED,
        /// Any live replica if no ISR or ELR member is: loses records, an operator's act.
        UNCLEAN
    }
}
