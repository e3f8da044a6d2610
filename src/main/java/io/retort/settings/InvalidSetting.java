package io.retort.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A value that a settings record does not take. It names the parameter, so that whoever read the value from a file or a
 * command line can say where it stands there.
 */
public final class InvalidSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private static final Pattern QUOTED = Pattern.compile("\"([a-z0-9-]+)\"");

    private final String parameter;
    private final String value;
    private final String remedy;

    /**
     * A value with what is wrong about it.
     *
     * @param parameter the record's component
     * @param value     what it is; null, an empty text, list or optional is told as missing
     * @param problem   what is wrong, going on after the value such as "which needs validations"; empty if the remedy
     *                  says all
     * @param remedy    what to do, in which keys of other settings stand in double quotes
     */
    public InvalidSetting(String parameter, Object value, String problem, String remedy) {
        this(parameter, told(value) + (problem.isEmpty() ? "" : ", " + problem), remedy);
    }

    private InvalidSetting(String parameter, String value, String remedy) {
        super(parameter + " is " + value + "; " + remedy);
        this.parameter = parameter;
        this.value = value;
        this.remedy = remedy;
    }

    private static String told(Object value) {
        return switch (value) {
            case null -> "missing";
            case Optional<?> optional -> optional.map(InvalidSetting::told).orElse("missing");
            case Collection<?> list when list.isEmpty() -> "missing";
            case String text when text.isEmpty() -> "missing";
            default -> SettingType.text(value);
        };
    }

    /**
     * Refuses a value unless a condition holds.
     *
     * @throws InvalidSetting if it does not
     */
    public static void unless(boolean holds, String parameter, Object value, String remedy) {
        if (!holds) throw new InvalidSetting(parameter, value, "", remedy);
    }

    /**
     * The same refusal as a record says it in which this setting's group has a prefix.
     *
     * @param prefix of the group's keys, such as {@code train-}
     * @param keys   that the record knows: those of the group's that the remedy names get the prefix as well
     */
    InvalidSetting within(String prefix, Set<String> keys) {
        StringBuilder name = new StringBuilder();
        for (String part : (prefix + SettingField.dashed(parameter)).split("-")) {
            name.append(name.isEmpty() ? part : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
        }
        String renamed = QUOTED.matcher(remedy).replaceAll(
                match -> '"' + (keys.contains(prefix + match.group(1)) ? prefix : "") + match.group(1) + '"');
        InvalidSetting told = new InvalidSetting(name.toString(), value, renamed);
        told.initCause(this);
        return told;
    }

    /** The component of the settings record that refused its value. */
    public String parameter() {
        return parameter;
    }

    /** The refused value as text, followed by what is wrong about it. */
    public String value() {
        return value;
    }

    /** What the user is to do about the refused value. */
    public String remedy() {
        return remedy;
    }
}
