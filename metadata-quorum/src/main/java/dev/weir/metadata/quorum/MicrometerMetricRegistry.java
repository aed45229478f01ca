// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;

import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// One of the library's registries. Meters are named `<application>.<component>.<name>`, for
/// example `ratis.log_worker.syncTime`, and tagged with the member they belong to. Where the
/// library puts a peer into a name, the bridge puts it into the tag `peer`.
///
/// **Threading:** any thread.
final class MicrometerMetricRegistry implements RatisMetricRegistry {

    /// `<nodeId>-<directoryId>_<name>`, for example of the time since a peer's last heartbeat.
    private static final Pattern OF_PEER =
            Pattern.compile("(\\d+-\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})_(.+)");

    private final MetricRegistryInfo info;
    private final MeterRegistry meters;
    private final Tags tags;
    private final Map<String, Timer> timers = new ConcurrentHashMap<>();
    private final Map<String, Gauge> gauges = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();

    MicrometerMetricRegistry(MetricRegistryInfo info, MeterRegistry meters) {
        this.info = info;
        this.meters = meters;
        this.tags = Tags.of("member", String.valueOf(info.getPrefix()));
    }

    @Override
    public Timekeeper timer(String name) {
        var timer =
                timers.computeIfAbsent(
                        name,
                        key -> Timer.builder(meterName(key)).tags(tagsOf(key)).register(meters));
        return () -> {
            var beganNs = System.nanoTime();
            return () -> {
                var elapsedNs = System.nanoTime() - beganNs;
                timer.record(elapsedNs, TimeUnit.NANOSECONDS);
                return elapsedNs;
            };
        };
    }

    /// The library's counters also go down, so a gauge shows them.
    @Override
    public LongCounter counter(String name) {
        var value = counters.computeIfAbsent(name, key -> new AtomicLong());
        gauges.computeIfAbsent(
                name,
                key ->
                        Gauge.builder(meterName(key), value, AtomicLong::doubleValue)
                                .tags(tagsOf(key))
                                .register(meters));
        return new LongCounter() {
            @Override
            public void inc(long n) {
                value.addAndGet(n);
            }

            @Override
            public void dec(long n) {
                value.addAndGet(-n);
            }

            @Override
            public long getCount() {
                return value.get();
            }
        };
    }

    @Override
    public <T> void gauge(String name, Supplier<Supplier<T>> supplier) {
        gauges.computeIfAbsent(
                name,
                key -> {
                    var value = supplier.get();
                    return Gauge.builder(meterName(key), () -> number(value.get()))
                            .tags(tagsOf(key))
                            .strongReference(true)
                            .register(meters);
                });
    }

    private static Number number(Object value) {
        if (value instanceof Number number) {
            return number;
        }
        return value instanceof Boolean isSet ? (isSet ? 1 : 0) : Double.NaN;
    }

    @Override
    public boolean remove(String name) {
        counters.remove(name);
        var hadTimer = removed(timers.remove(name));
        var hadGauge = removed(gauges.remove(name));
        return hadTimer || hadGauge;
    }

    private boolean removed(@Nullable Meter meter) {
        if (meter == null) {
            return false;
        }
        meters.remove(meter);
        return true;
    }

    @Override
    public MetricRegistryInfo getMetricRegistryInfo() {
        return info;
    }

    /// Removes every meter.
    void close() {
        List.copyOf(timers.keySet()).forEach(this::remove);
        List.copyOf(gauges.keySet()).forEach(this::remove);
    }

    private String meterName(String name) {
        var matcher = OF_PEER.matcher(name);
        return info.getApplicationName()
                + "."
                + info.getMetricsComponentName()
                + "."
                + (matcher.matches() ? matcher.group(2) : name);
    }

    private Tags tagsOf(String name) {
        var matcher = OF_PEER.matcher(name);
        return matcher.matches() ? tags.and("peer", matcher.group(1)) : tags;
    }
}
