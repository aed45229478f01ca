// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A whole image to bytes and back: the content of a snapshot, without file names or syncing.
///
/// The same image always gives the same bytes. Layout: `docs/formats.md`, "Metadata records".
public final class ImageSnapshotCodec {

    private ImageSnapshotCodec() {}

    /// Writes `image`, its offset and activation included. Neither flushes nor closes `out`.
    ///
    /// @throws IOException if `out` fails
    public static void write(ClusterImage image, OutputStream out) throws IOException {
        throw new UnsupportedOperationException(image + " " + out);
    }

    /// Reads what [#write] wrote, to its end marker. Does not close `in`.
    ///
    /// @throws IOException if `in` fails
    /// @throws dev.weir.metadata.UnknownRecordException if a record's type or version is unknown
    /// @throws dev.weir.metadata.MalformedMetadataException if the bytes are no whole snapshot
    public static ClusterImage read(InputStream in) throws IOException {
        throw new UnsupportedOperationException("" + in);
    }
}
