// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;

import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The library's metrics as Micrometer meters. The library finds this class by `ServiceLoader` and
/// keeps one instance for the whole JVM, so several nodes of one process are told apart by the
/// voter's name, which all of the library's registries begin with.
///
/// **Threading:** any thread.
public final class MicrometerMetricRegistries extends MetricRegistries {

    /// Where the meters of each voter go, by its name `<nodeId>-<directoryId>`.
    private static final Map<String, MeterRegistry> ROUTES = new ConcurrentHashMap<>();

    /// Takes the meters of voters that nobody routed: an empty composite drops them.
    private static final MeterRegistry NOWHERE = new CompositeMeterRegistry();

    private final Map<MetricRegistryInfo, Counted> registries = new HashMap<>();

    /// From now on meters of the voter `peerId` go to `meters`.
    static void route(String peerId, MeterRegistry meters) {
        ROUTES.put(peerId, meters);
    }

    /// Ends [#route]. Meters that exist stay until the library removes them.
    static void unroute(String peerId) {
        ROUTES.remove(peerId);
    }

    @Override
    public synchronized RatisMetricRegistry create(MetricRegistryInfo info) {
        var counted =
                registries.computeIfAbsent(
                        info,
                        key ->
                                new Counted(
                                        new MicrometerMetricRegistry(
                                                key, metersOf(key.getPrefix()))));
        counted.users++;
        return counted.registry;
    }

    @Override
    public synchronized boolean remove(MetricRegistryInfo info) {
        var counted = registries.get(info);
        if (counted == null || --counted.users > 0) {
            return false;
        }
        registries.remove(info);
        counted.registry.close();
        return true;
    }

    @Override
    public synchronized void clear() {
        registries.values().forEach(counted -> counted.registry.close());
        registries.clear();
    }

    @Override
    public synchronized Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
        return Optional.ofNullable(registries.get(info)).map(counted -> counted.registry);
    }

    @Override
    public synchronized Set<MetricRegistryInfo> getMetricRegistryInfos() {
        return Set.copyOf(registries.keySet());
    }

    @Override
    public synchronized Collection<RatisMetricRegistry> getMetricRegistries() {
        List<RatisMetricRegistry> all = new ArrayList<>();
        registries.values().forEach(counted -> all.add(counted.registry));
        return all;
    }

    @Override
    public void addReporterRegistration(
            Consumer<RatisMetricRegistry> start, Consumer<RatisMetricRegistry> stop) {
        // The meters are read where Micrometer publishes them.
    }

    @Override
    public void enableJmxReporter() {
        // As above.
    }

    @Override
    public void enableConsoleReporter(TimeDuration rate) {
        // As above.
    }

    private static MeterRegistry metersOf(@Nullable String prefix) {
        if (prefix != null) {
            for (var route : ROUTES.entrySet()) {
                if (prefix.startsWith(route.getKey())) {
                    return route.getValue();
                }
            }
        }
        return NOWHERE;
    }

    private static final class Counted {

        private final MicrometerMetricRegistry registry;
        private int users;

        private Counted(MicrometerMetricRegistry registry) {
            this.registry = registry;
        }
    }
}
