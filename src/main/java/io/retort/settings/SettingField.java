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
 * @param type    of its values
 */
public record SettingField(List<RecordComponent> path, Setting setting, SettingType type) {
    /** Its name in files and, after two dashes, on command lines. */
    public String key() {
        return key(path.getLast());
    }

    /** Whether results depend on it. */
    public boolean decides() {
        return setting.decides();
    }

    /** Its value in a record, null if it has none. */
    public Object of(Record settings) {
        Object value = settings;
        for (RecordComponent component : path) value = value == null ? null : read(component, value);
        return value;
    }

    static String key(RecordComponent component) {
        String key = component.getAnnotation(Setting.class).key();
        return key.isEmpty()
                ? component.getName().replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT)
                : key;
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
