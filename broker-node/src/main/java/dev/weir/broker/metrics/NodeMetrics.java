// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/// The node's meters. Gauges read what they show when they are asked; nothing is per partition.
///
/// **Threading:** any thread; counting never blocks.
public final class NodeMetrics implements RequestMeters, LinkMeters, AutoCloseable {

    private static final Duration[] FLUSH_BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofMillis(1),
        Duration.ofMillis(3),
        Duration.ofMillis(10),
        Duration.ofMillis(30),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3)
    };

    private static final List<String> STREAM_APIS = List.of("produce", "fetch", "watch");

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final Counter produceRequests = counter(NodeMetric.PRODUCE_REQUESTS);
    private final Counter produceBytes = counter(NodeMetric.PRODUCE_BYTES);
    private final Counter produceRecords = counter(NodeMetric.PRODUCE_RECORDS);
    private final Counter budgetWaits = counter(NodeMetric.PRODUCE_BUDGET_WAITS);
    private final Counter fetchResponses = counter(NodeMetric.FETCH_RESPONSES);
    private final Counter fetchBytes = counter(NodeMetric.FETCH_BYTES);
    private final Counter replicationSent = counter(NodeMetric.REPLICATION_SENT);
    private final Counter replicationReceived = counter(NodeMetric.REPLICATION_RECEIVED);
    private final Counter replicationBreaks = counter(NodeMetric.REPLICATION_BREAKS);
    private final AtomicInteger replicationLinks = new AtomicInteger();
    private final Counter connectionRefusals = counter(NodeMetric.CONNECTION_REFUSALS);
    private final Timer flushes =
            Timer.builder(NodeMetric.FLUSHES.meterName())
                    .description(NodeMetric.FLUSHES.description())
                    .serviceLevelObjectives(FLUSH_BUCKETS)
                    .register(registry);
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger nodeConnections = new AtomicInteger();
    private final Map<String, AtomicInteger> streams = new ConcurrentHashMap<>();
    private final Map<String, Counter> refusals = new ConcurrentHashMap<>();

    /// Meters of this process: its own, and the JVM's.
    public NodeMetrics() {
        gauge(NodeMetric.CONNECTIONS, connections::get);
        gauge(NodeMetric.NODE_CONNECTIONS, nodeConnections::get);
        gauge(NodeMetric.REPLICATION_LINKS, replicationLinks::get);
        for (var api : STREAM_APIS) {
            var open = new AtomicInteger();
            streams.put(api, open);
            Gauge.builder(NodeMetric.STREAMS.meterName(), open::get)
                    .description(NodeMetric.STREAMS.description())
                    .tag("api", api)
                    .register(registry);
        }
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    /// Where libraries put theirs.
    public MeterRegistry registry() {
        return registry;
    }

    /// Shows a value that someone else keeps.
    ///
    /// @param value read at each scrape, on the scraping thread; must not block
    public void gauge(NodeMetric metric, DoubleSupplier value) {
        Gauge.builder(metric.meterName(), value::getAsDouble)
                .description(metric.description())
                .register(registry);
    }

    /// Shows a number that only rises and that someone else counts.
    ///
    /// @param value read at each scrape, on the scraping thread; must not block
    public void count(NodeMetric metric, LongSupplier value) {
        FunctionCounter.builder(metric.meterName(), value, v -> (double) v.getAsLong())
                .description(metric.description())
                .register(registry);
    }

    /// All meters in Prometheus' text format.
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void produceReceived(long bytes) {
        produceRequests.increment();
        produceBytes.increment((double) bytes);
    }

    @Override
    public void produced(long records) {
        produceRecords.increment((double) records);
    }

    @Override
    public void budgetWait() {
        budgetWaits.increment();
    }

    @Override
    public void fetched(long bytes) {
        fetchResponses.increment();
        fetchBytes.increment((double) bytes);
    }

    @Override
    public void refused(String api, String reason) {
        refusals.computeIfAbsent(
                        api + "/" + reason,
                        _ ->
                                Counter.builder(NodeMetric.REFUSALS.meterName())
                                        .description(NodeMetric.REFUSALS.description())
                                        .tag("api", api)
                                        .tag("reason", reason)
                                        .register(registry))
                .increment();
    }

    @Override
    public void streams(String api, int change) {
        var open = streams.get(api);
        if (open == null) {
            throw new IllegalArgumentException("unknown stream api " + api);
        }
        open.addAndGet(change);
    }

    @Override
    public void pushed(long bytes) {
        replicationSent.increment((double) bytes);
    }

    @Override
    public void received(long bytes) {
        replicationReceived.increment((double) bytes);
    }

    @Override
    public void links(int change) {
        replicationLinks.addAndGet(change);
    }

    @Override
    public void linkBroken() {
        replicationBreaks.increment();
    }

    /// A client connection opened or closed.
    ///
    /// @return connections open now
    public int connections(int change) {
        return connections.addAndGet(change);
    }

    /// A connection of another node opened or closed.
    ///
    /// @return connections open now
    public int nodeConnections(int change) {
        return nodeConnections.addAndGet(change);
    }

    /// A flush of one log ended.
    ///
    /// @param tookNs nanoseconds
    public void flushed(long tookNs) {
        flushes.record(tookNs, TimeUnit.NANOSECONDS);
    }

    /// A connection was closed because there were too many.
    public void connectionRefused() {
        connectionRefusals.increment();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    private Counter counter(NodeMetric metric) {
        return Counter.builder(metric.meterName())
                .description(metric.description())
                .register(registry);
    }
}
