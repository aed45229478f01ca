// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

/// Every meter that the node itself registers. `docs/metrics.md` is written from this list, and a
/// test holds page and registry to it. The names of the JVM's and of Ratis' meters are theirs.
public enum NodeMetric {
    PRODUCE_REQUESTS(
            "weir_produce_requests_total",
            "counter",
            "Produce requests that came, on streams and as calls."),
    PRODUCE_BYTES("weir_produce_received_bytes_total", "counter", "Size of those requests."),
    PRODUCE_RECORDS(
            "weir_produce_records_total",
            "counter",
            "Records that were stored and acknowledged, duplicates included."),
    PRODUCE_BUDGET_WAITS(
            "weir_produce_budget_waits_total",
            "counter",
            "Requests that waited for memory because `in.flight.memory.percent` was reached."),
    PRODUCE_BUDGET_USED(
            "weir_produce_budget_used_bytes",
            "gauge",
            "Bytes of clients' requests that are held now, those that wait for room not counted."),
    FORWARDED_BUDGET_USED(
            "weir_produce_forwarded_budget_used_bytes",
            "gauge",
            "Bytes of requests of other nodes, for their clients, that are held now."),
    FETCH_RESPONSES(
            "weir_fetch_responses_total",
            "counter",
            "Answers with batches, on streams and as calls."),
    FETCH_BYTES("weir_fetch_sent_bytes_total", "counter", "Size of those batches."),
    REFUSALS(
            "weir_request_refusals_total",
            "counter",
            "Refused requests and calls, by `api` and `reason` (`docs/errors.md`)."),
    STREAMS("weir_stream_open_streams", "gauge", "Open streams, by `api`."),
    CONNECTIONS("weir_connection_open_connections", "gauge", "Open client connections."),
    NODE_CONNECTIONS(
            "weir_connection_open_node_connections",
            "gauge",
            "Open connections of other nodes, those of this node to itself included."),
    CONNECTION_REFUSALS(
            "weir_connection_refusals_total",
            "counter",
            "Client connections closed at once because `connections.max` was reached."),
    REPLICATION_SENT(
            "weir_replication_sent_bytes_total",
            "counter",
            "Size of the batches that went to followers."),
    REPLICATION_RECEIVED(
            "weir_replication_received_bytes_total",
            "counter",
            "Size of the batches that came from leaders."),
    REPLICATION_LINKS(
            "weir_replication_open_links",
            "gauge",
            "Replication streams with other nodes, in both directions: two lanes a pair and"
                    + " direction."),
    REPLICATION_BREAKS(
            "weir_replication_broken_links_total",
            "counter",
            "Replication streams that ended; each is opened again when a partition needs it."),
    REPLICATION_BUDGET_USED(
            "weir_replication_budget_used_bytes",
            "gauge",
            "Bytes of batches from leaders that are held now."),
    FLUSHES(
            "weir_flush_duration_seconds",
            "histogram",
            "How long a flush of one log took; its count is the number of flushes."),
    FLUSH_OLDEST(
            "weir_flush_oldest_seconds", "gauge", "Age of the oldest flush that has not ended."),
    PARTITIONS(
            "weir_partition_count_partitions", "gauge", "Partitions that this node has a copy of."),
    PARTITIONS_LEADING(
            "weir_partition_leading_partitions", "gauge", "Partitions that this node leads."),
    PARTITIONS_OFFLINE(
            "weir_partition_offline_partitions", "gauge", "Partitions here that take no calls."),
    PARTITION_COMMITTED_CUTS(
            "weir_partition_committed_cuts_total",
            "counter",
            "Times that a copy here gave up records that it knew to be committed: only an ordered"
                    + " unclean election may do that."),
    DIRECTORY_FAILED(
            "weir_storage_failed_directories",
            "gauge",
            "Data directories that failed and take no more records."),
    METADATA_OFFSET("weir_metadata_image_offset", "gauge", "Metadata offset of the node's image."),
    METADATA_FOLLOWED(
            "weir_metadata_followed_offset",
            "gauge",
            "Metadata offset that the node's partitions follow."),
    QUORUM_TERM("weir_quorum_current_term", "gauge", "Raft term of the metadata quorum."),
    QUORUM_COMMITTED(
            "weir_quorum_committed_index", "gauge", "Last committed index of the metadata log."),
    QUORUM_APPLIED("weir_quorum_applied_index", "gauge", "Last applied index of the metadata log."),
    CONTROLLER_ACTIVE(
            "weir_controller_active_controllers",
            "gauge",
            "1 where this node is the active controller, else 0."),
    NODE_READY("weir_node_ready_nodes", "gauge", "1 while the node serves, else 0.");

    private final String prometheusName;
    private final String kind;
    private final String description;

    NodeMetric(String prometheusName, String kind, String description) {
        this.prometheusName = prometheusName;
        this.kind = kind;
        this.description = description;
    }

    /// The name as `/metrics` shows it: `weir_<area>_<thing>_<unit>`, counters with `_total`.
    public String prometheusName() {
        return prometheusName;
    }

    /// `counter`, `gauge` or `histogram`.
    public String kind() {
        return kind;
    }

    /// What is counted, in Markdown.
    public String description() {
        return description;
    }

    /// The name without the suffix that the registry adds to its kind.
    String meterName() {
        return switch (kind) {
            case "counter" -> without("_total");
            case "histogram" -> without("_seconds");
            default -> prometheusName;
        };
    }

    private String without(String suffix) {
        return prometheusName.substring(0, prometheusName.length() - suffix.length());
    }
}
