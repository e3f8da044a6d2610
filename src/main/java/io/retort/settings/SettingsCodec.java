package io.retort.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads and writes one kind of settings record as a JSON object with one key a setting. Components that are records of
 * settings themselves are groups: their settings stand in the same object, under their own keys.
 *
 * <p>A record of settings has a static method {@code defaults()}; a key that is absent keeps its default. {@code null}
 * stands for a setting without a value.
 *
 * @param <T> the record
 */
public final class SettingsCodec<T extends Record> {
    private final Class<T> type;
    private final SequencedMap<String, SettingField> fields;

    private SettingsCodec(Class<T> type, SequencedMap<String, SettingField> fields) {
        this.type = type;
        this.fields = fields;
    }

    /**
     * The codec of a record.
     *
     * @throws IllegalArgumentException if a component has no {@link Setting}, a type that settings do not have, or a key
     *                                  of another
     */
    public static <T extends Record> SettingsCodec<T> of(Class<T> type) {
        SequencedMap<String, SettingField> fields = new LinkedHashMap<>();
        collect(type, List.of(), fields);
        return new SettingsCodec<>(type, Collections.unmodifiableSequencedMap(fields));
    }

    private static void collect(Class<?> type, List<RecordComponent> path, SequencedMap<String, SettingField> fields) {
        for (RecordComponent component : type.getRecordComponents()) {
            List<RecordComponent> here = new ArrayList<>(path);
            here.add(component);
            Setting setting = component.getAnnotation(Setting.class);
            if (setting == null) {
                if (!component.getType().isRecord()) {
                    throw new IllegalArgumentException(type.getName() + "." + component.getName() + " has no @Setting");
                }
                collect(component.getType(), here, fields);
                continue;
            }
            SettingField field = new SettingField(List.copyOf(here), setting, SettingType.of(component));
            if (fields.put(field.key(), field) != null) {
                throw new IllegalArgumentException("two settings of " + type.getName() + " are called " + field.key());
            }
        }
    }

    /** The settings with their defaults. */
    public T defaults() {
        try {
            return type.cast(type.getMethod("defaults").invoke(null));
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(type.getName() + ".defaults() fails", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName() + " has no public static defaults()", e);
        }
    }

    /** All settings by key, in the order of the record. */
    public SequencedMap<String, SettingField> fields() {
        return fields;
    }

    /** Keys of settings on which results depend. */
    public Set<String> deciding() {
        Set<String> keys = new TreeSet<>();
        fields.forEach((key, field) -> {
            if (field.decides()) keys.add(key);
        });
        return keys;
    }

    /** Writes all settings, defaults included; those without a value are left out. */
    public ObjectNode write(T settings) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        fields.forEach((key, field) -> {
            Object value = field.of(settings);
            if (value != null) root.set(key, field.type().write(value));
        });
        return root;
    }

    /**
     * Reads settings; absent keys have the value of {@code base}.
     *
     * @param file told in errors
     * @throws BadInput if a key is unknown, with the one that was perhaps meant, or a value is not of its kind or range
     */
    public T read(ObjectNode root, T base, Path file) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            SettingField field = fields.get(entry.getKey());
            if (field == null) throw unknown(entry.getKey(), file);
            values.put(field.key(), field.type().read(field.key(), entry.getValue(), file));
        }
        try {
            return with(base, values);
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "correct the value").causedBy(e);
        }
    }

    private BadInput unknown(String key, Path file) {
        return BadInput.in(file, "unknown key \"" + key + "\"", nearest(key, fields.keySet())
                .map(name -> "did you mean \"" + name + "\"?")
                .orElse("the keys are: " + String.join(", ", fields.keySet())));
    }

    /**
     * The same settings but for some.
     *
     * @param values by key; null where a setting shall have no value
     * @throws IllegalArgumentException if a key is unknown, or the record refuses a value
     */
    public T with(T base, Map<String, Object> values) {
        for (String key : values.keySet()) {
            if (!fields.containsKey(key)) throw new IllegalArgumentException("there is no setting " + key);
        }
        return type.cast(rebuilt(type, base, List.of(), values));
    }

    private Object rebuilt(Class<?> record, Object base, List<RecordComponent> path, Map<String, Object> values) {
        RecordComponent[] components = record.getRecordComponents();
        Object[] arguments = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            List<RecordComponent> here = new ArrayList<>(path);
            here.add(components[i]);
            types[i] = components[i].getType();
            Object value = SettingField.read(components[i], base);
            if (components[i].getAnnotation(Setting.class) == null) {
                arguments[i] = rebuilt(types[i], value, here, values);
            } else {
                String key = SettingField.key(components[i]);
                arguments[i] = values.containsKey(key) ? values.get(key) : value;
            }
        }
        try {
            var constructor = record.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) throw refused;
            throw new IllegalArgumentException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(record.getName() + " cannot be made", e);
        }
    }

    /** The name that takes the fewest changes of letters, if these are few. */
    public static Optional<String> nearest(String key, Collection<String> names) {
        return names.stream().min(Comparator.comparingInt(name -> distance(key, name)))
                .filter(name -> distance(key, name) <= Math.max(2, key.length() / 2));
    }

    /** The Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) last[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int[] next = new int[b.length() + 1];
            next[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(change, 1 + Math.min(last[j], next[j - 1]));
            }
            last = next;
        }
        return last[b.length()];
    }
}
