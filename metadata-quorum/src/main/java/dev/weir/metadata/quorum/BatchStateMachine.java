// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.HaltCallback;
import dev.weir.metadata.log.LogListener;

import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/// The library's state machine: hands committed batches to a [LogListener] and turns what the
/// library reports into the listener's events or a halt.
///
/// **Threading:** the library applies, snapshots and reports readiness on its one updater thread.
/// [#notifyNotLeader] comes from other threads under the server's lock and only enqueues.
final class BatchStateMachine extends BaseStateMachine {

    static final ByteString APPLIED = ByteString.copyFrom(new byte[] {1});
    static final ByteString SKIPPED = ByteString.copyFrom(new byte[] {0});

    /// Why the library may have closed its division in a living process. A removed voter is not
    /// always told more than that it is not known any more.
    static final String STOPPED =
            "the metadata quorum stopped working inside a living process: this voter was removed"
                    + " ('weir cluster quorum' lists those there are), or the library failed";

    private final SnapshotStore snapshots = new SnapshotStore();
    private final LogListener listener;
    private final HaltCallback halt;

    /// Term of the newest configuration entry, which a new leader appends first. Updater thread.
    private long configurationTerm;

    private long snapshotIndex = -1;
    private volatile boolean isClosing;

    BatchStateMachine(LogListener listener, HaltCallback halt) {
        this.listener = listener;
        this.halt = halt;
    }

    /// From here on a shutdown of the library is wanted and halts nothing.
    void closing() {
        isClosing = true;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage)
            throws IOException {
        super.initialize(server, groupId, storage);
        snapshots.init(storage);
        load();
        getLifeCycle().startAndTransition(() -> {});
    }

    /// A leader's snapshot replaces the state. The library demands these very transitions.
    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        try {
            load();
        } catch (IOException | RuntimeException e) {
            halt.halt("cannot load the metadata snapshot that the leader sent", e);
            throw e;
        }
        getLifeCycle().transition(LifeCycle.State.STARTING);
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    private void load() throws IOException {
        var covered = snapshots.readLatest(listener);
        if (covered != null) {
            setLastAppliedTermIndex(covered);
            snapshotIndex = covered.getIndex();
        }
    }

    @Override
    public long takeSnapshot() throws IOException {
        var covered = getLastAppliedTermIndex();
        if (covered.getIndex() < 0 || covered.getIndex() == snapshotIndex) {
            return covered.getIndex();
        }
        try {
            snapshots.write(covered, listener);
        } catch (RuntimeException e) {
            // The library closes its server on anything but an IOException, and the log is intact.
            throw new IOException("cannot write a metadata snapshot", e);
        }
        snapshotIndex = covered.getIndex();
        return snapshotIndex;
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots.storage();
    }

    /// Never validates: a rejection past this point would leak one of the library's permits, or
    /// depose the leader.
    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        return TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .build();
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        var entry = transaction.getLogEntry();
        var batch = entry.getStateMachineLogEntry().getLogData().toByteArray();
        try {
            var verdict = listener.apply(entry.getIndex(), entry.getTerm(), batch);
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return switch (verdict) {
                case APPLIED -> CompletableFuture.completedFuture(Message.valueOf(APPLIED));
                case SKIPPED -> CompletableFuture.completedFuture(Message.valueOf(SKIPPED));
            };
        } catch (RuntimeException | Error e) {
            halt.halt("cannot apply metadata at offset " + entry.getIndex(), e);
            throw e;
        }
    }

    @Override
    public void notifyConfigurationChanged(
            long term, long index, RaftConfigurationProto configuration) {
        configurationTerm = term;
    }

    /// The term comes from the configuration entry just applied: the server's current term may
    /// already be a later one.
    @Override
    public void notifyLeaderReady() {
        listener.leaderReady(configurationTerm);
        if (!isLeader()) {
            // Deposed while this was on its way: the notification of that may have come first.
            listener.leadershipLost();
        }
    }

    private boolean isLeader() {
        try {
            return getServer().join().getDivision(getGroupId()).getInfo().isLeader();
        } catch (IOException e) {
            return false;
        }
    }

    /// The only reliable sign of being deposed: a leader that lost its majority gets no
    /// `notifyLeaderChanged`.
    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        listener.leadershipLost();
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        if (!isClosing) {
            halt.halt("the metadata log failed: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
        if (!isClosing) {
            halt.halt(STOPPED, null);
        }
    }

    static Message message(byte[] batch) {
        var content = UnsafeByteOperations.unsafeWrap(batch);
        return () -> content;
    }
}
