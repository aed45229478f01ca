// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;

import dev.weir.api.v1.AdminServiceGrpc;
import dev.weir.api.v1.AppendRequest;
import dev.weir.api.v1.CreateTopicRequest;
import dev.weir.api.v1.FetchServiceGrpc;
import dev.weir.api.v1.NewRecord;
import dev.weir.api.v1.ProduceServiceGrpc;
import dev.weir.api.v1.ReadRequest;
import dev.weir.api.v1.RecordSet;
import dev.weir.api.v1.StartPosition;
import dev.weir.api.v1.TopicRef;
import dev.weir.log.sim.SimulatedDisk;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

class FullDiskTest {

    private static final TopicRef TOPIC = TopicRef.newBuilder().setName("fills").build();
    private static final int TRIES_MAX = 200;

    @Test
    void refusesWritesServesReadsAndTakesWritesAgainWhenThereIsRoom(@TempDir Path directory)
            throws Exception {
        var disk = new SimulatedDisk();
        try (var node = TestNode.startOn(disk, directory, Map.of())) {
            var channel = node.channel();
            AdminServiceGrpc.newBlockingStub(channel)
                    .createTopic(
                            CreateTopicRequest.newBuilder()
                                    .setName("fills")
                                    .setPartitions(1)
                                    .build());
            append(channel);
            disk.limitTo(0);

            int stored = 1;
            StatusRuntimeException refused = null;
            while (refused == null && stored < TRIES_MAX) {
                try {
                    append(channel);
                    stored++;
                } catch (StatusRuntimeException e) {
                    refused = e;
                }
            }

            assertThat(reason(refused)).isEqualTo("LOG_DIR_FULL");
            assertThat(highWatermark(channel)).isEqualTo(stored);
            disk.limitTo(Long.MAX_VALUE);
            assertThat(appendOnceThereIsRoom(channel)).isEqualTo(stored);
        }
    }

    /// The partition finds out at its next flush, which also proves that nothing of what it refused
    /// is in the log.
    private static long appendOnceThereIsRoom(ManagedChannel channel) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                return append(channel);
            } catch (StatusRuntimeException e) {
                assertThat(reason(e)).isEqualTo("LOG_DIR_FULL");
                assertThat(System.nanoTime() - deadlineNs).isNegative();
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static long append(ManagedChannel channel) {
        var record = NewRecord.newBuilder().setValue(ByteString.copyFrom(new byte[50_000]));
        return ProduceServiceGrpc.newBlockingStub(channel)
                .append(
                        AppendRequest.newBuilder()
                                .setTopic(TOPIC)
                                .setRecords(RecordSet.newBuilder().addRecords(record))
                                .build())
                .getReceipts(0)
                .getBaseOffset();
    }

    private static long highWatermark(ManagedChannel channel) {
        return FetchServiceGrpc.newBlockingStub(channel)
                .read(
                        ReadRequest.newBuilder()
                                .setTopic(TOPIC)
                                .setStart(StartPosition.newBuilder().setEarliest(true))
                                .build())
                .getHighWatermark();
    }

    private static String reason(StatusRuntimeException refused) throws Exception {
        assertThat(refused).isNotNull();
        return StatusProto.fromThrowable(refused).getDetails(0).unpack(ErrorInfo.class).getReason();
    }
}
