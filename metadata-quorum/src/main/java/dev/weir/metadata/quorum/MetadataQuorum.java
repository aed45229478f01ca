// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.QuorumException;
import dev.weir.metadata.controller.ControllerGateway;
import dev.weir.metadata.controller.ControllerLoop;
import dev.weir.metadata.controller.RepeatedProbe;
import dev.weir.metadata.controller.TcpBrokerProbe;
import dev.weir.metadata.controller.core.ConfigRules;
import dev.weir.metadata.history.FileHistory;
import dev.weir.metadata.history.HistoryLimits;
import dev.weir.metadata.history.MetadataHistory;
import dev.weir.metadata.identity.DirectoryIdentity;
import dev.weir.metadata.identity.MetadataDirectory;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.log.MetadataLog;
import dev.weir.metadata.watch.ImageListener;
import dev.weir.metadata.watch.ImagePublisher;
import dev.weir.metadata.watch.MetadataWatch;
import dev.weir.metadata.watch.Subscription;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/// One node's part in the metadata quorum: the log, the image, the controller, the history.
///
/// **Threading:** any thread.
public final class MetadataQuorum implements AutoCloseable {

    private final MetadataDirectory directory;
    private final FileHistory history;
    private final ImagePublisher publisher = new ImagePublisher();
    private final ControllerLoop controller;
    private final RatisMetadataLog log;
    private final QuorumWatch watch;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private MetadataQuorum(
            QuorumConfig config,
            ConfigRules configRules,
            HaltCallback halt,
            MetadataDirectory directory) {
        this.directory = directory;
        var tuning = config.tuning();
        var reserve =
                DiskReserve.take(
                        directory.path(),
                        tuning.diskFreeMinBytes(),
                        DiskReserve.usableBytesOf(directory.path()));
        var limits = new HistoryLimits(tuning.history().keepMs(), tuning.history().keepBytes());
        history = FileHistory.open(directory.historyPath(), limits, System::currentTimeMillis);
        controller =
                new ControllerLoop(
                        tuning.controller(),
                        configRules,
                        new RepeatedProbe(new TcpBrokerProbe()),
                        halt,
                        config.nodeId());
        // Before the start, which may apply more than its log held when we look.
        var appliedOffset = history.latestOffset();
        MicrometerMetricRegistries.route(directory.identity().peerId(), config.meters());
        try {
            log =
                    RatisMetadataLog.start(
                            config,
                            directory,
                            new AppliedState(history, publisher, controller),
                            halt);
        } catch (RuntimeException e) {
            MicrometerMetricRegistries.unroute(directory.identity().peerId());
            history.close();
            throw e;
        }
        try {
            requireWholeLog(appliedOffset, log.isAlone());
        } catch (RuntimeException e) {
            log.close();
            MicrometerMetricRegistries.unroute(directory.identity().peerId());
            history.close();
            throw e;
        }
        controller.start(log, new RatisVoterSet(log, 2L * tuning.electionTimeoutMs()));
        watch = QuorumWatch.start(log, reserve, tuning.snapshots().intervalMs(), halt);
    }

    /// What was applied here was in this node's log. A log that lost it has lost its votes as well.
    /// Among several voters an entry may be committed, and applied, before it is durable here, so
    /// that a power loss may take it; an empty log is not explained by that.
    private void requireWholeLog(long appliedOffset, boolean isAlone) {
        var lastIndex = log.lastIndex();
        var isLost = isAlone ? lastIndex < appliedOffset : lastIndex < 0;
        if (appliedOffset > 0 && isLost) {
            throw new QuorumException.WipedDirectory(
                    directory.path(),
                    "the Raft log ends at "
                            + lastIndex
                            + ", but "
                            + appliedOffset
                            + " was applied here");
        }
    }

    /// Makes an empty directory a voter's. Durable on return.
    ///
    /// @param directory empty or missing
    /// @param clusterId the same on every node of the cluster
    /// @return the identity, with a fresh directory id
    /// @throws dev.weir.metadata.QuorumException the directory holds something, or the disk refused
    public static DirectoryIdentity format(Path directory, UUID clusterId, int nodeId) {
        var identity = new DirectoryIdentity(clusterId, nodeId, UUID.randomUUID());
        MetadataDirectory.format(directory, identity, RaftGroupDirectory::format);
        return identity;
    }

    /// Reads whose directory it is, without locking it.
    ///
    /// @return empty if it is not formatted, or not even there
    /// @throws dev.weir.metadata.QuorumException.Corrupt it cannot be told
    public static Optional<DirectoryIdentity> identityOf(Path directory) {
        try {
            return Optional.of(MetadataDirectory.identityOf(directory));
        } catch (QuorumException.NotFormatted e) {
            return Optional.empty();
        }
    }

    /// Starts the node's part. On return [#image] is the one of the last snapshot; newer entries
    /// follow once a leader is known, which [#imageAtLeast] and the gateway's answers show.
    ///
    /// @param config what to start; the directory must be formatted
    /// @param configRules the configuration keys that exist
    /// @param halt called when this node must not go on
    /// @throws dev.weir.metadata.QuorumException one line for an operator: not formatted, wiped,
    ///   foreign, locked, port taken, damaged. The process should end
    public static MetadataQuorum start(
            QuorumConfig config, ConfigRules configRules, HaltCallback halt) {
        var directory =
                MetadataDirectory.open(config.directory(), config.nodeId(), config.clusterId());
        try {
            RaftGroupDirectory.check(directory);
            return new MetadataQuorum(config, configRules, halt, directory);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /// Whose directory this is.
    public DirectoryIdentity identity() {
        return directory.identity();
    }

    /// The port that other voters connect to; useful when the configuration said 0.
    public int port() {
        return log.port();
    }

    /// The newest image of this node. Never goes back.
    public ClusterImage image() {
        return publisher.image();
    }

    /// Completes with an image whose offset is at least `offset` (`min_metadata_offset`), at once
    /// if this node has one. Completes on the apply thread otherwise; exceptionally, with a
    /// `CancellationException`, when the node closes. Bound the wait with `orTimeout`.
    public CompletionStage<ClusterImage> imageAtLeast(long offset) {
        return publisher.imageAtLeast(offset);
    }

    /// Tells `listener` the newest image, before this returns or just after, and then every change.
    public Subscription subscribe(ImageListener listener) {
        return publisher.subscribe(listener);
    }

    /// Opens a watch for a far-away reader.
    ///
    /// @param fromOffset the last offset that the reader has seen: the first event comes when this
    ///   node's image is at least that new, so that a resumed watch never goes back
    /// @param signal called when [MetadataWatch#poll] may have something after it had nothing; on
    ///   the apply thread, so it only enqueues
    public MetadataWatch watch(OptionalLong fromOffset, Runnable signal) {
        return publisher.watch(fromOffset, signal);
    }

    /// The log itself, for tests that propose what no controller would.
    MetadataLog log() {
        return log;
    }

    /// Gives up leadership, for whatever reason an operator or a test has; an election follows.
    ///
    /// @return false if this node did not lead
    boolean stepDown() {
        return log.stepDown();
    }

    /// Whether this node votes, as far as it knows. One whose directory its configuration does not
    /// list waits until a leader adds it: until then its image is empty.
    public boolean isVoter() {
        return log.isVoter();
    }

    /// Hands leadership to another voter that is up to date and alive, and blocks until that is
    /// done or did not work, seconds at most.
    ///
    /// @return false if this node still leads; true if it does not, or never did
    public boolean transferLeadership() {
        return log.transferLeadership();
    }

    /// The way to the controller.
    public ControllerGateway gateway() {
        return controller;
    }

    /// The leader that this node believes in; empty while it knows none. May be out of date.
    public OptionalInt leaderHint() {
        return log.leaderHint();
    }

    /// What this node knows about the quorum right now.
    public QuorumStatus status() {
        return log.status(directory.identity(), image().offset(), controller.isActive());
    }

    /// The past.
    public MetadataHistory history() {
        return history;
    }

    /// Hands leadership over, snapshots, stops. Idempotent; blocks until everything is down.
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        watch.close();
        log.close();
        controller.close();
        publisher.close();
        history.close();
        MicrometerMetricRegistries.unroute(directory.identity().peerId());
        directory.close();
    }
}
