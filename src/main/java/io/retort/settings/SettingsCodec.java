package io.retort.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
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
 * <p>A record of settings has a static method {@code defaults()}; a key that is absent keeps its default. A setting that
 * may have no value is an {@link Optional}, or null; it is left out of the object, and {@code null} there stands for it;
 * for other settings {@code null} stands for the default.
 *
 * @param <T> the record
 */
public final class SettingsCodec<T extends Record> {
    private final Class<T> type;
    private final SequencedMap<String, SettingField> fields;
    private final Map<String, String> withheld; // by key that cannot be set here: what to do instead
    private final Set<String> former;

    private SettingsCodec(Class<T> type, SequencedMap<String, SettingField> fields, Map<String, String> withheld) {
        this.type = type;
        this.fields = Collections.unmodifiableSequencedMap(fields);
        this.withheld = Map.copyOf(withheld);
        FormerSettings names = type.getAnnotation(FormerSettings.class);
        this.former = names == null ? Set.of() : Set.of(names.value());
    }

    /**
     * The codec of a record.
     *
     * @throws IllegalArgumentException if a component has no {@link Setting}, a type that settings do not have, or a key
     *                                  of another
     */
    public static <T extends Record> SettingsCodec<T> of(Class<T> type) {
        SequencedMap<String, SettingField> fields = new LinkedHashMap<>();
        Map<String, String> withheld = new LinkedHashMap<>();
        collect(type, List.of(), fields, withheld);
        return new SettingsCodec<>(type, fields, withheld);
    }

    private static void collect(Class<?> type, List<RecordComponent> path, SequencedMap<String, SettingField> fields,
            Map<String, String> withheld) {
        for (RecordComponent component : type.getRecordComponents()) {
            List<RecordComponent> here = new ArrayList<>(path);
            here.add(component);
            Setting setting = component.getAnnotation(Setting.class);
            if (setting == null) {
                if (!component.getType().isRecord()) {
                    throw new IllegalArgumentException(type.getName() + "." + component.getName() + " has no @Setting");
                }
                SettingGroup group = component.getAnnotation(SettingGroup.class);
                if (group != null) {
                    String prefix = SettingField.prefix(here);
                    for (String key : group.without()) withheld.put(prefix + key, group.instead());
                }
                collect(component.getType(), here, fields, withheld);
                continue;
            }
            SettingField field = new SettingField(List.copyOf(here), setting, SettingType.of(component));
            if (withheld.containsKey(field.key())) continue;
            if (fields.put(field.key(), field) != null) {
                throw new IllegalArgumentException("two settings of " + type.getName() + " are called " + field.key());
            }
        }
    }

    /** A settings record in which every setting has its default. */
    public T defaults() {
        try {
            Method defaults = type.getDeclaredMethod("defaults");
            defaults.setAccessible(true);
            return type.cast(defaults.invoke(null));
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(type.getName() + ".defaults() fails", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName() + " has no static defaults()", e);
        }
    }

    /** All settings by their keys, in the order of the record's components. */
    public SequencedMap<String, SettingField> fields() {
        return fields;
    }

    /** The keys of those settings on which results depend. */
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
            if (value instanceof Optional<?> optional) value = optional.orElse(null);
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
        try {
            return with(base, values(root, file));
        } catch (InvalidSetting e) {
            throw BadInput.in(file, "\"" + key(e) + "\" is " + e.value(), e.remedy()).causedBy(e);
        } catch (IllegalArgumentException e) {
            throw BadInput.in(file, e.getMessage(), "correct the value").causedBy(e);
        }
    }

    /**
     * Reads the values of settings alone, by key, as {@link #with} takes them.
     *
     * @param file told in errors
     * @throws BadInput if a key is unknown, with the one that was perhaps meant, or a value is not of its kind
     */
    public Map<String, Object> values(ObjectNode root, Path file) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            SettingField field = fields.get(entry.getKey());
            boolean isDefault = field != null && entry.getValue().isNull() && field.alwaysHasAValue();
            if (isDefault) continue;
            if (field != null) values.put(field.key(), field.type().read(field.key(), entry.getValue(), file));
            else if (!former.contains(entry.getKey())) throw unknown(entry.getKey(), file);
        }
        return values;
    }

    private BadInput unknown(String key, Path file) {
        if (withheld.containsKey(key)) return BadInput.in(file, "\"" + key + "\" is no key here", withheld.get(key));
        return BadInput.in(file, "unknown key \"" + key + "\"", nearest(key, fields.keySet())
                .map(name -> "did you mean \"" + name + "\"?")
                .orElse("the keys are: " + String.join(", ", fields.keySet())));
    }

    /** Whether a file may hold the key: that of a setting, one that is withheld, or one of an earlier version. */
    public boolean knows(String key) {
        return fields.containsKey(key) || withheld.containsKey(key) || former.contains(key);
    }

    /** The key, as files and command lines have it, of the setting whose value was refused. */
    public String key(InvalidSetting refusal) {
        return fields.values().stream()
                .filter(field -> field.path().getLast().getName().equals(refusal.parameter())).findFirst()
                .map(SettingField::key).orElse(SettingField.dashed(refusal.parameter()));
    }

    /**
     * Settings as this version writes them, whichever version wrote them: settings that have come since have their
     * defaults.
     *
     * @param file told in errors
     */
    public ObjectNode rewrite(ObjectNode root, Path file) {
        return write(read(root, defaults(), file));
    }

    /**
     * A copy of settings with some values replaced.
     *
     * @param values by key, of the types of the components; empty or null where a setting shall have no value
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
                String key = SettingField.key(here);
                arguments[i] = values.containsKey(key) && !withheld.containsKey(key) ? values.get(key) : value;
            }
        }
        try {
            var constructor = record.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            String prefix = SettingField.prefix(path);
            if (e.getCause() instanceof InvalidSetting refused && !prefix.isEmpty()) {
                throw refused.within(prefix, fields.keySet());
            }
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

    /** The Levenshtein distance: the fewest insertions, deletions and replacements of letters that make b of a. */
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
