// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// One key of the configuration file that holds for the life of the process.
///
/// The file may also set defaults for the dynamic keys (those of topics); they are listed with the
/// metadata, because the controller checks them.
///
/// @param <T> what a value is read to
/// @param name as in the file
/// @param type how a value is read, and its range
/// @param unit `bytes`, `ms`, ...; empty where there is none
/// @param defaultText the value when the file has none; null for none
/// @param need whether the file must have it
/// @param doc what it does, for people; Markdown
public record BrokerConfigKey<T>(
        String name,
        ConfigType<T> type,
        String unit,
        @Nullable String defaultText,
        Need need,
        String doc) {

    /// Whether the file must have the key.
    public enum Need {
        /// The node does not start without it.
        REQUIRED,
        /// There is a default, or nothing happens without it.
        OPTIONAL
    }

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final long DAY_MS = 24 * 60 * 60 * 1000L;
    private static final List<BrokerConfigKey<?>> ALL = new ArrayList<>();

    public static final BrokerConfigKey<UUID> CLUSTER_ID =
            optional(
                    "cluster.id",
                    ConfigType.uuid(),
                    "",
                    null,
                    "The cluster that the node belongs to: what its directories say when it is not"
                            + " set. A directory of another cluster is refused.");
    public static final BrokerConfigKey<Integer> NODE_ID =
            required(
                    "node.id",
                    ConfigType.integer(1, Integer.MAX_VALUE),
                    "The node's number, unique in the cluster. A data directory of another node is"
                            + " refused.");
    public static final BrokerConfigKey<Path> DATA_DIR =
            required(
                    "data.dir",
                    ConfigType.directory(),
                    "Where partitions are stored. Relative to the directory of the configuration"
                            + " file.");
    public static final BrokerConfigKey<Path> METADATA_DIR =
            optional(
                    "metadata.dir",
                    ConfigType.directory(),
                    "",
                    null,
                    "Where the metadata log and its snapshots are stored. `metadata` in `data.dir`"
                            + " when it is not set.");
    public static final BrokerConfigKey<HostPort> LISTEN_ADDRESS =
            optional(
                    "listen.address",
                    ConfigType.address(),
                    "",
                    "127.0.0.1:9400",
                    "Where clients are served.");
    public static final BrokerConfigKey<HostPort> ADVERTISED_ADDRESS =
            optional(
                    "advertised.address",
                    ConfigType.address(),
                    "",
                    null,
                    "The address that clients are told. `listen.address` when it is not set.");
    public static final BrokerConfigKey<HostPort> INTERNAL_LISTEN_ADDRESS =
            optional(
                    "internal.listen.address",
                    ConfigType.address(),
                    "",
                    "127.0.0.1:9402",
                    "Where other nodes are served: replication, heartbeats, forwarded calls. Not"
                            + " for clients.");
    public static final BrokerConfigKey<HostPort> INTERNAL_ADVERTISED_ADDRESS =
            optional(
                    "internal.advertised.address",
                    ConfigType.address(),
                    "",
                    null,
                    "The address that other nodes are told. `internal.listen.address` when it is"
                            + " not set.");
    public static final BrokerConfigKey<HostPort> QUORUM_LISTEN_ADDRESS =
            optional(
                    "quorum.listen.address",
                    ConfigType.address(),
                    "",
                    "127.0.0.1:9401",
                    "Where the metadata quorum's members talk to this one.");
    public static final BrokerConfigKey<HostPort> QUORUM_ADVERTISED_ADDRESS =
            optional(
                    "quorum.advertised.address",
                    ConfigType.address(),
                    "",
                    null,
                    "The address that the other members are told. `quorum.listen.address` when it"
                            + " is not set.");
    public static final BrokerConfigKey<List<Voter>> QUORUM_VOTERS =
            optional(
                    "quorum.voters",
                    ConfigType.voters(),
                    "",
                    null,
                    "The members of the metadata quorum, the same on every node. `weir format`"
                            + " prints a node's entry; the directory id may be left out for a sole"
                            + " voter. Read at a node's first start: later `weir cluster"
                            + " add-voter` and `remove-voter` change them. A node that is not"
                            + " among them waits to be added.");
    public static final BrokerConfigKey<List<HostPort>> CLUSTER_BOOTSTRAP =
            optional(
                    "cluster.bootstrap",
                    ConfigType.addresses(),
                    "",
                    null,
                    "Internal addresses of some voters. A node that has them, and no entry in"
                            + " `quorum.voters`, is a broker outside of the quorum: it begins with"
                            + " these, and gets the metadata from whichever voter answers.");
    public static final BrokerConfigKey<HostPort> METRICS_ADDRESS =
            optional(
                    "metrics.address",
                    ConfigType.address(),
                    "",
                    null,
                    "Where `/metrics` is served over HTTP, in Prometheus' text format. Not served"
                            + " when it is not set.");
    public static final BrokerConfigKey<Boolean> INSECURE_LISTENERS =
            optional(
                    "insecure.listeners",
                    ConfigType.bool(),
                    "",
                    "false",
                    "Allows listeners that are not on loopback, although there is neither TLS nor"
                            + " authentication yet: whoever reaches the port may do everything.");
    public static final BrokerConfigKey<Long> METADATA_HISTORY_MS =
            optional(
                    "metadata.history.ms",
                    ConfigType.longInteger(1, Long.MAX_VALUE),
                    "ms",
                    String.valueOf(DAY_MS),
                    "How far back `cluster metadata --at` can look.");
    public static final BrokerConfigKey<Long> METADATA_HISTORY_BYTES =
            optional(
                    "metadata.history.bytes",
                    ConfigType.longInteger(MIB, Long.MAX_VALUE),
                    "bytes",
                    String.valueOf(256L * MIB),
                    "Upper bound of what that history takes on disk; the oldest goes first.");
    public static final BrokerConfigKey<Long> QUORUM_ELECTION_TIMEOUT_MS =
            optional(
                    "quorum.election.timeout.ms",
                    ConfigType.longInteger(50, 60_000),
                    "ms",
                    "800",
                    "Shortest silence of its leader after which a voter asks for votes; the"
                            + " longest is twice this. A leader whose process ended is followed at"
                            + " once, whatever this says.");
    public static final BrokerConfigKey<Long> BROKER_HEARTBEAT_INTERVAL_MS =
            optional(
                    "broker.heartbeat.interval.ms",
                    ConfigType.longInteger(10, 60_000),
                    "ms",
                    "300",
                    "How often the node tells the controller that it is alive.");
    public static final BrokerConfigKey<Long> BROKER_SESSION_TIMEOUT_MS =
            optional(
                    "broker.session.timeout.ms",
                    ConfigType.longInteger(100, 600_000),
                    "ms",
                    "2000",
                    "Silence after which the controller fences the node; above the heartbeat"
                            + " interval.");
    public static final BrokerConfigKey<Long> REPLICA_LAG_TIME_MAX_MS =
            optional(
                    "replica.lag.time.max.ms",
                    ConfigType.longInteger(100, 3_600_000),
                    "ms",
                    "10000",
                    "How long a follower may be behind before its leader takes it out of the ISR.");
    public static final BrokerConfigKey<Integer> BATCH_MAX_BYTES =
            optional(
                    "batch.max.bytes",
                    ConfigType.integer(KIB, MIB - 4 * KIB),
                    "bytes",
                    String.valueOf(MIB - 4 * KIB),
                    "Largest record batch, all of its bytes.");
    public static final BrokerConfigKey<Integer> MESSAGE_MAX_BYTES =
            optional(
                    "message.max.bytes",
                    ConfigType.integer(64 * KIB, 4 * MIB),
                    "bytes",
                    String.valueOf(4 * MIB),
                    "Largest gRPC message, before and after its decompression.");
    public static final BrokerConfigKey<Integer> CONNECTIONS_MAX =
            optional(
                    "connections.max",
                    ConfigType.integer(1, 1_000_000),
                    "",
                    "10000",
                    "Client connections at a time; more are closed at once.");
    public static final BrokerConfigKey<Integer> CONNECTION_CALLS_MAX =
            optional(
                    "connection.calls.max",
                    ConfigType.integer(1, 100_000),
                    "",
                    "256",
                    "Unfinished calls at a time on one connection.");
    public static final BrokerConfigKey<Long> STREAM_IDLE_MS =
            optional(
                    "stream.idle.ms",
                    ConfigType.longInteger(100, DAY_MS),
                    "ms",
                    "600000",
                    "A stream on which nothing happens for so long, and on which nothing is owed,"
                            + " ends with `IDLE_STREAM`.");
    public static final BrokerConfigKey<Integer> STREAM_SUBSCRIPTIONS_MAX =
            optional(
                    "stream.subscriptions.max",
                    ConfigType.integer(1, 100_000),
                    "",
                    "10000",
                    "Subscriptions at a time on one fetch stream.");
    public static final BrokerConfigKey<Integer> REQUEST_PARTITIONS_MAX =
            optional(
                    "request.partitions.max",
                    ConfigType.integer(1, 100_000),
                    "",
                    "10000",
                    "Partitions that one request may create or name.");
    public static final BrokerConfigKey<Integer> IN_FLIGHT_MEMORY_PERCENT =
            optional(
                    "in.flight.memory.percent",
                    ConfigType.integer(1, 50),
                    "%",
                    "30",
                    "Share of the heap that bytes in flight may take, those that wait for room"
                            + " included: a third for requests of clients, a third for those that"
                            + " other nodes forward, a third for batches from leaders. Beyond it"
                            + " streams are not read.");
    public static final BrokerConfigKey<Long> PRODUCE_CREDIT_BYTES =
            optional(
                    "produce.credit.bytes",
                    ConfigType.longInteger(64 * KIB, 256L * MIB),
                    "bytes",
                    String.valueOf(4 * MIB),
                    "What a produce stream may send before its first answer.");
    public static final BrokerConfigKey<Long> FETCH_CREDIT_MAX_BYTES =
            optional(
                    "fetch.credit.max.bytes",
                    ConfigType.longInteger(64 * KIB, 1024L * MIB),
                    "bytes",
                    String.valueOf(64 * MIB),
                    "Upper bound of a fetch stream's outstanding credit.");
    public static final BrokerConfigKey<Integer> READ_MAX_BYTES =
            optional(
                    "read.max.bytes",
                    ConfigType.integer(KIB, 3 * MIB),
                    "bytes",
                    String.valueOf(MIB),
                    "Largest answer of a unary read; larger wishes are cut to it.");
    public static final BrokerConfigKey<Integer> WORKER_THREADS =
            optional(
                    "worker.threads",
                    ConfigType.integer(0, 1024),
                    "",
                    "0",
                    "Threads of each kind: event loops, those that serve partitions when event"
                            + " loops do not, those that encode records, those that recover logs; 0"
                            + " is one a core.");
    public static final BrokerConfigKey<Integer> FLUSH_THREADS =
            optional(
                    "flush.threads",
                    ConfigType.integer(1, 256),
                    "",
                    "4",
                    "Flushes of different files that run at a time.");
    public static final BrokerConfigKey<Long> SHUTDOWN_DRAIN_MS =
            optional(
                    "shutdown.drain.ms",
                    ConfigType.longInteger(0, 600_000),
                    "ms",
                    "10000",
                    "How long a stopping node waits for others to take its leaderships over, and"
                            + " then, once more, for the acknowledgements it owes.");
    public static final BrokerConfigKey<LogLevel> LOG_LEVEL =
            optional(
                    "log.level",
                    ConfigType.choice(LogLevel.class),
                    "",
                    "info",
                    "How much the node logs to its standard error.");
    public static final BrokerConfigKey<Map<String, LogLevel>> LOG_LEVELS =
            optional(
                    "log.levels",
                    ConfigType.levels(),
                    "",
                    "",
                    "Levels of single loggers, for example `dev.weir.broker=debug`.");
    public static final BrokerConfigKey<LogFormat> LOG_FORMAT =
            optional(
                    "log.format",
                    ConfigType.choice(LogFormat.class),
                    "",
                    "text",
                    "A line for people, or a JSON object a line. Control characters are escaped in"
                            + " both.");

    /// Every static key, in the order of the documentation.
    public static List<BrokerConfigKey<?>> all() {
        return List.copyOf(ALL);
    }

    /// The key of that name.
    public static Optional<BrokerConfigKey<?>> named(String name) {
        for (var key : ALL) {
            if (key.name().equals(name)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    private static <T> BrokerConfigKey<T> required(String name, ConfigType<T> type, String doc) {
        return add(new BrokerConfigKey<>(name, type, "", null, Need.REQUIRED, doc));
    }

    private static <T> BrokerConfigKey<T> optional(
            String name,
            ConfigType<T> type,
            String unit,
            @Nullable String defaultText,
            String doc) {
        return add(new BrokerConfigKey<>(name, type, unit, defaultText, Need.OPTIONAL, doc));
    }

    private static <T> BrokerConfigKey<T> add(BrokerConfigKey<T> key) {
        ALL.add(key);
        return key;
    }
}
