// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.image.ClusterImage;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class ImageFeedTest {

    @Test
    void anErrorOfTheProcessIsToldAsAFailureIs() {
        var told = new CompletableFuture<Throwable>();
        var error = new OutOfMemoryError("no memory for the image");
        try (var feed =
                new ImageFeed(
                        _ -> {
                            throw error;
                        },
                        (_, cause) -> told.complete(cause))) {
            feed.start();

            feed.onSnapshot(ClusterImage.EMPTY);

            assertThat(told.orTimeout(20, TimeUnit.SECONDS).join()).isSameAs(error);
        }
    }
}
