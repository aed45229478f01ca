// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.QuorumException;
import dev.weir.metadata.controller.RepeatedProbe;
import dev.weir.metadata.controller.TcpBrokerProbe;
import dev.weir.metadata.identity.DirectoryIdentity;
import dev.weir.metadata.identity.MetadataDirectory;
import dev.weir.metadata.log.LogListener;
import dev.weir.metadata.log.MetadataLog;
import dev.weir.metadata.log.ProposalOutcome;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// The metadata log on Apache Ratis: one Raft server with one group, whose id is the cluster's.
///
/// **Threading:** any thread, except that one thread only may [#propose].
final class RatisMetadataLog implements MetadataLog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RatisMetadataLog.class);

    private static final long SNAPSHOT_TIMEOUT_MS = 30_000;
    private static final long TRANSFER_TIMEOUT_MS = 2_000;

    private final RaftServer server;
    private final RaftServer.Division division;
    private final BatchStateMachine stateMachine;
    private final RaftGroupId groupId;

    /// One client and rising call ids: the library's retry cache never takes two batches for one.
    private final ClientId clientId = ClientId.randomId();

    private final AtomicLong callId = new AtomicLong();
    private final int port;
    private volatile boolean isClosed;

    private RatisMetadataLog(
            RaftServer server, BatchStateMachine stateMachine, RaftGroupId groupId, int port)
            throws IOException {
        this.server = server;
        this.division = server.getDivision(groupId);
        this.stateMachine = stateMachine;
        this.groupId = groupId;
        this.port = port;
    }

    /// Starts the Raft server. Applies nothing yet that the last snapshot does not hold: the rest
    /// follows once a leader is known.
    ///
    /// @param directory open, and checked by [RaftGroupDirectory#check]
    /// @throws QuorumException.PortTaken the listener's port is in use
    /// @throws QuorumException.StartFailed the log or a snapshot is damaged; the process must end,
    ///   because the library keeps its lock
    static RatisMetadataLog start(
            QuorumConfig config,
            MetadataDirectory directory,
            LogListener listener,
            HaltCallback halt) {
        QuorumPort.keepProcess();
        var port = QuorumPort.check(config.listener());
        var identity = directory.identity();
        var groupId = RaftGroupId.valueOf(identity.clusterId());
        var stateMachine = new BatchStateMachine(listener, halt);
        var services = new RaftServices(identity.peerId());
        var threads = new HaltingThreadGroup(identity.peerId(), halt);
        RaftServer server = null;
        try {
            server =
                    RaftServer.newBuilder()
                            .setServerId(RaftPeerId.valueOf(identity.peerId()))
                            .setGroup(RaftGroup.valueOf(groupId, peers(config, identity, port)))
                            .setStateMachine(stateMachine)
                            .setOption(RaftStorage.StartupOption.RECOVER)
                            .setThreadGroup(threads)
                            .setProperties(RatisProperties.of(directory.raftPath(), config, port))
                            .setParameters(parameters(services))
                            .build();
            server.start();
            var log = new RatisMetadataLog(server, stateMachine, groupId, port);
            var turnMs = config.tuning().electionTimeoutMs();
            var lostLeader = new LostLeader(log, new RepeatedProbe(new TcpBrokerProbe()), turnMs);
            services.onLinkBroken(lostLeader::linkBroken);
            return log;
        } catch (IOException | RuntimeException e) {
            stateMachine.closing();
            if (server != null) {
                ServerStop.stop(server);
            }
            throw new QuorumException.StartFailed(directory.path(), rootMessage(e), e);
        }
    }

    private static Parameters parameters(RaftServices services) {
        var parameters = new Parameters();
        GrpcConfigKeys.Server.setServicesCustomizer(parameters, services);
        return parameters;
    }

    private static List<RaftPeer> peers(QuorumConfig config, DirectoryIdentity identity, int port) {
        if (config.voters().isEmpty()) {
            return List.of(PeerName.peer(identity.peerId(), config.listener().host(), port));
        }
        var isVoter =
                config.voters().stream()
                        .anyMatch(voter -> voter.directoryId().equals(identity.directoryId()));
        if (!isVoter) {
            // Started with the others in its list it would stand for election among them.
            return List.of();
        }
        return config.voters().stream()
                .map(
                        voter ->
                                PeerName.peer(
                                        voter.nodeId() + "-" + voter.directoryId(),
                                        voter.host(),
                                        voter.port()))
                .toList();
    }

    boolean isLeader() {
        return division.getInfo().isLeader();
    }

    RaftPeerId peerId() {
        return server.getId();
    }

    /// Whether the newest configuration that this node knows has it.
    boolean isVoter() {
        return division.getRaftConf().getPeer(server.getId()) != null;
    }

    /// The voters of the newest configuration that this node knows.
    Collection<RaftPeer> voters() {
        return division.getRaftConf().getCurrentPeers();
    }

    /// Whether this voter follows that leader now.
    boolean follows(RaftPeerId leader) {
        var info = division.getInfo();
        return !isClosed && info.isFollower() && leader.equals(info.getLeaderId());
    }

    /// Stands for election at once, as if that leader had asked for it, if it still is the leader
    /// of this voter's term.
    ///
    /// @return false if it is not, or the library would not
    boolean standInsteadOf(RaftPeerId leader) {
        var last = division.getRaftLog().getLastEntryTermIndex();
        if (last == null) {
            return false;
        }
        var header =
                RaftRpcRequestProto.newBuilder()
                        .setRequestorId(leader.toByteString())
                        .setReplyId(server.getId().toByteString())
                        .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(groupId.toByteString()))
                        .setCallId(callId.incrementAndGet());
        var request =
                StartLeaderElectionRequestProto.newBuilder()
                        .setServerRequest(header)
                        .setLeaderLastEntry(last.toProto())
                        .build();
        try {
            return server.startLeaderElection(request).getServerReply().getSuccess();
        } catch (IOException e) {
            LOG.info("could not stand for election: {}", e.toString());
            return false;
        }
    }

    /// Who answered this leader, and when.
    LiveVoters liveVoters() {
        return LiveVoters.of(division);
    }

    /// Replaces the voters, if they still are `current`. Completes when the new configuration is
    /// committed; also exceptionally.
    CompletableFuture<RaftClientReply> setVoters(
            Collection<RaftPeer> current, Collection<RaftPeer> next) {
        var arguments =
                SetConfigurationRequest.Arguments.newBuilder()
                        .setServersInCurrentConf(List.copyOf(current))
                        .setServersInNewConf(List.copyOf(next))
                        .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                        .build();
        var request =
                new SetConfigurationRequest(
                        clientId, server.getId(), groupId, callId.incrementAndGet(), arguments);
        try {
            return server.setConfigurationAsync(request);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<ProposalOutcome> propose(byte[] batch) {
        if (batch.length > BATCH_BYTES_MAX) {
            throw new IllegalArgumentException("a batch of " + batch.length + " bytes");
        }
        if (isClosed) {
            return unknown("closed");
        }
        var request =
                RaftClientRequest.newBuilder()
                        .setClientId(clientId)
                        .setServerId(server.getId())
                        .setGroupId(groupId)
                        .setCallId(callId.incrementAndGet())
                        .setType(RaftClientRequest.writeRequestType())
                        .setMessage(BatchStateMachine.message(batch))
                        .build();
        try {
            // Refusals come in both shapes: a failed future, and a reply without success.
            return server.submitClientRequestAsync(request)
                    .handle((reply, failure) -> outcome(reply, failure));
        } catch (IOException e) {
            return unknown(String.valueOf(e.getMessage()));
        }
    }

    private static ProposalOutcome outcome(
            @Nullable RaftClientReply reply, @Nullable Throwable failure) {
        if (reply == null) {
            return new ProposalOutcome.Unknown(String.valueOf(failure));
        }
        if (!reply.isSuccess()) {
            return new ProposalOutcome.Unknown(String.valueOf(reply.getException()));
        }
        return reply.getMessage().getContent().equals(BatchStateMachine.APPLIED)
                ? new ProposalOutcome.Applied(reply.getLogIndex())
                : new ProposalOutcome.Skipped(reply.getLogIndex());
    }

    private static CompletionStage<ProposalOutcome> unknown(String reason) {
        return CompletableFuture.completedFuture(new ProposalOutcome.Unknown(reason));
    }

    @Override
    public OptionalInt leaderHint() {
        var leader = division.getInfo().getLeaderId();
        return leader == null ? OptionalInt.empty() : OptionalInt.of(PeerName.nodeId(leader));
    }

    /// The port that voters connect to.
    int port() {
        return port;
    }

    /// Whether the current configuration has at most one voter.
    boolean isAlone() {
        return division.getRaftConf().getCurrentPeers().size() <= 1;
    }

    /// Whether the division runs. The server and the process can outlive it.
    boolean isHealthy() {
        var state = division.getInfo().getLifeCycleState();
        return state == LifeCycle.State.RUNNING
                || state == LifeCycle.State.STARTING
                || state == LifeCycle.State.PAUSING
                || state == LifeCycle.State.PAUSED;
    }

    /// Steps down if this node leads and its first entry does not commit.
    void lookForStall(StalledLeader stall, long nowMs) {
        var info = division.getInfo();
        var committed = division.getRaftLog().getLastCommittedIndex();
        if (stall.isStalled(info.isLeader(), info.isLeaderReady(), committed, lastIndex(), nowMs)) {
            LOG.warn("this node leads and cannot commit its first entry: it steps down");
            stepDown();
        }
    }

    /// Last index in this node's log, inclusive; -1 if it is empty and there is no snapshot.
    long lastIndex() {
        return division.getRaftLog().getNextIndex() - 1;
    }

    QuorumStatus status(DirectoryIdentity identity, long offset, boolean isActiveController) {
        return QuorumStatusReader.read(division, identity, offset, isActiveController);
    }

    /// Writes a snapshot now, if anything was applied since the last one, and purges the log before
    /// it.
    ///
    /// @return false if none was written; the log is kept
    boolean snapshot() {
        var request =
                SnapshotManagementRequest.newCreate(
                        clientId,
                        server.getId(),
                        groupId,
                        callId.incrementAndGet(),
                        SNAPSHOT_TIMEOUT_MS,
                        1);
        try {
            return server.snapshotManagement(request).isSuccess();
        } catch (IOException e) {
            LOG.warn("could not snapshot the metadata: {}", e.getMessage());
            return false;
        }
    }

    /// Hands leadership to another voter, the one heard last first.
    ///
    /// @return false if this node leads and nobody took over
    boolean transferLeadership() {
        if (!division.getInfo().isLeader()) {
            return true;
        }
        var successors = liveVoters().others();
        for (var peerId : successors) {
            if (transferTo(peerId)) {
                return true;
            }
        }
        return !division.getInfo().isLeader();
    }

    /// Gives up leadership without naming a successor.
    ///
    /// @return false if this node did not lead
    boolean stepDown() {
        return transferTo(null);
    }

    private boolean transferTo(@Nullable RaftPeerId peerId) {
        var request =
                new TransferLeadershipRequest(
                        clientId,
                        server.getId(),
                        groupId,
                        callId.incrementAndGet(),
                        peerId,
                        TRANSFER_TIMEOUT_MS);
        try {
            return server.transferLeadershipAsync(request)
                    .get(2 * TRANSFER_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .isSuccess();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (IOException | ExecutionException | TimeoutException e) {
            LOG.info("could not transfer the metadata leadership to {}: {}", peerId, e.toString());
            return false;
        }
    }

    /// Transfers leadership, snapshots and stops. Idempotent; blocks until the server is down, for
    /// 15 s at most.
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        transferLeadership();
        isClosed = true;
        stateMachine.closing();
        ServerStop.stop(server);
    }

    private static String rootMessage(Throwable failure) {
        var root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        // One line for an operator, whatever the library had to say.
        return String.valueOf(root.getMessage()).replaceAll("\\s+", " ");
    }
}
