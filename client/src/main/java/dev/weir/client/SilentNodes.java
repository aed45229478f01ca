// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.api.v1.GetServerInfoRequest;
import dev.weir.api.v1.GetServerInfoResponse;
import dev.weir.api.v1.MetadataServiceGrpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;

import java.util.Collection;
import java.util.concurrent.TimeUnit;

/// Asks the nodes that a reader hears nothing of whether they are still there: a reader sends
/// nothing by itself, so nothing else would tell within a second that a host is out of reach.
///
/// The reader's own, but for the answers, which come on a network thread.
final class SilentNodes {

    /// How often a reader has to look while nothing comes.
    static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /// For an answer; and [Nodes#suspect] takes as long again to be sure.
    private static final long ANSWER_MS = 250;

    private final Nodes nodes;

    SilentNodes(Nodes nodes) {
        this.nodes = nodes;
    }

    /// Asks where that is due: at most one question a node is open.
    void look(Collection<FetchCall> calls, long nowNs) {
        for (var call : calls) {
            if (nowNs - call.heardAtNs() > SILENCE_NS && call.beginQuestion()) {
                ask(call);
            }
        }
    }

    private void ask(FetchCall call) {
        MetadataServiceGrpc.newStub(nodes.channel(call.node()))
                .withDeadlineAfter(ANSWER_MS, TimeUnit.MILLISECONDS)
                .getServerInfo(
                        GetServerInfoRequest.getDefaultInstance(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(GetServerInfoResponse response) {
                                // That something came is all there is to know.
                            }

                            @Override
                            public void onError(Throwable failure) {
                                if (Status.fromThrowable(failure).getCode()
                                        == Status.Code.DEADLINE_EXCEEDED) {
                                    nodes.suspect(call.node());
                                }
                                call.endQuestion();
                            }

                            @Override
                            public void onCompleted() {
                                call.endQuestion();
                            }
                        });
    }
}
