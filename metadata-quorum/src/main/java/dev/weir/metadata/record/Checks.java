// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.record;

import java.util.List;

/// Bounds that hold for every record, whether it was decided here or read from bytes.
final class Checks {

    private Checks() {}

    static void atLeast(long least, long value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(what + " " + value + " < " + least);
        }
    }

    static void notEmpty(String value, String what) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(what + " is empty");
        }
    }

    static <T> List<T> distinct(List<T> values, String what) {
        if (values.stream().distinct().count() != values.size()) {
            throw new IllegalArgumentException(what + " names one twice: " + values);
        }
        return List.copyOf(values);
    }
}
