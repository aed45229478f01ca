// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The library's settings, each with the reason why its default will not do (ADR 0005).
final class RatisProperties {

    private static final int SNAPSHOTS_KEPT = 3;
    private static final int PREALLOCATED_BYTES = 1 << 20;

    private RatisProperties() {}

    static RaftProperties of(Path raftPath, QuorumConfig config, int port) {
        var properties = new RaftProperties();
        // The default directory is under /tmp.
        RaftServerConfigKeys.setStorageDir(properties, List.of(raftPath.toFile()));
        network(properties, config.listener().host(), port);
        var isAlone = config.voters().size() <= 1;
        elections(properties, config.tuning().electionTimeoutMs(), isAlone);
        log(properties, config.tuning().snapshots());
        snapshots(properties, config.tuning().snapshots());
        return properties;
    }

    private static void network(RaftProperties properties, String host, int port) {
        // Only the gRPC transport: the others advance a diverged follower's match index.
        RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(properties, host);
        GrpcConfigKeys.Server.setPort(properties, port);
        // Epoll would unpack a native library into /tmp, which may be mounted noexec.
        GrpcConfigKeys.setUseEpoll(properties, false);
    }

    private static void elections(RaftProperties properties, int timeoutMs, boolean isAlone) {
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, ms(timeoutMs));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, ms(2L * timeoutMs));
        // Alone there is nobody to wait for.
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, ms(isAlone ? 20 : 200));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, ms(isAlone ? 40 : 400));
        // How long a voter that is to be added may be silent.
        RaftServerConfigKeys.setStagingTimeout(properties, ms(3_000));
        // By default a leader that lost its majority does not stand again for 10 s.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, ms(2_000));
        // By default a pause of 60 s closes the server in a process that lives on.
        RaftServerConfigKeys.setCloseThreshold(properties, ms(300_000));
        RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, ms(10_000));
        RaftServerConfigKeys.Notification.setNoLeaderTimeout(properties, ms(10_000));
        // By default a peer that was away for 20 s is only tried every 5 s.
        RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, "1ms,10, 200ms,100000");
    }

    private static void log(RaftProperties properties, QuorumConfig.Snapshots snapshots) {
        // The largest entry; the write buffer must hold it with its frame.
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(
                properties, SizeInBytes.valueOf("1MB"));
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("2MB"));
        // Purging works by whole segments.
        var segmentBytes = snapshots.segmentBytes();
        RaftServerConfigKeys.Log.setPreallocatedSize(
                properties, SizeInBytes.valueOf(Math.min(segmentBytes, PREALLOCATED_BYTES)));
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(segmentBytes));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("16MB"));
        // By default one dead voter keeps the log growing for ever.
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, snapshots.keptEntries());
        // An entry more after a run of commits, which tells the followers at once what is
        // committed. Without it they hear of it with the next heartbeat: half an election timeout
        // later, for which a new leader of a partition would have to wait.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, true);
    }

    private static void snapshots(RaftProperties properties, QuorumConfig.Snapshots snapshots) {
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, snapshots.entries());
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, SNAPSHOTS_KEPT);
        // In chunks: the notification mode can loop in this version.
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, true);
    }

    private static TimeDuration ms(long ms) {
        return TimeDuration.valueOf(ms, TimeUnit.MILLISECONDS);
    }
}
