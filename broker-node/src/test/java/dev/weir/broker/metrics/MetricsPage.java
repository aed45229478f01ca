// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

/// `docs/metrics.md`, written from [NodeMetric].
final class MetricsPage {

    private MetricsPage() {}

    static String text() {
        var page = new StringBuilder();
        page.append(
                """
                # Metrics

                Generated from the code (`NodeMetric`); a test compares page and registry. With `metrics.address` set, a node
                serves `GET /metrics` in Prometheus' text format and `GET /health` (200 while it serves, else 503) over HTTP,
                without authentication: keep the address on loopback or on a private network.

                Names are `weir_<area>_<thing>_<unit>`. No meter is per topic, partition or client, so their number does not grow
                with use. The JVM's meters (`jvm_*`, `process_*`, `system_*`) and Ratis' (`ratis_*`) are there too, under their
                own names.

                | name | kind | what it shows |
                |---|---|---|
                """);
        for (var metric : NodeMetric.values()) {
            page.append(
                    "| `%s` | %s | %s |\n"
                            .formatted(
                                    metric.prometheusName(), metric.kind(), metric.description()));
        }
        return page.toString();
    }
}
