// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.rpc;

import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.FetchServiceGrpc.FetchServiceStub;
import dev.weir.broker.partition.Partition;
import dev.weir.broker.storage.PartitionRegistry;
import dev.weir.log.PartitionId;

import io.grpc.Context;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/// One question to whoever leads a partition, here or on another node, asked again through changes
/// of leader. Reading changes nothing, so it may be asked any number of times.
///
/// **Threading:** one attempt at a time, continued by whoever brings its outcome.
///
/// @param <A> the answer
final class LeaderCall<A> {

    /// The question, in the two ways it can be asked.
    interface Question<A> {

        /// Asks a replica here, and answers the caller.
        ///
        /// @param attempt told instead when it is refused
        /// @throws ApiException what is wrong with the question
        void here(Partition replica, LeaderCall<A> attempt);

        /// Asks another node.
        void there(FetchServiceStub leader, StreamObserver<A> answer);

        /// Answers the caller with what another node said.
        void answered(A answer);

        /// There is no answer.
        void refused(ApiError error);
    }

    private final Forwarding forwarding;
    private final PartitionRegistry partitions;
    private final Principal principal;
    private final PartitionErrors errors;
    private final PartitionId partition;
    private final Question<A> question;
    private final long sinceMs = StreamTimers.nowMs();
    private final long deadlineMs;
    private final Context.CancellableContext remote = Context.ROOT.withCancellation();
    private final LeaderBackoff backoff = new LeaderBackoff();
    private int epochMin = -1;
    private @Nullable ApiError last;
    private volatile boolean isCancelled;

    /// What is asked about, and for how long.
    ///
    /// @param errors words refusals
    /// @param deadlineMs monotonic
    record Subject(
            Principal principal, PartitionId partition, PartitionErrors errors, long deadlineMs) {}

    LeaderCall(
            Forwarding forwarding,
            PartitionRegistry partitions,
            Subject subject,
            Question<A> question) {
        this.forwarding = forwarding;
        this.partitions = partitions;
        this.principal = subject.principal;
        this.partition = subject.partition;
        this.errors = subject.errors;
        this.deadlineMs = subject.deadlineMs;
        this.question = question;
    }

    /// Asks.
    ///
    /// @throws ApiException what is wrong with the question
    void attempt() {
        if (isCancelled) {
            return;
        }
        switch (forwarding.leader(partition)) {
            case Leadership.Gone _ -> question.refused(TopicRefs.unknownId(partition.topicId()));
            case Leadership.Led(int nodeId, int epoch) when epoch >= epochMin -> ask(nodeId);
            case Leadership.Led _, Leadership.Nobody _ -> later(Forwarding.POLL_MS);
        }
    }

    /// A replica here, or another node, refused.
    void refused(ApiError error) {
        last = error;
        if (AwayFetches.isOfTheLeader(error)) {
            epochMin = Math.max(epochMin, AwayErrors.epoch(error));
            laterAgain();
        } else {
            question.refused(error);
        }
    }

    /// The caller went away.
    void cancel() {
        isCancelled = true;
        remote.cancel(null);
    }

    private void ask(int nodeId) {
        if (nodeId == forwarding.nodeId()) {
            var replica = partitions.find(partition);
            if (replica.isPresent()) {
                question.here(replica.get(), this);
            } else {
                laterAgain();
            }
            return;
        }
        var channel = forwarding.peers().to(nodeId);
        if (channel.isEmpty()) {
            laterAgain();
            return;
        }
        var stub =
                FetchServiceGrpc.newStub(channel.get())
                        .withInterceptors(ForwardHeaders.marking(principal))
                        .withDeadlineAfter(
                                Math.max(1, deadlineMs - StreamTimers.nowMs()),
                                TimeUnit.MILLISECONDS);
        // Whoever's call this thread happens to serve must not end this one with it.
        remote.run(() -> question.there(stub, new Remote()));
    }

    private void laterAgain() {
        later(backoff.nextMs());
    }

    private void later(long ms) {
        long nowMs = StreamTimers.nowMs();
        if (nowMs >= deadlineMs || nowMs - sinceMs >= Forwarding.LEADER_WAIT_MS) {
            var error = last;
            question.refused(error == null ? errors.noLeader() : error);
            return;
        }
        var _ = forwarding.timers().after(ms, this::retry);
    }

    private void retry() {
        try {
            attempt();
        } catch (ApiException e) {
            question.refused(e.error());
        }
    }

    private final class Remote implements StreamObserver<A> {

        @Override
        public void onNext(A answer) {
            if (!isCancelled) {
                question.answered(answer);
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (isCancelled) {
                return;
            }
            var status = StatusProto.fromThrowable(failure);
            if (status != null && status.getDetailsCount() > 0) {
                refused(ErrorMapping.toError(status));
            } else {
                laterAgain();
            }
        }

        @Override
        public void onCompleted() {
            // The answer came before.
        }
    }
}
