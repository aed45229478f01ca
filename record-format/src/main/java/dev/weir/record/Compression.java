// SPDX-License-Identifier: Apache-2.0
package dev.weir.record;

import java.util.Locale;
import java.util.Optional;

/// Codec of a batch's records, in the framing that Kafka's clients use.
public enum Compression {
    NONE(0),
    /// RFC 1952, by the JDK.
    GZIP(1),
    /// Blocks in snappy-java's stream framing; a bare block is read as well.
    SNAPPY(2),
    /// LZ4 frame format with independent blocks.
    LZ4(3),
    /// RFC 8878.
    ZSTD(4);

    private static final Compression[] BY_ID = values();

    private final int id;

    Compression(int id) {
        this.id = id;
    }

    /// The codec's number in bits 0-2 of a batch's attributes.
    public int id() {
        return id;
    }

    /// The name that configuration and command line use: lower case.
    public String lowerCaseName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The codec with a number.
    ///
    /// @param id as in the attributes' low three bits
    /// @return empty for a number that names no codec
    public static Optional<Compression> forId(int id) {
        return id >= 0 && id < BY_ID.length ? Optional.of(BY_ID[id]) : Optional.empty();
    }

    /// The codec with a name.
    ///
    /// @param name in any case
    /// @return empty for an unknown name
    public static Optional<Compression> forName(String name) {
        for (var compression : BY_ID) {
            if (compression.name().equalsIgnoreCase(name)) {
                return Optional.of(compression);
            }
        }
        return Optional.empty();
    }
}
