// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.record.BatchCheck;
import dev.weir.record.BatchValidator;
import dev.weir.record.Compression;
import dev.weir.record.RecordBatch;
import dev.weir.record.RecordBatchBuilder;
import dev.weir.record.RecordLimits;
import dev.weir.record.RecordReader;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// What one 256 KiB batch costs the client that builds it, the node that checks it, and the reader
/// that decodes it, in microseconds.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class BatchBenchmark {

    private static final int BATCH_BYTES = 256 * 1024;

    /// Bytes of one record's value.
    @Param({"100", "1024"})
    public int valueBytes;

    /// Codec of the batch.
    @Param({"NONE", "LZ4"})
    public Compression compression;

    private byte[] value = new byte[0];
    private byte[] memory = new byte[0];
    private ByteBuffer batch = ByteBuffer.allocate(0);

    /// Half of each value repeats, so that codecs have something to do.
    @Setup
    public void fill() {
        value = new byte[valueBytes];
        new Random(1).nextBytes(value);
        System.arraycopy(value, 0, value, valueBytes / 2, valueBytes / 2);
        memory = new byte[BATCH_BYTES];
        batch = build();
    }

    /// Builds the batch, checksum included.
    @Benchmark
    public ByteBuffer build() {
        var builder = new RecordBatchBuilder(compression, BATCH_BYTES, memory.clone());
        while (builder.tryAppend(1_700_000_000_000L, (byte[]) null, value, List.of())) {
            // Until the batch is full.
        }
        return builder.build();
    }

    /// The leader's check before the append.
    @Benchmark
    public BatchCheck check() {
        return BatchValidator.checkForAppend(batch, 0, batch.limit(), BATCH_BYTES);
    }

    /// Every record as a reader sees it.
    @Benchmark
    public void decode(Blackhole hole) {
        var records = RecordReader.open(RecordBatch.at(batch, 0), RecordLimits.DEFAULT);
        while (records.hasNext()) {
            hole.consume(records.next());
        }
    }
}
