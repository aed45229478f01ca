// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.logging.Escape;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes the JSON that scripts rely on: one line, keys in the order they were put.
final class Json {

    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    private Json() {}

    static Json object() {
        return new Json();
    }

    /// Adds a field: a string, a number, a boolean, a [Json], a list of these, or null.
    Json put(String name, @Nullable Object value) {
        fields.put(name, value);
        return this;
    }

    /// The object on one line.
    @Override
    public String toString() {
        var out = new StringBuilder();
        write(out, this);
        return out.toString();
    }

    private static void write(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Json json -> writeObject(out, json);
            case List<?> list -> writeArray(out, list);
            case Boolean flag -> out.append(flag.booleanValue());
            case Double number -> out.append(number(number));
            case Number number -> out.append(number);
            default -> string(out, value.toString());
        }
    }

    private static void writeObject(StringBuilder out, Json json) {
        out.append('{');
        var separator = "";
        for (var field : json.fields.entrySet()) {
            out.append(separator);
            string(out, field.getKey());
            out.append(':');
            write(out, field.getValue());
            separator = ",";
        }
        out.append('}');
    }

    private static void writeArray(StringBuilder out, List<?> list) {
        out.append('[');
        var separator = "";
        for (var item : list) {
            out.append(separator);
            write(out, item);
            separator = ",";
        }
        out.append(']');
    }

    /// JSON has no NaN; three decimals are what a measurement here can carry.
    private static String number(double number) {
        return Double.isFinite(number)
                ? BigDecimal.valueOf(number)
                        .setScale(3, RoundingMode.HALF_UP)
                        .stripTrailingZeros()
                        .toPlainString()
                : "null";
    }

    private static void string(StringBuilder out, String text) {
        out.append('"').append(Escape.json(text)).append('"');
    }
}
