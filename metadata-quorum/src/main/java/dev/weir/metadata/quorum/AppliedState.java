// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.controller.ControllerLoop;
import dev.weir.metadata.history.FileHistory;
import dev.weir.metadata.image.ApplyResult;
import dev.weir.metadata.image.ImageSnapshotCodec;
import dev.weir.metadata.log.LogListener;
import dev.weir.metadata.record.MetadataBatchCodec;
import dev.weir.metadata.watch.ImagePublisher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// What committed batches become: the next image, a line of history, news for the controller.
///
/// **Order** of one entry: history, then image, then controller. So a caller whose command is
/// answered finds its effect in the image, and an image that was shown can be asked for again.
///
/// **Threading:** the log's apply thread, except [#leadershipLost].
final class AppliedState implements LogListener {

    private final FileHistory history;
    private final ImagePublisher publisher;
    private final ControllerLoop controller;

    AppliedState(FileHistory history, ImagePublisher publisher, ControllerLoop controller) {
        this.history = history;
        this.publisher = publisher;
        this.controller = controller;
    }

    @Override
    public Verdict apply(long index, long term, byte[] bytes) {
        var batch = MetadataBatchCodec.decode(bytes);
        var result = publisher.image().apply(batch, term, index);
        var verdict =
                switch (result) {
                    case ApplyResult.Applied applied -> {
                        history.append(index, term, bytes, applied.image());
                        publisher.publish(applied.image(), applied.delta());
                        yield Verdict.APPLIED;
                    }
                    case ApplyResult.Skipped _ -> Verdict.SKIPPED;
                };
        controller.applied(term, index, batch, result);
        return verdict;
    }

    /// The history first: once the snapshot is durable, the log that could replay it is purged.
    @Override
    public void writeSnapshot(OutputStream out) throws IOException {
        history.flush();
        ImageSnapshotCodec.write(publisher.image(), out);
    }

    @Override
    public void readSnapshot(InputStream in) throws IOException {
        var image = ImageSnapshotCodec.read(in);
        history.resume(image);
        publisher.publish(image);
    }

    @Override
    public void leaderReady(long term) {
        controller.leaderReady(term, publisher.image());
    }

    @Override
    public void leadershipLost() {
        controller.leadershipLost();
    }
}
