package io.retort.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;

/**
 * One setting of a record, or of a group within it.
 *
 * @param path    components from the outermost record to the setting
 * @param setting what is said of it
 * @param type    the kind of its values
 */
public record SettingField(List<RecordComponent> path, Setting setting, SettingType type) {
    /** The setting's name in files and, after two dashes, on command lines. */
    public String key() {
        return key(path);
    }

    /**
     * What stands before the setting's own name because of the groups that it is in; empty for a setting that is called
     * by its name alone.
     */
    public String prefix() {
        return prefix(path);
    }

    /** Whether results depend on the setting; one that decides nothing may differ when a run is resumed. */
    public boolean decides() {
        return setting.decides();
    }

    /** Whether the setting cannot be left without a value, because its type has none that means "not set". */
    boolean alwaysHasAValue() {
        return path.getLast().getType().isPrimitive();
    }

    /** The setting's value in a settings record; null if it has none. */
    public Object of(Record settings) {
        Object value = settings;
        for (RecordComponent component : path) value = value == null ? null : read(component, value);
        return value;
    }

    /** The key of the setting at the end of a path. */
    static String key(List<RecordComponent> path) {
        String key = path.getLast().getAnnotation(Setting.class).key();
        return prefix(path) + (key.isEmpty() ? dashed(path.getLast().getName()) : key);
    }

    /** The prefixes of all groups on a path, the outermost first. */
    static String prefix(List<RecordComponent> path) {
        StringBuilder prefix = new StringBuilder();
        for (RecordComponent component : path) {
            SettingGroup group = component.getAnnotation(SettingGroup.class);
            if (group != null) prefix.append(group.prefix());
        }
        return prefix.toString();
    }

    static String dashed(String name) {
        return name.replaceAll("([A-Z])([A-Z][a-z])", "$1-$2").replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }

    static Object read(RecordComponent component, Object record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
