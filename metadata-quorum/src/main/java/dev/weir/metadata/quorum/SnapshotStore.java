// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.identity.AtomicFile;
import dev.weir.metadata.log.LogListener;

import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;

/// Snapshot files `sm/snapshot.<term>_<index>` with their `.md5` companions, as the library lays
/// them out, so that it can send them to a voter that lags behind.
///
/// **Threading:** the state machine's apply thread.
final class SnapshotStore {

    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();

    void init(RaftStorage raftStorage) throws IOException {
        storage.init(raftStorage);
    }

    SimpleStateMachineStorage storage() {
        return storage;
    }

    /// Gives the newest snapshot to `listener`.
    ///
    /// @return what it covers, inclusive; null if there is none
    /// @throws IOException it cannot be read or fails its checksum
    @Nullable TermIndex readLatest(LogListener listener) throws IOException {
        var latest = storage.loadLatestSnapshot();
        if (latest == null) {
            return null;
        }
        var file = latest.getFile().getPath();
        MD5FileUtil.verifySavedMD5(file.toFile(), MD5FileUtil.computeMd5ForFile(file.toFile()));
        try (var in = new BufferedInputStream(Files.newInputStream(file))) {
            listener.readSnapshot(in);
        }
        return latest.getTermIndex();
    }

    /// Has `listener` write a snapshot. Durable, name and checksum included, on return: what it
    /// covers may be purged from the log.
    ///
    /// @param covered the last applied entry
    void write(TermIndex covered, LogListener listener) throws IOException {
        var file = storage.getSnapshotFile(covered.getTerm(), covered.getIndex()).toPath();
        var temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (var file0 = new FileOutputStream(temporary.toFile());
                var out = new BufferedOutputStream(file0)) {
            listener.writeSnapshot(out);
            out.flush();
            file0.getFD().sync();
        }
        var md5 = MD5FileUtil.computeMd5ForFile(temporary.toFile());
        // The checksum first: a snapshot without one would be passed over, or believed unchecked.
        MD5FileUtil.saveMD5File(file.toFile(), md5);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        AtomicFile.syncParent(file);
        storage.updateLatestSnapshot(
                new SingleFileSnapshotInfo(
                        new FileInfo(file, md5), covered.getTerm(), covered.getIndex()));
    }
}
