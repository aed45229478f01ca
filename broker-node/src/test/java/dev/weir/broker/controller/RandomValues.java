// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.controller;

import dev.weir.metadata.record.PartitionState;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// Makes instances of records and sealed interfaces from what their declarations say, so that a new
/// one is covered without anybody having thought of it.
final class RandomValues {

    private final Random random;

    RandomValues(long seed) {
        random = new Random(seed);
    }

    /// Every concrete type below a sealed interface.
    static List<Class<?>> concrete(Class<?> sealed) {
        if (!sealed.isSealed()) {
            return List.of(sealed);
        }
        return Arrays.stream(sealed.getPermittedSubclasses())
                .flatMap(permitted -> concrete(permitted).stream())
                .toList();
    }

    /// One random value of a type.
    Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            return collection((Class<?>) generic.getRawType(), generic.getActualTypeArguments());
        }
        var raw = (Class<?>) type;
        if (raw == PartitionState.class) {
            return partitionState();
        }
        if (raw == int.class || raw == Integer.class) {
            return 1 + random.nextInt(60_000);
        }
        if (raw == long.class) {
            return random.nextLong(Long.MAX_VALUE);
        }
        if (raw == boolean.class) {
            return random.nextBoolean();
        }
        if (raw == String.class) {
            return "text-é-" + random.nextInt();
        }
        if (raw == UUID.class) {
            return new UUID(random.nextLong(), random.nextLong());
        }
        if (raw == OptionalInt.class) {
            return random.nextBoolean()
                    ? OptionalInt.of(random.nextInt(1_000))
                    : OptionalInt.empty();
        }
        if (raw.isEnum()) {
            return any(List.of(raw.getEnumConstants()));
        }
        return raw.isSealed() ? value(any(concrete(raw))) : instance(raw);
    }

    private Object collection(Class<?> raw, Type[] arguments) {
        int size = random.nextInt(4) + 1;
        if (raw == Optional.class) {
            return random.nextBoolean() ? Optional.of(value(arguments[0])) : Optional.empty();
        }
        if (raw == List.class) {
            var list = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                list.add(value(arguments[0]));
            }
            return list;
        }
        if (raw == SortedSet.class) {
            var set = new TreeSet<>();
            for (int i = 0; i < size; i++) {
                set.add(value(arguments[0]));
            }
            return set;
        }
        if (raw == SortedMap.class) {
            var map = new TreeMap<>();
            for (int i = 0; i < size; i++) {
                map.put(value(arguments[0]), value(arguments[1]));
            }
            return map;
        }
        throw new IllegalStateException("no values of " + raw);
    }

    private Object instance(Class<?> type) {
        var components = type.getRecordComponents();
        var types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var values = Arrays.stream(components).map(component -> value(component.getGenericType()));
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type.getName(), e);
        }
    }

    private PartitionState partitionState() {
        var ids = List.of(4, 1, 9, 7);
        var directories = ids.stream().map(_ -> (UUID) value(UUID.class)).toList();
        return new PartitionState(
                ids,
                directories,
                List.of(4, 1),
                List.of(9),
                List.of(7),
                random.nextBoolean() ? OptionalInt.of(1) : OptionalInt.empty(),
                random.nextInt(100),
                random.nextInt(100),
                random.nextBoolean());
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
